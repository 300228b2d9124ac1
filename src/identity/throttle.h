// What holds strangers and the eager back: networks that fail to authenticate are locked out for a while, and no
// subject and no network asks more often than it may. What is locked out survives a restart, in the state folder's
// identity/lockouts.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/keyed_hash.h"
#include "base/result.h"
#include "http/client_address.h"
#include "identity/lockout.h"
#include "identity/rate_rule.h"

namespace vigie::identity {

struct ThrottleOptions {
  std::filesystem::path state;
  bool locks_out = true;
  LockoutOptions lockout{};
  std::optional<RateLimit> address{};  // of each network, whoever asks from it; none: no limit
  std::vector<RateRule> rules{};       // of each subject: the first one that fits its role and the route
  std::size_t buckets = 100'000;       // of each limit (rate_limit.h)
  const Clock* clock = &system_clock();
  // Where lockouts cannot be written: they count all the same, until the process ends.
  std::function<void(const Error&)> on_failure = [](const Error&) {};
};

// Any thread.
class Throttle {
 public:
  // kInvalidArgument for options out of range. A file of lockouts that cannot be read is an error too: starting without
  // it would let everybody in it try again.
  static Result<std::shared_ptr<Throttle>> open(ThrottleOptions options);
  ~Throttle();  // saves
  Throttle(const Throttle&) = delete;
  Throttle& operator=(const Throttle&) = delete;

  // Whole seconds for which tokens that are not known yet are not looked at; 0: they are. An address that cannot be
  // read is never locked out.
  std::uint64_t locked_for(std::string_view address);
  // A token that is not good; whether that locks the network out.
  bool failed(std::string_view address);
  void succeeded(std::string_view address);
  // Nothing where there is no limit, and of addresses that cannot be read.
  std::optional<RateAnswer> take_address(std::string_view address);
  // Which rule holds; kNoRule where none does.
  std::size_t rule_for(std::string_view route, std::optional<Role> role) const;
  RateAnswer take(std::size_t rule, std::string_view issuer, std::string_view subject);
  static constexpr std::size_t kNoRule = static_cast<std::size_t>(-1);

  LockoutCounts lockouts() const;
  std::uint64_t limited() const { return limited_.load(std::memory_order_relaxed); }  // requests over a limit

 private:
  Throttle(ThrottleOptions options, const KeyedHash& hash, Lockout lockout)
      : options_(std::move(options)), hash_(hash), lockout_(std::move(lockout)) {}
  void save();
  RateAnswer counted(const RateAnswer& answer);

  ThrottleOptions options_;
  KeyedHash hash_;
  mutable Lockout lockout_;
  std::optional<RateLimiter> addresses_;
  std::vector<RateLimiter> subjects_;  // one for each rule
  std::mutex saving_;
  std::atomic<std::uint64_t> limited_ = 0;
};

}  // namespace vigie::identity
