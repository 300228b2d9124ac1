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
  kInactive,
  kNoKeys,
  kUndecided,
};

struct RefusalText {
  std::string_view name;         // as a metric's label
  std::string_view description;  // error_description of RFC 6750: tells nothing that the bearer does not know
  std::string_view french;
};

inline constexpr std::array<RefusalText, 21> kRefusals = {{
    {"missing", "no token", "aucun jeton"},
    {"scheme", "only Bearer tokens are taken", "seuls les jetons Bearer sont acceptés"},
    {"too_long", "the token is too long", "le jeton est trop long"},
    {"form", "not a signed token (JWS compact serialization)", "ce n'est pas un jeton signé (JWS compact)"},
    {"header", "the token's header cannot be read", "l'en-tête du jeton est illisible"},
    {"own_key", "the token names its own key", "le jeton désigne sa propre clé"},
    {"algorithm", "the token is signed with an algorithm that is not taken",
     "le jeton est signé par un algorithme qui n'est pas accepté"},
    {"type", "not an access token", "ce n'est pas un jeton d'accès"},
    {"unknown_key", "the token is signed with a key that its issuer does not publish",
     "le jeton est signé par une clé que son émetteur ne publie pas"},
    {"wrong_key", "the key that the token names is not for its algorithm",
     "la clé que désigne le jeton n'est pas celle de son algorithme"},
    {"signature", "the token's signature is wrong", "la signature du jeton est fausse"},
    {"claims", "the token's claims cannot be read", "le contenu du jeton est illisible"},
    {"issuer", "the token is of another issuer", "le jeton vient d'un autre émetteur"},
    {"audience", "the token is for another audience", "le jeton est destiné à un autre service"},
    {"party", "the token was issued to a client that is not let in",
     "le jeton a été remis à un client qui n'est pas admis"},
    {"expired", "the token has expired", "le jeton a expiré"},
    {"not_yet_valid", "the token is not valid yet", "le jeton n'est pas encore valable"},
    {"revoked", "the token has been revoked", "le jeton a été révoqué"},
    {"inactive", "no issuer says that the token is good", "aucun émetteur ne dit que ce jeton est valable"},
    {"no_keys", "the issuer's keys could not be had yet", "les clés de l'émetteur n'ont pas encore pu être obtenues"},
    {"undecided", "the token's issuer could not be asked whether it is still good",
     "l'émetteur du jeton n'a pas pu dire s'il est encore valable"},
}};

// Whether it is nobody's fault but the issuer's: 503, and the same token may be let in later.
constexpr bool is_temporary(Refusal refusal) { return refusal == Refusal::kNoKeys || refusal == Refusal::kUndecided; }

constexpr const RefusalText& text_of(Refusal refusal) { return kRefusals[static_cast<std::size_t>(refusal)]; }

}  // namespace vigie::identity
