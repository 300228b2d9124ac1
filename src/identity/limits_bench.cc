// What each request pays for limits: a known key, new ones into a full table, several threads.
#include <benchmark/benchmark.h>

#include <cstring>
#include <string>
#include <vector>

#include "base/keyed_hash.h"
#include "base/random.h"
#include "identity/lockout.h"
#include "identity/probing.h"
#include "identity/rate_limit.h"

namespace vigie::identity {
namespace {

using std::chrono::nanoseconds;

constexpr std::size_t kEntries = 100'000;

void BM_KeyedHashOfASubject(benchmark::State& state) {
  const KeyedHash hash({1, 2});
  const std::string subject = "f3b1c2d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d";
  for (auto _ : state) benchmark::DoNotOptimize(hash(subject));
}
BENCHMARK(BM_KeyedHashOfASubject);

RateLimiter& full_limiter() {
  static RateLimiter limiter = [] {
    auto made = RateLimiter::make({.requests = 1'000, .per = std::chrono::seconds(1), .burst = 1'000}, kEntries);
    Random random(1);
    for (std::size_t i = 0; i < 2 * kEntries; ++i) made->take(random.next(), SteadyTime());
    return std::move(*made);
  }();
  return limiter;
}

void BM_TakeOfOneKey(benchmark::State& state) {
  RateLimiter& limiter = full_limiter();
  static SteadyTime now;  // goes on from run to run
  std::uint64_t allowed = 0;
  for (auto _ : state) allowed += limiter.take(42, now += std::chrono::milliseconds(1)).allowed ? 1 : 0;
  if (allowed != static_cast<std::uint64_t>(state.iterations())) state.SkipWithError("refused within the limit");
}
BENCHMARK(BM_TakeOfOneKey);

// 50,000 keys in turn, as many threads as said; the clock stands for 1,000 requests a second each.
void BM_TakeOfManyKeys(benchmark::State& state) {
  RateLimiter& limiter = full_limiter();
  Random random(static_cast<std::uint64_t>(state.thread_index()) + 2);
  std::int64_t now = std::int64_t{1} << 40;
  for (auto _ : state) {
    const std::uint64_t key = random.below(50'000) * 0x9e3779b97f4a7c15;
    benchmark::DoNotOptimize(limiter.take(key, SteadyTime(nanoseconds(now += 1'000))));
  }
}
BENCHMARK(BM_TakeOfManyKeys)->Threads(1)->Threads(2);

// Each key is seen once, and every bucket is in use or just full again.
void BM_TakeOfStrangers(benchmark::State& state) {
  auto limiter = RateLimiter::make({.requests = 1, .per = std::chrono::seconds(1), .burst = 1}, kEntries);
  Random random(4);
  SteadyTime now;
  for (auto _ : state) benchmark::DoNotOptimize(limiter->take(random.next(), now += nanoseconds(state.range(0))));
  state.counters["shared"] = static_cast<double>(limiter->crowded()) / static_cast<double>(state.iterations());
}
BENCHMARK(BM_TakeOfStrangers)->Arg(20'000)->Arg(1'000);

// Asked for every request, before its token is looked at: an address without failures, while 60,000 have some.
void BM_LockedForOfAStranger(benchmark::State& state) {
  auto lockout = Lockout::make({}, KeyedHash({1, 2}));
  http::IpAddress address{0x20, 1};
  const auto number = [&](std::uint32_t value) { std::memcpy(address.data() + 4, &value, sizeof value); };
  const WallTime now(std::chrono::hours(1));
  for (std::uint32_t i = 0; i < 60'000; ++i) {
    number(i);
    lockout->fail(address, now);
  }
  number(1'000'000);
  for (auto _ : state) benchmark::DoNotOptimize(lockout->locked_for(address, now));
}
BENCHMARK(BM_LockedForOfAStranger);

// Each network fails once and the table is full: the cost of a flood.
void BM_FailOfStrangers(benchmark::State& state) {
  auto lockout = Lockout::make({}, KeyedHash({1, 2}));
  http::IpAddress address{0x20, 1};
  WallTime now(std::chrono::hours(1));
  std::uint32_t next = 0;
  const auto fail = [&] {
    std::memcpy(address.data() + 4, &++next, sizeof next);
    return lockout->fail(address, now += std::chrono::microseconds(100));
  };
  for (int i = 0; i < 100'000; ++i) fail();
  for (auto _ : state) benchmark::DoNotOptimize(fail());
}
BENCHMARK(BM_FailOfStrangers);

// A card transaction against 64 others, none of them near (Arg 0) or all of them (Arg 1).
void BM_ObserveForProbing(benchmark::State& state) {
  auto probing = ProbingCounter::make({}, KeyedHash({1, 2}));
  Random random(5);
  std::vector<std::vector<double>> rows(1'000, std::vector<double>(ProbingOptions{}.fields));
  for (auto& row : rows) {
    for (double& value : row) value = random.normal();
  }
  std::size_t next = 0;
  std::uint64_t near = 0;
  for (auto _ : state) {
    auto& row = rows[state.range(0) == 0 ? next % rows.size() : 0];
    row[0] = static_cast<double>(++next);
    near += probing->observe(1, row, SteadyTime()).near;
  }
  state.counters["near"] = static_cast<double>(near) / static_cast<double>(state.iterations());
}
BENCHMARK(BM_ObserveForProbing)->Arg(0)->Arg(1);

}  // namespace
}  // namespace vigie::identity
