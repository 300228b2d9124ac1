#include "identity/freshness.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <ctime>
#include <string_view>

#include "http/message.h"

namespace vigie::identity {
namespace {

using std::chrono::seconds;

constexpr std::int64_t kMostSeconds = std::int64_t{1} << 31;  // what RFC 9111, 1.2.2 takes for "too large to hold"

// delta-seconds; too large is kMostSeconds, anything that is not digits only is nothing.
std::optional<std::int64_t> delta_seconds(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} ? std::min(value, kMostSeconds) : kMostSeconds;
}

// The next member of a list, up to a comma that is not in a quoted string; `list` goes on behind it.
std::string_view next_member(std::string_view& list) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < list.size() && (quoted || list[end] != ','); ++end) {
    if (list[end] == '"') quoted = !quoted;
    if (quoted && list[end] == '\\') ++end;
  }
  end = std::min(end, list.size());
  const std::string_view member = list.substr(0, end);
  list.remove_prefix(std::min(end + 1, list.size()));
  return http::trimmed(member);
}

struct Directives {
  bool never = false;  // no-store, no-cache
  std::optional<std::int64_t> max_age{};
};

Directives parse_cache_control(std::string_view list) {
  Directives out;
  while (!list.empty()) {
    const std::string_view member = next_member(list);
    const auto equals = std::min(member.find('='), member.size());
    const std::string_view name = http::trimmed(member.substr(0, equals));
    const std::string_view value = equals < member.size() ? http::trimmed(member.substr(equals + 1)) : "";
    if (http::equals_ignoring_case(name, "no-store") || http::equals_ignoring_case(name, "no-cache")) out.never = true;
    if (http::equals_ignoring_case(name, "max-age")) {
      const std::int64_t age = delta_seconds(value).value_or(0);
      out.max_age = std::min(age, out.max_age.value_or(age));  // of two the shorter
    }
  }
  return out;
}

std::optional<std::int64_t> unix_seconds(const std::string& date) {
  const std::time_t time = curl_getdate(date.c_str(), nullptr);
  if (time < 0) return std::nullopt;
  return std::int64_t{time};
}

}  // namespace

std::optional<seconds> fresh_for(const CacheFields& fields, WallTime now) {
  const Directives directives = parse_cache_control(fields.cache_control);
  if (directives.never) return seconds{0};
  std::int64_t lifetime = 0;
  if (directives.max_age) {
    lifetime = *directives.max_age;
  } else if (!fields.expires.empty()) {
    const auto end = unix_seconds(fields.expires);
    const auto begin = unix_seconds(fields.date).value_or(std::chrono::floor<seconds>(now).time_since_epoch().count());
    lifetime = end ? *end - begin : 0;
  } else {
    return std::nullopt;
  }
  const std::int64_t age = fields.age.empty() ? 0 : delta_seconds(fields.age).value_or(lifetime);
  return seconds{std::clamp<std::int64_t>(lifetime - age, 0, kMostSeconds)};
}

}  // namespace vigie::identity
