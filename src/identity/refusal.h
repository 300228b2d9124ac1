// Why a request is not let in: one table for metrics, audit events and what the client is told.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace vigie::identity {

enum class Refusal : std::uint8_t {
  kMissing,
  kScheme,
  kTooLong,
  kForm,
  kHeader,
  kOwnKey,
  kAlgorithm,
  kType,
  kUnknownKey,
  kWrongKey,
  kSignature,
  kClaims,
  kIssuer,
  kAudience,
  kParty,
  kExpired,
  kNotYetValid,
  kRevoked,
  kNoKeys,
};

struct RefusalText {
  std::string_view name;         // as a metric's label
  std::string_view description;  // error_description of RFC 6750: tells nothing that the bearer does not know
};

inline constexpr std::array<RefusalText, 19> kRefusals = {{
    {"missing", "no token"},
    {"scheme", "only Bearer tokens are taken"},
    {"too_long", "the token is too long"},
    {"form", "not a signed token (JWS compact serialization)"},
    {"header", "the token's header cannot be read"},
    {"own_key", "the token names its own key"},
    {"algorithm", "the token is signed with an algorithm that is not taken"},
    {"type", "not an access token"},
    {"unknown_key", "the token is signed with a key that its issuer does not publish"},
    {"wrong_key", "the key that the token names is not for its algorithm"},
    {"signature", "the token's signature is wrong"},
    {"claims", "the token's claims cannot be read"},
    {"issuer", "the token is of another issuer"},
    {"audience", "the token is for another audience"},
    {"party", "the token was issued to a client that is not let in"},
    {"expired", "the token has expired"},
    {"not_yet_valid", "the token is not valid yet"},
    {"revoked", "the token has been revoked"},
    {"no_keys", "the issuer's keys could not be had yet"},
}};

// Whether it is nobody's fault but the issuer's: 503, and the same token may be let in later.
constexpr bool is_temporary(Refusal refusal) { return refusal == Refusal::kNoKeys; }

constexpr const RefusalText& text_of(Refusal refusal) { return kRefusals[static_cast<std::size_t>(refusal)]; }

}  // namespace vigie::identity
