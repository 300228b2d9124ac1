// What a decision pays for a history in Redis, beside a bare round trip to the same server, and what a client takes
// there.
//
//   vigie_history_bench --benchmark_filter=Redis
//
// The server is started by the bench, on this machine, and writes nothing to disk.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

#include "base/random.h"
#include "history/bench_event.h"
#include "history/redis_history.h"
#include "history/redis_process.h"

namespace vigie::history {
namespace {

using Row = std::array<double, kFeatures>;
using std::chrono::steady_clock;

constexpr std::int64_t kStart = 1'700'000'000;

template <typename Work>
double microseconds(Work work) {
  const auto begun = steady_clock::now();
  work();
  return std::chrono::duration<double, std::micro>(steady_clock::now() - begun).count();
}

double median(std::vector<double>& times) {
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::ranges::nth_element(times, middle);
  return *middle;
}

// Clients who come back so often that each has about `events` in 30 days, time going on from call to call; a PING in
// turn with each. Medians, and what the script takes of the server's one thread.
void BM_RedisObserve(benchmark::State& state) {
  if (!RedisProcess::program()) {
    state.SkipWithError(RedisProcess::kAbsent);
    return;
  }
  const auto listen = state.range(1) == 0 ? RedisProcess::Listen::kPort : RedisProcess::Listen::kSocket;
  RedisProcess server({}, listen);
  const auto history = RedisHistory::open({.endpoint = server.endpoint()}).value();
  const auto events = static_cast<std::uint64_t>(state.range(0));
  constexpr std::uint64_t kClients = 100;
  Random random(1);
  const double pause = static_cast<double>(kLongestWindow) / static_cast<double>(events * kClients);
  double time = kStart;
  Row row;
  const auto observe = [&] {
    time += pause;
    const auto second = static_cast<std::int64_t>(time);
    if (!history->observe(random_event(random, 1 + random.below(kClients), second), second, row)) std::abort();
  };
  for (std::uint64_t i = 0; i < kClients * events * 3 / 2; ++i) observe();
  server.ask({"CONFIG", "RESETSTAT"});
  std::vector<double> pings;
  std::vector<double> decisions;
  for (auto _ : state) {
    pings.push_back(microseconds([&] { server.ask({"PING"}); }));
    decisions.push_back(microseconds(observe));
  }
  const auto calls = static_cast<double>(server.info("cmdstat_evalsha", "calls"));
  state.counters["script_us"] = static_cast<double>(server.info("cmdstat_evalsha", "usec")) / calls;
  state.counters["ping_us"] = median(pings);
  state.counters["observe_us"] = median(decisions);
  state.counters["ratio"] = median(decisions) / median(pings);
  state.SetLabel(listen == RedisProcess::Listen::kPort ? "TCP" : "Unix socket");
}
BENCHMARK(BM_RedisObserve)
    ->ArgsProduct({{1, 20, 60, 200, 500}, {0}})
    ->Args({60, 1})
    ->Iterations(5'000)
    ->Unit(benchmark::kMicrosecond);

// What the server asks its allocator for, by client with so many events and by terminal with so many seconds.
void BM_RedisMemory(benchmark::State& state) {
  if (!RedisProcess::program()) {
    state.SkipWithError(RedisProcess::kAbsent);
    return;
  }
  const auto events = static_cast<std::uint64_t>(state.range(0));
  const std::uint64_t each = 100'000 / std::max<std::uint64_t>(events, 50);
  for (auto _ : state) {
    RedisProcess server;
    const auto history = RedisHistory::open({.endpoint = server.endpoint()}).value();
    Random random(1);
    Row row;
    const auto observe = [&](const domain::Event& event) {
      if (!history->observe(event, event.time, row)) std::abort();
    };
    const auto bytes_of = [&](bool at_terminals) {
      const std::int64_t before = server.info("used_memory");
      for (std::uint64_t i = 0; i < each * events; ++i) {
        domain::Event event = random_event(random, 1 + i % each, kStart + static_cast<std::int64_t>(i / each * 60));
        event.terminal = at_terminals ? event.client : 0;
        if (at_terminals) event.client = each + 1;
        observe(event);
        if (at_terminals && (i % 20 == 0 || i + 1 == each * events))
          benchmark::DoNotOptimize(history->forget(each + 1));
      }
      return static_cast<double>(server.info("used_memory") - before) / static_cast<double>(each);
    };
    // What connections and scripts take is there before.
    observe(random_event(random, each + 1, kStart));
    server.info("used_memory");
    state.counters["bytes_per_client"] = bytes_of(false);
    state.counters["bytes_per_terminal"] = bytes_of(true);
  }
}
BENCHMARK(BM_RedisMemory)->Arg(1)->Arg(20)->Arg(60)->Arg(500)->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
}  // namespace vigie::history
