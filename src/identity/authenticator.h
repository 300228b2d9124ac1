// Finds out whose a request is from its Authorization field (RFC 6750, section 2.1; tokens in bodies and queries are
// not taken), and counts what it refuses.
#pragma once

#include <array>
#include <atomic>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/keyed_hash.h"
#include "identity/refusal.h"
#include "identity/token_cache.h"
#include "identity/verifier.h"

namespace vigie::identity {

class Authenticator {
 public:
  struct Options {
    std::size_t cached_tokens = 100'000;
    std::chrono::seconds cached_for{60};  // at the longest, and no longer than Identity::trusted_until
    const Clock* clock = &system_clock();
    // Changes when tokens that were good may no longer be.
    std::function<std::uint64_t()> generation = [] { return std::uint64_t{0}; };
  };
  using Outcome = std::expected<std::shared_ptr<const Identity>, Refusal>;

  // `hash` has a secret of its own: what it gives stands for a token.
  Authenticator(Verifier verifier, const KeyedHash& hash, Options options);

  // `authorization` is the field's value, empty where there is none. Nothing: decide() has to look at the token.
  // `digest`: what an earlier call wrote there about the very same value; empty at the first.
  std::optional<Outcome> at_once(std::string_view authorization, std::optional<KeyedHash::Digest>& digest);
  // Up to 100 us of checking a signature; where an issuer has to be asked for keys or about the token, seconds.
  Outcome decide(std::string_view authorization);

  // Whether the token was good when it was looked at last, though it has to be looked at again: not a stranger's.
  bool knew(std::string_view authorization);

  // Since the start, by reason.
  std::uint64_t refused(Refusal refusal) const;
  // How asking the issuers about tokens went, of those that are asked.
  std::vector<Verifier::Inquiry> inquiries() const { return verifier_.inquiries(); }

 private:
  Outcome refuse(Refusal refusal);

  Verifier verifier_;
  KeyedHash hash_;
  Options options_;
  TokenCache cache_;
  std::array<std::atomic<std::uint64_t>, kRefusals.size()> refused_{};
};

}  // namespace vigie::identity
