#include <exception>

#include "identity/refreshed.h"

namespace vigie::identity {

using std::chrono::steady_clock;

RefreshLoop::RefreshLoop(std::string name, Turn turn, const RefreshOptions& options, const Clock& clock,
                         std::uint64_t seed)
    : turn_(std::move(turn)),
      clock_(clock),
      schedule_(options, steady_clock::now(), seed),
      state_{.name = std::move(name)},
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

RefreshLoop::~RefreshLoop() { stop(); }

void RefreshLoop::stop() {
  thread_.request_stop();
  const std::scoped_lock lock(mutex_);
  stopped_ = true;
  ended_one_.notify_all();
}

void RefreshLoop::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (!due_.wait_until(lock, stop, schedule_.due(), [this] { return schedule_.due() <= steady_clock::now(); })) {
      continue;
    }
    ++begun_;
    lock.unlock();
    Result<std::optional<std::chrono::seconds>> outcome;
    try {
      outcome = turn_(stop);
    } catch (const std::exception&) {  // its text could repeat what came
      outcome = fail(Code::kInternal, "an exception in the reading of the answer");
    }
    lock.lock();
    if (stop.stop_requested()) return;  // that it did not end well is no failure of the issuer's
    ended_ = begun_;
    record(outcome);
    ended_one_.notify_all();
  }
}

void RefreshLoop::record(const Result<std::optional<std::chrono::seconds>>& outcome) {
  ++state_.fetches;
  if (outcome) {
    state_.last_success = clock_.now();
    state_.failures_in_a_row = 0;
    schedule_.succeeded(steady_clock::now(), *outcome);
  } else {
    state_.last_failure = clock_.now();
    state_.failure = outcome.error().to_string();
    ++state_.failures;
    ++state_.failures_in_a_row;
    schedule_.failed(steady_clock::now());
  }
  if (std::exchange(again_, false)) schedule_.hurry(steady_clock::now());
}

std::optional<std::uint64_t> RefreshLoop::ask_soon() {
  const std::scoped_lock lock(mutex_);
  if (stopped_) return std::nullopt;
  const bool runs = begun_ > ended_;
  if (!runs && schedule_.due() <= steady_clock::now()) return begun_ + 1;  // about to begin anyway
  if (schedule_.ask(steady_clock::now())) {
    again_ = runs;
    due_.notify_all();
    return begun_ + 1;
  }
  if (runs) return again_ ? begun_ + 1 : begun_;
  return std::nullopt;
}

bool RefreshLoop::wait_fresh(std::uint64_t number, steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  ended_one_.wait_until(lock, deadline, [&] { return stopped_ || ended_ >= number; });
  return ended_ >= number;
}

RefreshState RefreshLoop::state() const {
  const std::scoped_lock lock(mutex_);
  return state_;
}

}  // namespace vigie::identity
