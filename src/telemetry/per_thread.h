// One T for each thread that records, so that no two of them write to the same cache line.
//
//   struct Counts { Counter hits; Histogram duration; };
//   PerThread<Counts> counts;
//   counts.record([&](Counts& mine) { mine.hits.add(); });                       // any thread
//   counts.for_each([&](const Counts& theirs) { hits += theirs.hits.value(); });   // any thread, meanwhile
//
// A thread's first record() allocates its T; later ones take no lock. What a thread recorded stays when it has ended.
// Where more than kThreadSlots threads live at once, those beyond share one T under a lock.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>

#include "telemetry/metric.h"
#include "telemetry/thread_slot.h"

namespace vigie::telemetry {

template <typename T>
class PerThread {
 public:
  PerThread() = default;
  PerThread(const PerThread&) = delete;
  PerThread& operator=(const PerThread&) = delete;
  ~PerThread() {
    for (auto& slot : slots_) delete slot.load(std::memory_order_relaxed);
  }

  template <typename Function>
  void record(Function&& function) {
    const std::size_t index = thread_slot();
    if (index == kThreadSlots) [[unlikely]] {
      const std::scoped_lock lock(overflow_mutex_);
      function(overflow_.value);
      return;
    }
    // Relaxed: this thread, or the one that had the slot before it, has written the pointer.
    Aligned* mine = slots_[index].load(std::memory_order_relaxed);
    if (mine == nullptr) [[unlikely]] {
      mine = new Aligned;
      slots_[index].store(mine, std::memory_order_release);
    }
    function(mine->value);
  }

  template <typename Function>
  void for_each(Function&& function) const {
    for (const auto& slot : slots_) {
      if (const Aligned* theirs = slot.load(std::memory_order_acquire)) function(theirs->value);
    }
    function(overflow_.value);
  }

 private:
  struct alignas(kWriterAlignment) Aligned {
    T value;
  };

  std::array<std::atomic<Aligned*>, kThreadSlots> slots_{};
  std::mutex overflow_mutex_;
  Aligned overflow_;
};

}  // namespace vigie::telemetry
