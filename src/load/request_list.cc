#include "load/request_list.h"

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "base/version.h"
#include "load/payload_file.h"

namespace vigie::load {
namespace {

// A round is long enough that no server answers from a cache of a few, and small enough for this machine's own caches.
constexpr std::size_t kRound = 4096;
constexpr std::size_t kLongestRound = std::size_t{1} << 20;

bool same_name(std::string_view name, std::string_view lower_case) {
  return std::ranges::equal(name, lower_case, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + ('a' - 'A')) : a) == b;
  });
}

bool names_field(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char byte) {
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(byte) != std::string_view::npos;
  });
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(
      text, [](char byte) { return (static_cast<unsigned char>(byte) < ' ' && byte != '\t') || byte == '\x7f'; });
}

Request render(const Target& target, const Share& share, const Payload& payload, const RequestHeaders& headers) {
  const Route route = share.route;
  Request request;
  request.route = route;
  std::string& bytes = request.bytes;
  bytes = (has_body(route) ? "POST " : "GET ") + target.prefix + share.where() + " HTTP/1.1\r\nHost: " + target.host +
          "\r\nUser-Agent: vigie-load/" + std::string(kVersion) + "\r\n";
  if (!headers.token.empty()) bytes += "Authorization: Bearer " + headers.token + "\r\n";
  for (const std::string& field : headers.fields) bytes += field + "\r\n";
  if (has_body(route)) {
    bytes += "Content-Type: application/json\r\nContent-Length: " + std::to_string(payload.json.size()) + "\r\n";
  }
  bytes += "\r\n";
  if (payload.serial_at > 0) request.serial_at = bytes.size() + payload.serial_at;
  bytes += payload.json;
  return request;
}

// Which route stands where in a round of `size`: shares by their weights, shuffled.
std::vector<const Share*> spread(const std::vector<Share>& mix, std::size_t size, std::uint64_t seed) {
  double sum = 0;
  for (const Share& share : mix) sum += share.weight;
  std::vector<const Share*> routes;
  double until = 0;
  for (const Share& share : mix) {
    until += share.weight / sum * static_cast<double>(size);
    const auto end = &share == &mix.back() ? size : static_cast<std::size_t>(std::llround(until));
    // The rarest route is there as well.
    routes.resize(std::max(end, routes.size() + 1), &share);
  }
  Random(seed, kRoutes).shuffle(std::span(routes));
  return routes;
}

}  // namespace

Status check(const RequestHeaders& headers) {
  if (has_control(headers.token) || headers.token.find(' ') != std::string::npos) {
    return fail(Code::kInvalidArgument, "the token has a space or a control character", {},
                "give the token alone, without \"Bearer\"");
  }
  for (const std::string& field : headers.fields) {
    const std::size_t colon = std::min(field.find(':'), field.size());
    const std::string_view name = std::string_view(field).substr(0, colon);
    if (colon == field.size() || !names_field(name) || has_control(field)) {
      return fail(Code::kInvalidArgument, "a header is not of the form Name: value", {.field = "--header"},
                  "write it as in 'X-Tenant: north'");
    }
    if (same_name(name, "authorization") || same_name(name, "proxy-authorization") || same_name(name, "cookie")) {
      return fail(Code::kInvalidArgument, "secrets do not belong into a command line, which others can read",
                  {.field = "--header"}, "put the token into a file and give --token-file, or set VIGIE_TOKEN");
    }
    for (const std::string_view own : {"host", "content-length", "content-type", "transfer-encoding", "connection",
                                       "expect", "upgrade", "user-agent"}) {
      if (same_name(name, own)) {
        return fail(Code::kInvalidArgument, "the header " + std::string(name) + " is the generator's own",
                    {.field = "--header"}, "leave it out");
      }
    }
  }
  return {};
}

Result<Recorded> read_recorded(const std::vector<std::string>& options, const std::vector<Share>& mix) {
  Recorded recorded;
  for (const std::string& option : options) {
    const std::size_t equals = option.find('=');
    const auto named =
        equals == std::string::npos ? std::nullopt : find_route(std::string_view(option).substr(0, equals));
    std::vector<Route> fitting;
    for (const Share& share : mix) {
      if (has_body(share.route) && (!named || share.route == *named)) fitting.push_back(share.route);
    }
    if (fitting.size() != 1) {
      return fail(
          Code::kInvalidArgument,
          fitting.empty() ? "the mix has no route for these payloads" : "it is not said for which route they are",
          {.field = "--payloads"}, "write ROUTE=FILE with a route of --mix that has a body");
    }
    auto& list = recorded[static_cast<std::size_t>(fitting.front())];
    if (!list.empty()) {
      return fail(Code::kInvalidArgument, "two files for one route", {.field = "--payloads"}, "put them together");
    }
    list = VIGIE_TRY(read_payloads(named ? option.substr(equals + 1) : option));
  }
  return recorded;
}

std::vector<Request> make_requests(const Target& target, const LoadPlan& plan, const RequestHeaders& headers,
                                   const Recorded& recorded, std::uint64_t seed) {
  // Long enough that every recorded body is sent, where one route has them all.
  std::size_t size = kRound;
  for (const auto& list : recorded) size = std::clamp(list.size(), size, kLongestRound);
  if (plan.mix.size() == 1 && !recorded[static_cast<std::size_t>(plan.mix.front().route)].empty()) {
    size = std::min(recorded[static_cast<std::size_t>(plan.mix.front().route)].size(), kLongestRound);
  }
  std::vector<std::optional<PayloadSource>> sources(kRoutes);
  std::array<std::size_t, kRoutes> next{};
  std::vector<Request> requests;
  requests.reserve(size);
  for (const Share* const share : spread(plan.mix, size, seed)) {
    const Route route = share->route;
    const auto index = static_cast<std::size_t>(route);
    if (!has_body(route)) {
      requests.push_back(render(target, *share, {}, headers));
    } else if (!recorded[index].empty()) {
      requests.push_back(render(target, *share, recorded[index][next[index]++ % recorded[index].size()], headers));
    } else {
      if (!sources[index]) sources[index].emplace(route, PayloadOptions{.seed = seed});
      requests.push_back(render(target, *share, sources[index]->next(), headers));
    }
  }
  return requests;
}

}  // namespace vigie::load
