// Takes notice of score probing (identity/probing.h) in what callers send to /predict and /predict-batch, and can hold
// back who does it.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "base/clock.h"
#include "base/keyed_hash.h"
#include "base/result.h"
#include "features/card.h"
#include "http/message.h"
#include "identity/audit_log.h"
#include "identity/probing.h"

namespace vigie::api {

// Any thread.
class ProbingWatch {
 public:
  struct Options {
    std::uint32_t near = 10;                // of a caller's last 64 transactions: then it is probing
    bool holds_back = false;                // who does it; otherwise it is counted and told
    std::chrono::seconds hold{60};          // for how long; and the time between two audit events of one caller
    std::uint64_t most_per_second = 2'000;  // transactions that are looked at, of all callers; the others pass unseen,
                                            // so that a busy server pays for it what it can afford
    std::shared_ptr<identity::AuditLog> audit{};
    const Clock* clock = &system_clock();
  };

  static Result<std::shared_ptr<ProbingWatch>> make(Options options);

  // Seconds for which the caller is to wait; 0: none.
  std::uint64_t held_back(const http::Request& request);
  // Whether that was answered, by 429.
  bool refuse(const http::Request& request, http::Response& response);
  // A transaction that request.caller sent; nobody's are not looked at.
  void observe(const http::Request& request, features::CardRaw row);

  std::uint64_t found() const { return found_.load(std::memory_order_relaxed); }  // transactions that were probes

 private:
  ProbingWatch(Options options, const KeyedHash& hash, identity::ProbingCounter counter)
      : options_(std::move(options)), hash_(hash), counter_(std::move(counter)) {}
  std::uint64_t key_of(const http::Caller& caller) const;
  bool may_look(std::int64_t second);
  bool suspect(std::uint64_t key, WallTime now);

  Options options_;
  KeyedHash hash_;
  identity::ProbingCounter counter_;
  std::atomic<std::uint64_t> found_ = 0;
  std::atomic<std::int64_t> second_ = 0;
  std::atomic<std::uint64_t> looked_ = 0;  // at, in that second
  std::atomic<std::size_t> suspects_known_ = 0;
  std::mutex mutex_;
  std::unordered_map<std::uint64_t, WallTime> suspects_;  // and until when
};

}  // namespace vigie::api
