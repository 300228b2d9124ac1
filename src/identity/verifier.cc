#include "identity/verifier.h"

#include <algorithm>
#include <boost/json/value.hpp>
#include <cctype>
#include <utility>

namespace vigie::identity {
namespace {

bool contains(const std::vector<std::string>& list, std::string_view text) {
  return std::ranges::find(list, text) != list.end();
}

// RFC 9068 wants "at+jwt"; most issuers still write "JWT" or nothing. Every other type is another kind of token.
bool is_access_type(std::string_view type) { return type.empty() || type == "jwt" || type == "at+jwt"; }

// ID and refresh tokens are signed with the same keys. Keycloak says in a claim of its own which is which; where nobody
// says it, an ID token is known by what OpenID Connect Core puts into it (3.1.3.6, 3.3.2.11). A token that is bound to
// a key (RFC 7800) is not a bearer's.
bool is_access_token(const Token& token, const Claims& claims) {
  if (!is_access_type(token.type) || claims.all.contains("cnf")) return false;
  if (const boost::json::value* const type = claims.all.if_contains("typ")) {
    return type->is_string() && type->get_string() == "Bearer";
  }
  if (token.type == "at+jwt") return true;
  for (const char* const claim : {"nonce", "at_hash", "c_hash", "s_hash"}) {
    if (claims.all.contains(claim)) return false;
  }
  return true;
}

bool same_ignoring_case(std::string_view text, std::string_view lower_case) {
  return std::ranges::equal(text, lower_case, {}, [](unsigned char letter) { return std::tolower(letter); });
}

// The same of what introspection says. RFC 7662 leaves token_type out where an issuer likes, and refresh tokens are
// active too: so it has to say that this is a bearer's access token, as token_type (RFC 6749, 5.1) or as Keycloak's
// typ; token_use is what Hydra tells its refresh tokens by.
bool is_access_token(const Claims& claims) {
  if (claims.all.contains("cnf")) return false;
  const auto says = [&](const char* name, std::string_view wanted) {
    const boost::json::value* const value = claims.all.if_contains(name);
    return value != nullptr && value->is_string() && same_ignoring_case(value->get_string(), wanted);
  };
  for (const auto& [name, wanted] :
       {std::pair{"token_type", "bearer"}, {"typ", "bearer"}, {"token_use", "access_token"}}) {
    if (claims.all.contains(name) && !says(name, wanted)) return false;
  }
  return claims.all.contains("token_type") || claims.all.contains("typ");
}

std::optional<Role> role_at(const IssuerPolicy& policy, const std::vector<std::string>& path, const Claims& claims) {
  std::optional<Role> role;
  for (const std::string& name : texts_at(claims.all, path)) {
    for (std::size_t i = 0; i < policy.role_names.size(); ++i) {
      if (contains(policy.role_names[i], name)) role = std::max(role, std::optional(static_cast<Role>(i)));
    }
  }
  return role;
}

std::optional<Role> role_of(const IssuerPolicy& policy, const Claims& claims) {
  std::optional<Role> role;
  for (const auto& path : policy.role_claims) role = std::max(role, role_at(policy, path, claims));
  return role;
}

std::expected<void, Refusal> check_signature(const Token& token, const std::shared_ptr<const KeySet>& keys) {
  if (keys == nullptr) return std::unexpected(Refusal::kNoKeys);
  const SigningKey* const key = keys->find(token.key_id, token.algorithm);
  if (key == nullptr) return std::unexpected(Refusal::kUnknownKey);
  if (!key->key.fits(token.algorithm) || (key->algorithm && *key->algorithm != token.algorithm)) {
    return std::unexpected(Refusal::kWrongKey);
  }
  if (!key->key.verify(token.algorithm, token.signed_part, token.signature)) {
    return std::unexpected(Refusal::kSignature);
  }
  return {};
}

std::expected<void, Refusal> check_claims(const IssuerPolicy& policy, const Claims& claims, WallTime now) {
  const auto heard = [&](const std::string& audience) { return contains(policy.audiences, audience); };
  if (std::ranges::none_of(claims.audiences, heard)) return std::unexpected(Refusal::kAudience);
  if (!policy.parties.empty() && !contains(policy.parties, claims.authorized_party)) {
    return std::unexpected(Refusal::kParty);
  }
  if (!claims.expires || claims.subject.empty()) return std::unexpected(Refusal::kClaims);
  if (now >= *claims.expires + policy.leeway) return std::unexpected(Refusal::kExpired);
  const WallTime soon = now + policy.leeway;
  if ((claims.not_before && *claims.not_before > soon) || (claims.issued && *claims.issued > soon)) {
    return std::unexpected(Refusal::kNotYetValid);
  }
  return {};
}

Identity identity_of(const IssuerPolicy& policy, const Claims& claims, std::optional<Role> role) {
  return Identity{{.subject = claims.subject,
                   .issuer = policy.issuer,
                   .client = claims.authorized_party,
                   .token_id = claims.id,
                   .role_name = role ? to_string(*role) : std::string_view(),
                   .expires = *claims.expires},
                  role,
                  *claims.expires};
}

// An active token is no more than one that its issuer has issued: whether it is meant for this server, and still good,
// is for its claims. Who is asked is known by TLS, so that iss may be left out; aud and exp may not, though RFC 7662
// allows it: a token for any other service of the issuer's would do here, and for ever.
std::expected<Identity, Refusal> judge_answer(const Verifier::Issuer& issuer, const Introspected& answer,
                                              WallTime now) {
  const IssuerPolicy& policy = issuer.policy;
  Claims claims = *answer.claims;
  if (claims.all.contains("iss") && claims.issuer != policy.issuer) return std::unexpected(Refusal::kIssuer);
  if (!is_access_token(claims)) return std::unexpected(Refusal::kType);
  // A client that asked on its own account: RFC 9068, 2.2 has it as sub, some issuers have nothing. Where a person is
  // behind the token, as username says, a client is no name for them.
  if (!claims.all.contains("sub") && !claims.all.contains("username")) claims.subject = claims.authorized_party;
  if (const auto good = check_claims(policy, claims, now); !good) return std::unexpected(good.error());
  if (issuer.revocations != nullptr && issuer.revocations->revoked(claims)) return std::unexpected(Refusal::kRevoked);
  // Here scope is what scp is in a signed token.
  Identity identity =
      identity_of(policy, claims, std::max(role_of(policy, claims), role_at(policy, {"scope"}, claims)));
  identity.trusted_until = std::min(identity.trusted_until, answer.until);
  return identity;
}

}  // namespace

Status check(const IssuerPolicy& policy) {
  const auto wrong = [](const char* field, const char* message, const char* remedy) {
    return fail(Code::kInvalidArgument, message, {.field = field}, remedy);
  };
  if (policy.issuer.empty()) return wrong("issuer", "no issuer", "give the URL that its tokens have as iss");
  if (policy.audiences.empty() || contains(policy.audiences, "")) {
    return wrong("audiences", "no audience", "give what the tokens for this server have as aud");
  }
  if (policy.algorithms.empty()) return wrong("algorithms", "no algorithm", "give at least one");
  if (policy.leeway < std::chrono::seconds(0) || policy.leeway > std::chrono::minutes(5)) {
    return wrong("leeway", "not between 0 s and 5 min", "clocks that differ by more need mending");
  }
  return {};
}

Result<Verifier> Verifier::make(std::vector<Issuer> issuers) {
  for (auto it = issuers.begin(); it != issuers.end(); ++it) {
    VIGIE_TRY(check(it->policy));
    if (std::any_of(issuers.begin(), it, [&](const Issuer& o) { return o.policy.issuer == it->policy.issuer; })) {
      return fail(Code::kInvalidArgument, "the issuer stands twice", {.field = "issuer"}, "leave one of them out");
    }
  }
  return Verifier(std::move(issuers));
}

std::expected<Identity, Refusal> Verifier::verify(std::string_view text, WallTime now) const {
  if (is_opaque(text)) return verify_opaque(text, now);
  const auto token = parse_token(text);
  if (!token) return std::unexpected(token.error());
  const Result<Claims> claims = parse_claims(token->payload);
  if (!claims) return std::unexpected(Refusal::kClaims);
  // Not believed yet: it only says whose keys to try.
  const auto issuer = std::ranges::find_if(
      issuers_, [&](const Issuer& candidate) { return candidate.policy.issuer == claims->issuer; });
  if (issuer == issuers_.end()) return std::unexpected(Refusal::kIssuer);
  if (std::ranges::find(issuer->policy.algorithms, token->algorithm) == issuer->policy.algorithms.end()) {
    return std::unexpected(Refusal::kAlgorithm);
  }
  auto good = check_signature(*token, issuer->keys->keys());
  const bool no_key = !good && (good.error() == Refusal::kUnknownKey || good.error() == Refusal::kNoKeys);
  if (no_key && issuer->keys->renew()) good = check_signature(*token, issuer->keys->keys());
  if (!good) return std::unexpected(good.error());
  if (!is_access_token(*token, *claims)) return std::unexpected(Refusal::kType);
  good = check_claims(issuer->policy, *claims, now);
  if (!good) return std::unexpected(good.error());
  if (issuer->revocations != nullptr && issuer->revocations->revoked(*claims)) {
    return std::unexpected(Refusal::kRevoked);
  }
  Identity identity = identity_of(issuer->policy, *claims, role_of(issuer->policy, *claims));
  if (issuer->inquiry == nullptr || !issuer->asks_about_signed) return identity;
  const auto said = issuer->inquiry->ask(text);
  if (!said) return std::unexpected(Refusal::kUndecided);
  // Within the leeway its issuer knows no more of it.
  if (!said->active) return std::unexpected(now >= identity.expires ? Refusal::kExpired : Refusal::kRevoked);
  identity.trusted_until = std::min(identity.trusted_until, said->until);
  return identity;
}

std::expected<Identity, Refusal> Verifier::verify_opaque(std::string_view text, WallTime now) const {
  Refusal refusal = Refusal::kForm;  // where nobody is to be asked
  for (const Issuer& issuer : issuers_) {
    if (issuer.inquiry == nullptr) continue;
    const auto said = issuer.inquiry->ask(text);
    if (said && said->active) return judge_answer(issuer, *said, now);
    // Whoever did not answer may be the one whose token it is.
    if (!said) refusal = Refusal::kUndecided;
    if (said && refusal == Refusal::kForm) refusal = Refusal::kInactive;
  }
  return std::unexpected(refusal);
}

std::vector<Verifier::Inquiry> Verifier::inquiries() const {
  std::vector<Inquiry> all;
  for (const Issuer& issuer : issuers_) {
    if (issuer.inquiry != nullptr) all.push_back({issuer.policy.issuer, issuer.inquiry->state()});
  }
  return all;
}

}  // namespace vigie::identity
