#include "api/cookie.h"

#include <algorithm>

#include "http/message.h"

namespace vigie::api {

Cookie make_cookie(std::string_view name, bool secure, bool strict) {
  return {.name = (secure ? "__Host-" : "") + std::string(name), .strict = strict, .secure = secure};
}

std::string set_cookie(const Cookie& cookie, std::string_view value, std::chrono::seconds life) {
  std::string text = cookie.name + "=";
  text.append(value).append("; Path=/; Max-Age=").append(std::to_string(life.count()));
  text += cookie.strict ? "; HttpOnly; SameSite=Strict" : "; HttpOnly; SameSite=Lax";
  if (cookie.secure) text += "; Secure";
  return text;
}

std::string_view cookie_value(std::string_view cookies, std::string_view name) {
  while (!cookies.empty()) {
    const auto end = std::min(cookies.find(';'), cookies.size());
    const std::string_view pair = http::trimmed(cookies.substr(0, end));
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
      return pair.substr(name.size() + 1);
    }
    cookies.remove_prefix(std::min(end + 1, cookies.size()));
  }
  return {};
}

}  // namespace vigie::api
