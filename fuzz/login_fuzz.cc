// What browsers bring back: cookies, and the attempt to log in that one of them holds; and limits as people write them.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "api/cookie.h"
#include "http/message.h"
#include "identity/authorization_code.h"
#include "identity/rate_rule.h"

namespace {

// The obvious way: split at each ';', the first pair of that name wins.
std::string_view slow_value(std::string_view cookies, std::string_view name) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= cookies.size(); ++i) {
    if (i < cookies.size() && cookies[i] != ';') continue;
    const std::string_view pair = vigie::http::trimmed(cookies.substr(begin, i - begin));
    begin = i + 1;
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
  }
  return {};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const std::string_view name : {"vigie_session", "a"}) {
    if (vigie::api::cookie_value(text, name) != slow_value(text, name)) std::abort();
  }
  if (const auto attempt = vigie::identity::LoginAttempt::parse(text)) {
    if (attempt->to_text() != text) std::abort();
  }
  if (const auto limit = vigie::identity::parse_rate_limit(text)) {
    if (!vigie::identity::RateLimiter::make(*limit, 1)) std::abort();
    if (!vigie::identity::parse_rate_rule("* * " + std::string(text))) std::abort();
  }
  return 0;
}
