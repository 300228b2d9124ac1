#include "identity/authenticator.h"

#include <algorithm>

#include "http/message.h"
#include "identity/token.h"

namespace vigie::identity {
namespace {

// What follows "Bearer" and its spaces.
std::expected<std::string_view, Refusal> bearer_of(std::string_view authorization) {
  constexpr std::string_view kScheme = "Bearer ";
  if (authorization.empty()) return std::unexpected(Refusal::kMissing);
  if (!http::equals_ignoring_case(authorization.substr(0, kScheme.size()), kScheme)) {
    return std::unexpected(Refusal::kScheme);
  }
  const std::string_view token = http::trimmed(authorization.substr(kScheme.size()));
  if (token.empty()) return std::unexpected(Refusal::kMissing);
  if (token.size() > kLongestToken) return std::unexpected(Refusal::kTooLong);
  return token;
}

}  // namespace

Authenticator::Authenticator(Verifier verifier, const KeyedHash& hash, Options options)
    : verifier_(std::move(verifier)), hash_(hash), options_(std::move(options)), cache_(options_.cached_tokens) {}

Authenticator::Outcome Authenticator::refuse(Refusal refusal) {
  refused_[static_cast<std::size_t>(refusal)].fetch_add(1, std::memory_order_relaxed);
  return std::unexpected(refusal);
}

std::uint64_t Authenticator::refused(Refusal refusal) const {
  return refused_[static_cast<std::size_t>(refusal)].load(std::memory_order_relaxed);
}

std::optional<Authenticator::Outcome> Authenticator::at_once(std::string_view authorization,
                                                             std::optional<KeyedHash::Digest>& digest) {
  const auto token = bearer_of(authorization);
  if (!token) return refuse(token.error());
  if (!digest) digest = hash_.digest(*token);
  auto known = cache_.find(*digest, options_.clock->now(), options_.generation());
  if (known != nullptr) return known;
  digest.reset();  // it may be another authenticator's, with another secret
  return std::nullopt;
}

Authenticator::Outcome Authenticator::decide(std::string_view authorization) {
  const auto token = bearer_of(authorization);
  if (!token) return refuse(token.error());
  const WallTime now = options_.clock->now();
  // Asked before the token is looked at: a change meanwhile makes the entry stale, not the other way round.
  const std::uint64_t generation = options_.generation();
  const KeyedHash::Digest digest = hash_.digest(*token);
  if (auto known = cache_.find(digest, now, generation)) return known;  // another request has brought it meanwhile
  auto identity = verifier_.verify(*token, now);
  if (!identity) {
    if (!is_temporary(identity.error())) cache_.forget(digest);
    return refuse(identity.error());
  }
  auto shared = std::make_shared<const Identity>(std::move(*identity));
  cache_.add(digest, shared, std::min(now + options_.cached_for, shared->trusted_until), generation);
  return shared;
}

bool Authenticator::knew(std::string_view authorization) {
  const auto token = bearer_of(authorization);
  return token && cache_.knew(hash_.digest(*token), options_.clock->now());
}

}  // namespace vigie::identity
