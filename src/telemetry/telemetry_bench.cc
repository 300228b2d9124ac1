// What recording costs, beside a floor (an addition in memory) and the usual way (one atomic that all threads add to).
#include <benchmark/benchmark.h>

#include <atomic>

#include "telemetry/histogram.h"
#include "telemetry/per_thread.h"

namespace vigie::telemetry {
namespace {

void BM_FloorPlainAddition(benchmark::State& state) {
  std::uint64_t value = 0;
  for (auto _ : state) {
    ++value;
    benchmark::DoNotOptimize(value);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(BM_FloorPlainAddition);

void BM_SharedAtomic(benchmark::State& state) {
  static std::atomic<std::uint64_t> shared{0};
  for (auto _ : state) shared.fetch_add(1, std::memory_order_relaxed);
}
BENCHMARK(BM_SharedAtomic)->Threads(1)->Threads(2);

void BM_Counter(benchmark::State& state) {
  Counter counter;
  for (auto _ : state) {
    counter.add();
    benchmark::ClobberMemory();
  }
  if (counter.value() != static_cast<std::uint64_t>(state.iterations())) state.SkipWithError("wrong count");
}
BENCHMARK(BM_Counter);

void BM_Histogram(benchmark::State& state) {
  Histogram histogram;
  std::uint64_t value = 1;
  for (auto _ : state) {
    value = value * 6364136223846793005U + 1442695040888963407U;
    histogram.record(value >> 44);  // up to a millisecond
    benchmark::ClobberMemory();
  }
  HistogramSnapshot snapshot;
  snapshot.merge(histogram);
  if (snapshot.count() != static_cast<std::uint64_t>(state.iterations())) state.SkipWithError("wrong count");
}
BENCHMARK(BM_Histogram);

struct Counts {
  Counter hits;
  Histogram duration;
};

void BM_PerThreadCounterAndHistogram(benchmark::State& state) {
  static PerThread<Counts> counts;
  std::uint64_t value = 1;
  for (auto _ : state) {
    value = value * 6364136223846793005U + 1442695040888963407U;
    counts.record([&](Counts& mine) {
      mine.hits.add();
      mine.duration.record(value >> 44);
    });
  }
}
BENCHMARK(BM_PerThreadCounterAndHistogram)->Threads(1)->Threads(2);

void BM_Merge(benchmark::State& state) {
  const Histogram histogram;
  HistogramSnapshot snapshot;
  for (auto _ : state) {
    snapshot.merge(histogram);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(BM_Merge);

}  // namespace
}  // namespace vigie::telemetry
