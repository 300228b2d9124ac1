// A document of an issuer that is always at hand: a thread of its own fetches and parses it, at the start and then as
// RefreshSchedule says. The last good one stays while the issuer is down or answers nonsense.
//
//   Refreshed<KeySet> keys("https://id.example", fetch_and_parse, {}, system_clock(), seed);
//   auto set = keys.get();                           // null until the first success
//   if (!set || !set->find(kid)) {
//     if (const auto number = keys.ask_soon()) {     // on a thread that may wait
//       keys.wait_fresh(*number, steady_clock::now() + 2s);
//       set = keys.get();
//     }
//   }
//
// Any thread. Nobody may be in a call when it is destroyed: stop() ends the waits first. A thread for each, not one for
// all, because an issuer that hangs must not hold up the keys of another.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "base/result.h"
#include "identity/refresh_schedule.h"

namespace vigie::identity {

// For /admin/status and /metrics.
struct RefreshState {
  std::string name;
  std::optional<WallTime> last_success{};  // how old the value is
  std::optional<WallTime> last_failure{};
  std::string failure{};                // what the last failure was, though successes came after it
  std::uint64_t fetches = 0;            // that ended, well or not
  std::uint64_t failures = 0;           // of them
  std::uint64_t failures_in_a_row = 0;  // 0: the last one went well
};

// The thread of a Refreshed, which does not depend on what is fetched.
class RefreshLoop {
 public:
  // Fetches, parses and stores; for how long that is good, where the issuer says so. Ends soon after a stop.
  using Turn = std::function<Result<std::optional<std::chrono::seconds>>(const std::stop_token&)>;

  RefreshLoop(std::string name, Turn turn, const RefreshOptions& options, const Clock& clock, std::uint64_t seed);
  ~RefreshLoop();
  RefreshLoop(const RefreshLoop&) = delete;
  RefreshLoop& operator=(const RefreshLoop&) = delete;

  std::optional<std::uint64_t> ask_soon();
  bool wait_fresh(std::uint64_t number, std::chrono::steady_clock::time_point deadline);
  void stop();
  RefreshState state() const;

 private:
  void run(const std::stop_token& stop);
  void record(const Result<std::optional<std::chrono::seconds>>& outcome);

  const Turn turn_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable_any due_;
  std::condition_variable_any ended_one_;
  RefreshSchedule schedule_;
  RefreshState state_;
  std::uint64_t begun_ = 0;  // fetches are numbered from 1
  std::uint64_t ended_ = 0;
  bool again_ = false;  // asked for while a fetch was under way, which may have read what was there before
  bool stopped_ = false;
  std::jthread thread_;
};

template <typename T>
class Refreshed {
 public:
  struct Fetched {
    T value;
    std::optional<std::chrono::seconds> max_age{};
  };
  using Fetch = std::function<Result<Fetched>(const std::stop_token&)>;

  static constexpr std::uint64_t kFirstFetch = 1;  // for wait_fresh(), at the start

  // `name` is for state(). `fetch` runs on the thread, one call at a time, and must heed its stop token. The thread
  // starts here.
  Refreshed(std::string name, Fetch fetch, const RefreshOptions& options, const Clock& clock, std::uint64_t seed)
      : fetch_(std::move(fetch)),
        loop_(std::move(name), [this](const std::stop_token& stop) { return turn(stop); }, options, clock, seed) {}

  // A lock for the time of copying a pointer: verifying a signature, which it is for, takes a thousand times as long.
  std::shared_ptr<const T> get() const {
    const std::scoped_lock lock(mutex_);
    return value_;
  }
  // Changes with each new value: whoever remembers what followed from the value looks here, without a lock.
  std::uint64_t version() const { return version_.load(std::memory_order_acquire); }

  // What is at hand seems too old, as a token with an unknown key id shows. The number of the fetch that will tell:
  // one that begins after this call, or one that is under way where the next may not begin yet. Nothing where
  // one was asked for too short a time ago: what is at hand is what there is.
  std::optional<std::uint64_t> ask_soon() { return loop_.ask_soon(); }
  // Until the fetch of that number has ended, well or not. false: it has not by then, or stop() came before.
  bool wait_fresh(std::uint64_t number, std::chrono::steady_clock::time_point deadline) {
    return loop_.wait_fresh(number, deadline);
  }

  // No more fetches, and the one under way ends at once; get() goes on.
  void stop() { loop_.stop(); }
  RefreshState state() const { return loop_.state(); }

 private:
  Result<std::optional<std::chrono::seconds>> turn(const std::stop_token& stop) {
    Fetched fetched = VIGIE_TRY(fetch_(stop));
    auto next = std::make_shared<const T>(std::move(fetched.value));
    {
      const std::scoped_lock lock(mutex_);
      value_.swap(next);
    }
    version_.fetch_add(1, std::memory_order_release);
    return fetched.max_age;
  }

  const Fetch fetch_;
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
  std::atomic<std::uint64_t> version_{0};
  RefreshLoop loop_;  // last: its thread uses the others
};

}  // namespace vigie::identity
