// Decides whether a bearer token is good, and whose: RFC 7519 and 9068 (JWT access tokens), RFC 8725 (their best
// practices), OpenID Connect Core 1.0; opaque tokens by what their issuer says of them (RFC 7662). Nothing here asks
// the network but through a KeySource or a TokenInquiry.
#pragma once

#include <array>
#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "http/caller.h"
#include "identity/claims.h"
#include "identity/key_set.h"
#include "identity/refusal.h"
#include "identity/role.h"
#include "identity/token.h"
#include "identity/token_inquiry.h"

namespace vigie::identity {

// What is asked of the tokens of one issuer.
struct IssuerPolicy {
  std::string issuer;                  // `iss`, letter for letter
  std::vector<std::string> audiences;  // one of them is in `aud`; not empty
  std::vector<std::string> parties{};  // `azp` or `client_id` is one of them; empty: any
  std::vector<Algorithm> algorithms{Algorithm::kRs256, Algorithm::kRs384, Algorithm::kRs512,
                                    Algorithm::kPs256, Algorithm::kEs256, Algorithm::kEs384};
  std::chrono::seconds leeway{30};  // clocks differ by up to so much
  // Where the token says what its bearer is, and the issuer's words for each Role. The highest counts.
  std::vector<std::vector<std::string>> role_claims = {{"roles"}, {"realm_access", "roles"}, {"groups"}, {"scp"}};
  std::array<std::vector<std::string>, kRoleNames.size()> role_names = {{{"viewer"}, {"analyst"}, {"admin"}}};
};

// kInvalidArgument naming the setting.
Status check(const IssuerPolicy& policy);

// The keys of an issuer, which may change at any time. Any thread.
class KeySource {
 public:
  virtual ~KeySource() = default;
  virtual std::shared_ptr<const KeySet> keys() const = 0;  // nullptr: none could be had yet
  // A token names a key that is not there: asks for newer ones, and may wait for them. True: keys() may have others
  // now.
  virtual bool renew() { return false; }
};

// Tokens that no longer count though they have not expired. Any thread.
class RevocationSource {
 public:
  virtual ~RevocationSource() = default;
  virtual bool revoked(const Claims& claims) const = 0;
};

// `client` is azp or client_id, `token_id` jti.
struct Identity : http::Caller {
  std::optional<Role> role{};  // none: known, and allowed nothing
  WallTime trusted_until{};    // then it is to be looked at again: no later than it expires
};

class Verifier {
 public:
  struct Issuer {
    IssuerPolicy policy;
    std::shared_ptr<KeySource> keys;
    std::shared_ptr<const RevocationSource> revocations{};  // none: nothing is revoked
    std::shared_ptr<TokenInquiry> inquiry{};                // none: its opaque tokens are not taken
    bool asks_about_signed = false;                         // `inquiry`, about signed tokens that seem good as well
  };

  // kInvalidArgument for a policy that check() refuses, and where two are for one issuer.
  static Result<Verifier> make(std::vector<Issuer> issuers);

  // The signature is checked before anything else that the token says is believed. Takes 30 to 100 us; where the token
  // names a key that is not known, as long as KeySource::renew(), and where an issuer has to be asked about it, as
  // TokenInquiry::ask(). An opaque token does not say whose it is: it is shown to one issuer after the other.
  std::expected<Identity, Refusal> verify(std::string_view text, WallTime now) const;

  struct Inquiry {
    std::string issuer;
    IntrospectionState state;
  };
  // Of each issuer that has an inquiry, in the order of make().
  std::vector<Inquiry> inquiries() const;

 private:
  std::expected<Identity, Refusal> verify_opaque(std::string_view text, WallTime now) const;

  explicit Verifier(std::vector<Issuer> issuers) : issuers_(std::move(issuers)) {}

  std::vector<Issuer> issuers_;
};

}  // namespace vigie::identity
