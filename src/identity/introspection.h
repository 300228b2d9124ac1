// Whether an opaque token is good, asked from its issuer (RFC 7662) and remembered for a short time.
//
//   Introspection introspection(options, fetcher, system_clock(), secret);
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
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/result.h"
#include "identity/claims.h"
#include "identity/expiring_cache.h"
#include "identity/fetch.h"

namespace vigie::identity {

struct IntrospectionOptions {
  std::string client_id{};
  std::string client_secret{};
  std::chrono::seconds active_for{60};  // at most, and never beyond exp: a revocation is late by so much
  std::chrono::seconds inactive_for{10};
  std::size_t active_entries = 10'000;     // an answer of 64 KiB at most each
  std::size_t inactive_entries = 10'000;   // apart: who sends garbage pushes out no good token
  std::size_t calls = 4;                   // at the issuer at once, so that one that hangs does not hold every thread
  std::chrono::milliseconds pause{1'000};  // after a call that did not get through, the same is told without another
};

struct Introspected {
  bool active = false;
  std::shared_ptr<const Claims> claims{};  // of an active one: all that the answer says
};

// An answer of the form that RFC 7662, 2.2 gives, read as strictly as a token: at most 64 KiB and 1,000 members, none
// of them twice at any depth. Errors: kInvalidData, with the member as field and nothing of the answer.
Result<Introspected> parse_introspection(std::string_view text);

// For /admin/status and /metrics.
struct IntrospectionState {
  std::uint64_t calls = 0;       // that ended, well or not
  std::uint64_t failures = 0;    // of them
  std::uint64_t remembered = 0;  // answers without a call
  std::optional<WallTime> last_success{};
  std::optional<WallTime> last_failure{};
  std::string failure{};
};

class Introspection {
 public:
  // `secret`: bytes that nobody can guess, which make the digests that tokens are remembered by; `fetcher` outlives it.
  Introspection(IntrospectionOptions options, Fetcher& fetcher, const Clock& clock, std::string secret);
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
  void record(const std::string& digest, const Result<Introspected>& answer, bool reached);

  const IntrospectionOptions options_;
  Fetcher& fetcher_;
  const Clock& clock_;
  const std::string secret_;
  std::stop_source stop_;
  mutable std::mutex mutex_;
  std::condition_variable ended_one_;
  std::unordered_map<std::string, std::shared_ptr<Call>> calls_;  // under way, by digest
  ExpiringCache<Introspected> active_;
  ExpiringCache<Introspected> inactive_;
  std::optional<Error> unreachable_;  // what the pause tells
  WallTime unreachable_since_{};
  IntrospectionState state_;
};

}  // namespace vigie::identity
