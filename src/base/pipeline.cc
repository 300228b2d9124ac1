#include "base/pipeline.h"

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <vector>

namespace vigie {
namespace {

// Every thread does whatever is most urgent: what frees a slot before what needs one. A block that one thread filled is
// so likely to be worked on and drained by the same thread, while it is in its cache.
class Pipeline {
 public:
  Pipeline(std::size_t slots, const PipelineSteps& steps) : steps_(steps), worked_(slots) {}

  void run() {
    std::unique_lock lock(mutex_);
    try {
      while (step(lock)) changed_.notify_all();
    } catch (...) {
      if (!lock.owns_lock()) lock.lock();
      if (!thrown_) thrown_ = std::current_exception();
      stopped_ = true;
    }
    changed_.notify_all();
  }

  Status outcome() {
    if (thrown_) std::rethrow_exception(thrown_);
    if (drain_error_) return std::unexpected(*drain_error_);
    if (fill_error_) return std::unexpected(*fill_error_);
    return {};
  }

 private:
  // Does one step of one block, without the lock; false when nothing is left to do.
  bool step(std::unique_lock<std::mutex>& lock) {
    for (;; changed_.wait(lock)) {
      if (stopped_ || (ended_ && drained_ == filled_)) return false;
      if (!draining_ && drained_ < taken_ && worked_[slot(drained_)]) {
        draining_ = true;
        lock.unlock();
        Status status = steps_.drain(slot(drained_));
        lock.lock();
        draining_ = false;
        ++drained_;
        if (!status) {
          drain_error_ = std::move(status).error();
          stopped_ = true;
        }
        return true;
      }
      if (taken_ < filled_) {
        const std::size_t mine = slot(taken_++);
        lock.unlock();
        steps_.work(mine);
        lock.lock();
        worked_[mine] = true;
        return true;
      }
      if (!filling_ && !ended_ && filled_ - drained_ < worked_.size()) {
        filling_ = true;
        worked_[slot(filled_)] = false;
        lock.unlock();
        Result<bool> more = steps_.fill(slot(filled_));
        lock.lock();
        filling_ = false;
        if (more && *more) {
          ++filled_;
        } else {
          ended_ = true;
          if (!more) fill_error_ = std::move(more).error();
        }
        return true;
      }
    }
  }

  std::size_t slot(std::uint64_t block) const { return block % worked_.size(); }

  const PipelineSteps& steps_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<bool> worked_;  // by slot
  // Blocks, counted from 0: drained_ <= taken_ <= filled_ <= drained_ + slots.
  std::uint64_t filled_ = 0;
  std::uint64_t taken_ = 0;  // to be worked on
  std::uint64_t drained_ = 0;
  bool filling_ = false;
  bool draining_ = false;
  bool ended_ = false;  // nothing more to fill
  bool stopped_ = false;
  std::optional<Error> fill_error_;
  std::optional<Error> drain_error_;
  std::exception_ptr thrown_;
};

}  // namespace

std::size_t pipeline_slots(std::size_t threads) { return threads <= 1 ? 1 : 3 * threads; }

Status run_pipeline(std::size_t threads, const PipelineSteps& steps) {
  Pipeline pipeline(pipeline_slots(threads), steps);
  {
    std::vector<std::jthread> others;
    try {
      for (std::size_t i = 1; i < threads; ++i) others.emplace_back([&] { pipeline.run(); });
    } catch (const std::system_error&) {
      // The system gives no more threads: those that are there do all the work.
    }
    pipeline.run();
  }
  return pipeline.outcome();
}

}  // namespace vigie
