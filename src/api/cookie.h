// Cookies, as RFC 6265 (and its revision, draft-ietf-httpbis-rfc6265bis) has them.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace vigie::api {

struct Cookie {
  std::string name;
  bool strict = true;  // goes out for pages of this server alone; otherwise also where a link from elsewhere leads here
  bool secure = true;  // goes over TLS alone
};

// With the prefix that keeps other hosts of the domain from setting it, where that can be had: over TLS.
Cookie make_cookie(std::string_view name, bool secure, bool strict);

// The value of a Set-Cookie field: no script reads it. An empty value and no time end the cookie.
std::string set_cookie(const Cookie& cookie, std::string_view value, std::chrono::seconds life);

// What a Cookie field says of `name`; empty where it says nothing.
std::string_view cookie_value(std::string_view cookies, std::string_view name);

}  // namespace vigie::api
