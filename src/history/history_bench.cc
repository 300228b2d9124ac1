// What a decision pays for its history, and what two million clients take.
//
//   vigie_history_bench                                          # nanoseconds
//   vigie_history_bench --benchmark_filter=TwoMillionClients     # bytes, a minute
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <memory>
#include <vector>

#include "base/random.h"
#include "history/bench_event.h"
#include "history/durable_history.h"

namespace vigie::history {
namespace {

using Row = std::array<double, kFeatures>;

constexpr std::int64_t kStart = 1'700'000'000;

std::uint64_t resident_bytes() {
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

// 1,000 clients who come back so often that each has about `events` in 30 days, time going on from call to call.
void BM_Observe(benchmark::State& state) {
  const auto events = static_cast<std::uint64_t>(state.range(0));
  constexpr std::uint64_t kClients = 1'000;
  const auto history = *EmbeddedHistory::make({});
  Random random(1);
  const double pause = static_cast<double>(kLongestWindow) / static_cast<double>(events * kClients);
  double time = kStart;
  Row row;
  const auto observe = [&] {
    time += pause;
    const auto second = static_cast<std::int64_t>(time);
    benchmark::DoNotOptimize(history->observe(random_event(random, random.below(kClients), second), second, row));
  };
  for (std::uint64_t i = 0; i < kClients * events * 3 / 2; ++i) observe();
  for (auto _ : state) observe();
}
BENCHMARK(BM_Observe)->Arg(1)->Arg(20)->Arg(60)->Arg(200)->Arg(500);

// A terminal that is used all the time is counted by the hour, 37 days of them.
void BM_ReadAtABusyTerminal(benchmark::State& state) {
  const auto history = *EmbeddedHistory::make({});
  Random random(1);
  Row row;
  domain::Event event;
  for (std::int64_t time = kStart; time < kStart + 40 * kDay; time += 60) {
    event = random_event(random, random.next(), time);
    event.terminal = 1;
    benchmark::DoNotOptimize(history->observe(event, time, row));
  }
  for (auto _ : state) benchmark::DoNotOptimize(history->read(event, row));
}
BENCHMARK(BM_ReadAtABusyTerminal);

void BM_ObserveOnDisk(benchmark::State& state) {
  const auto folder = std::filesystem::temp_directory_path() / ("vigie-history-bench-" + std::to_string(::getpid()));
  {
    const auto durability = static_cast<Durability>(state.range(0));
    const auto history = *DurableHistory::open(folder, {.durability = durability});
    Random random(1);
    Row row;
    std::int64_t time = kStart;
    for (auto _ : state) {
      time += 40;
      benchmark::DoNotOptimize(history->observe(random_event(random, random.below(1'000), time), time, row));
    }
    state.SetLabel(std::string(to_string(durability)));
  }
  std::filesystem::remove_all(folder);
}
BENCHMARK(BM_ObserveOnDisk)->Arg(0)->Arg(1)->Arg(2)->UseRealTime();

void BM_ObserveByThreads(benchmark::State& state) {
  static std::unique_ptr<EmbeddedHistory> history;
  if (state.thread_index() == 0) history = *EmbeddedHistory::make({});
  Random random(static_cast<std::uint64_t>(state.thread_index()) + 1);
  Row row;
  std::int64_t time = kStart;
  for (auto _ : state) {
    time += 1;
    benchmark::DoNotOptimize(history->observe(random_event(random, random.below(100'000), time), time, row));
  }
}
BENCHMARK(BM_ObserveByThreads)->Threads(1)->Threads(2)->UseRealTime();

// Two million clients over 40 days. Their transactions in 30 days are log-normal with the given mean and a deviation of
// the logarithm of 1: a third of the mean in the middle half, 500 and more at the upper end.
void BM_TwoMillionClients(benchmark::State& state) {
  constexpr std::uint64_t kClients = 2'000'000;
  const auto mean = static_cast<double>(state.range(0));
  for (auto _ : state) {
    const std::uint64_t before = resident_bytes();
    const auto history = *EmbeddedHistory::make({});
    Random random(7);
    std::vector<float> daily(kClients);
    for (float& rate : daily) rate = static_cast<float>(mean / 30 * std::exp(random.normal(-0.5, 1)));
    const std::uint64_t rates = kClients * sizeof(float);
    Row row;
    std::uint64_t events = 0;
    for (std::int64_t day = 0; day < 40; ++day) {
      const std::int64_t now = kStart + (day + 1) * kDay;
      for (std::uint64_t client = 0; client < kClients; ++client) {
        for (std::uint64_t left = random.poisson(daily[client]); left > 0; --left, ++events) {
          const std::int64_t time = now - static_cast<std::int64_t>(random.below(kDay));
          benchmark::DoNotOptimize(history->observe(random_event(random, 1 + client, time), now, row));
        }
      }
    }
    state.counters["clients"] = static_cast<double>(history->clients());
    state.counters["events"] = static_cast<double>(events);
    state.counters["asked_bytes"] = static_cast<double>(history->bytes());
    state.counters["resident_bytes"] = static_cast<double>(resident_bytes() - before - rates);
    state.counters["bytes_per_client"] =
        static_cast<double>(resident_bytes() - before - rates) / static_cast<double>(history->clients());
  }
}
BENCHMARK(BM_TwoMillionClients)->Arg(20)->Arg(40)->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
}  // namespace vigie::history
