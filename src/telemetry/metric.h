// Counters and gauges that cost one plain addition: each object has one writer, so that no locked instruction is
// needed, and any number of readers. What several threads count is held once for each (PerThread, or one object an
// event loop) and added up by who reads it.
#pragma once

#include <atomic>
#include <cstdint>

namespace vigie::telemetry {

// Objects of different writers stand this many bytes apart: two neighbouring lines, which CPUs fetch in pairs.
inline constexpr std::size_t kWriterAlignment = 128;

// Only goes up. add() on the writer's thread; value() on any, and never torn.
class Counter {
 public:
  void add(std::uint64_t count = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// Goes up and down. add() on the writer's thread; value() on any. Only the sum over all writers means something.
class Gauge {
 public:
  void add(std::int64_t change) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + change, std::memory_order_relaxed);
  }
  std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

}  // namespace vigie::telemetry
