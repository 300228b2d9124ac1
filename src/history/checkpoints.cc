#include "history/checkpoints.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace vigie::history {

Checkpoints::Checkpoints(std::shared_ptr<DurableHistory> history, Options options)
    : history_(std::move(history)),
      options_(std::move(options)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void Checkpoints::run(const std::stop_token& stop) const {
  using std::chrono::steady_clock;
  std::mutex mutex;
  std::condition_variable_any sleeper;
  std::unique_lock lock(mutex);
  auto last = steady_clock::now();
  while (!stop.stop_requested()) {
    sleeper.wait_for(lock, stop, std::min(options_.look, options_.every), [] { return false; });
    if (stop.stop_requested()) return;
    const bool late = steady_clock::now() - last >= options_.every;
    if (!late && history_->journal_bytes() < options_.journal_bytes) continue;
    last = steady_clock::now();
    if (const Status made = history_->checkpoint(); !made && options_.on_failure) options_.on_failure(made.error());
  }
}

}  // namespace vigie::history
