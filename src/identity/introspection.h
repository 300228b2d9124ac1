// Whether an opaque token is good, asked from its issuer (RFC 7662) and remembered for a short time.
//
//   Introspection introspection(options, fetcher, system_clock(), hash);
//   const auto answer = introspection.ask(provider.introspection_endpoint, token);
//   if (!answer) ...           // nobody can tell: 503, never 401
//   if (!answer->active) ...   // 401
//   ... *answer->claims ...    // exp, nbf, aud and iss are still to be verified
//
// Any thread; it blocks for a call to the issuer, so not on an event loop. Requests with one token share one call.
// Nobody may be in a call when it is destroyed: stop() ends the waits first.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/keyed_hash.h"
#include "base/result.h"
#include "identity/expiring_cache.h"
#include "identity/fetch.h"
#include "identity/token_inquiry.h"

namespace vigie::identity {

struct IntrospectionOptions {
  std::string client_id{};
  std::string client_secret{};
  // From when the issuer was asked, and never beyond exp: a revocation is late by so much at most.
  std::chrono::seconds active_for{10};
  std::chrono::seconds inactive_for{10};
  std::size_t active_entries = 10'000;    // an answer of 64 KiB at most each
  std::size_t inactive_entries = 10'000;  // apart: who sends garbage pushes out no good token
  std::size_t calls = 32;                 // at the issuer at once
  // After a call that did not get through the same is told without another; then one at a time tries again, so that an
  // issuer that hangs does not hold every thread.
  std::chrono::milliseconds pause{2'000};
  // Of a failure, and of those that say the same once a minute at most; on the thread that asked.
  std::function<void(const Error&)> on_failure = [](const Error&) {};
};

// An answer of the form that RFC 7662, 2.2 gives, read as strictly as a token: at most 64 KiB and 1,000 members, none
// of them twice at any depth. Errors: kInvalidData, with the member as field and nothing of the answer.
Result<Introspected> parse_introspection(std::string_view text);

class Introspection {
 public:
  // Tokens are remembered by `hash`, which has a secret of its own; `fetcher` outlives it.
  Introspection(IntrospectionOptions options, Fetcher& fetcher, const Clock& clock, const KeyedHash& hash);
  ~Introspection();
  Introspection(const Introspection&) = delete;
  Introspection& operator=(const Introspection&) = delete;

  // An error says that nobody can tell: the issuer does not answer (kUnavailable), or not as RFC 7662 wants
  // (kInvalidData), it refuses our credentials (kFailedPrecondition), or too many calls are under way
  // (kResourceExhausted). It names the issuer and never the token.
  Result<Introspected> ask(const std::string& endpoint, std::string_view token);

  void stop();  // ends what is under way; from then on nothing is asked
  IntrospectionState state() const;

 private:
  struct Call {
    std::optional<Result<Introspected>> outcome;
  };
  std::optional<Introspected> remembered(std::string_view digest, WallTime now);
  Result<Introspected> call(const std::string& endpoint, std::string_view token, bool& reached) const;
  void remember(const std::string& digest, Introspected& answer, WallTime begun, WallTime now);
  // True: it is to be told.
  bool record_failure(const Error& error, WallTime now, bool reached);

  const IntrospectionOptions options_;
  Fetcher& fetcher_;
  const Clock& clock_;
  const KeyedHash hash_;
  std::stop_source stop_;
  mutable std::mutex mutex_;
  std::condition_variable ended_one_;
  std::unordered_map<std::string, std::shared_ptr<Call>> calls_;  // under way, by digest
  ExpiringCache<Introspected> active_;
  ExpiringCache<Introspected> inactive_;
  std::optional<Error> unreachable_;  // what the pause tells
  WallTime unreachable_since_{};
  WallTime told_at_{};  // state_.failure, to on_failure
  IntrospectionState state_;
};

}  // namespace vigie::identity
