#include "http/cors.h"

#include <algorithm>

#include "base/number.h"

namespace vigie::http {
namespace {

constexpr std::string_view kAny = "*";

// What is left of `authority` behind its host: nothing, or ":8080". `authority` itself where it has no such host.
std::string_view behind_host(std::string_view authority) {
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    const std::string_view address = authority.substr(1, end == std::string_view::npos ? end : end - 1);
    const bool v6 = address.find(':') != std::string_view::npos &&
                    address.find_first_not_of("0123456789abcdef:.") == std::string_view::npos;
    return v6 && end != std::string_view::npos ? authority.substr(end + 1) : authority;
  }
  const auto end = authority.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-_");
  return end == std::string_view::npos ? std::string_view() : authority.substr(end);
}

}  // namespace

bool is_cors_origin(std::string_view text) {
  if (text == kAny) return true;
  std::int64_t own_port = 0;
  for (const auto& [scheme, port] : {std::pair<std::string_view, std::int64_t>{"http://", 80}, {"https://", 443}}) {
    if (!text.starts_with(scheme)) continue;
    own_port = port;
    text.remove_prefix(scheme.size());
    break;
  }
  if (own_port == 0) return false;
  const std::string_view port = behind_host(text);
  if (port.size() == text.size()) return false;  // no host
  if (port.empty()) return true;
  const auto number = parse_int(port.substr(1));
  return port.front() == ':' && number && *number > 0 && *number <= 65'535 && *number != own_port &&
         port.substr(1) == std::to_string(*number);
}

Result<Cors> Cors::make(const CorsOptions& options) {
  Cors cors;
  for (const std::string& origin : options.origins) {
    if (!is_cors_origin(origin)) {
      return fail(Code::kInvalidArgument, "\"" + origin + "\" is no origin of web pages", {.field = "cors.origins"},
                  "write it as browsers do, like https://bank.example or http://localhost:3000, without a path");
    }
    cors.grants_.push_back({origin, "Access-Control-Allow-Origin: " + origin +
                                        "\r\nVary: Origin\r\n"
                                        "Access-Control-Expose-Headers: X-Request-Id, Server-Timing, Retry-After\r\n"});
  }
  cors.preflight_ =
      "Access-Control-Allow-Headers: Authorization, Content-Type, X-Request-Id, X-Server-Timing, Accept-Language, "
      "traceparent\r\n"
      "Access-Control-Max-Age: " +
      std::to_string(std::chrono::floor<std::chrono::seconds>(options.max_age).count()) + "\r\n";
  return cors;
}

std::string_view Cors::grant(std::string_view origin) const {
  if (origin.empty()) return {};
  const auto found =
      std::ranges::find_if(grants_, [&](const Grant& grant) { return grant.origin == origin || grant.origin == kAny; });
  return found == grants_.end() ? std::string_view() : found->lines;
}

std::string Cors::preflight(std::string_view methods) const {
  return "Access-Control-Allow-Methods: " + std::string(methods) + "\r\n" + preflight_;
}

}  // namespace vigie::http
