// A signed token as it came (JWS compact serialization, RFC 7515, section 7.1), taken apart and not yet believed.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "identity/algorithm.h"
#include "identity/refusal.h"

namespace vigie::identity {

// Of a request. Tokens of Keycloak with a hundred roles have 4 KiB.
inline constexpr std::size_t kLongestToken = 16 * 1024;

struct Token {
  Algorithm algorithm;
  std::string key_id;            // kid; empty: none
  std::string type;              // typ in lower case, without "application/"; empty: none
  std::string_view signed_part;  // of the text that was parsed: header and payload
  std::string payload;           // decoded
  std::string signature;         // decoded
};

// Whether it is of the form that a bearer token has (RFC 6750, 2.1: b64token, which no space, quote or control byte is
// in), at most kLongestToken long, and does not pretend to be signed: three parts with dots between are a signed token
// or nothing, lest one that is refused here were good to an issuer that reads less strictly.
bool is_opaque(std::string_view text);

// Refuses what could mean two things to two readers (members that stand twice, unused bits, spaces), headers that say
// which key to believe (jku, jwk, x5u, x5c), critical extensions (none is understood), unencoded payloads (RFC 7797)
// and algorithms that are not in the list.
std::expected<Token, Refusal> parse_token(std::string_view text);

}  // namespace vigie::identity
