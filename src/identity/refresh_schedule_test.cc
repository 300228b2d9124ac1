#include "identity/refresh_schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vigie::identity {
namespace {

using namespace std::chrono_literals;
using Time = RefreshSchedule::Time;

constexpr Time kStart{1'000'000s};
const RefreshOptions kExact{.jitter = 0};

std::chrono::nanoseconds wait_after(std::optional<std::chrono::seconds> max_age) {
  RefreshSchedule schedule(kExact, kStart, 1);
  schedule.succeeded(kStart, max_age);
  return schedule.due() - kStart;
}

TEST(RefreshSchedule, TheFirstFetchIsDueAtOnce) { EXPECT_EQ(RefreshSchedule(kExact, kStart, 1).due(), kStart); }

TEST(RefreshSchedule, TheIssuersAgeIsKeptWithinLimits) {
  EXPECT_EQ(wait_after(600s), 600s);
  EXPECT_EQ(wait_after(0s), 30s) << "no-store does not make a storm";
  EXPECT_EQ(wait_after(5s), 30s);
  EXPECT_EQ(wait_after(std::chrono::seconds{std::int64_t{1} << 31}), 1h);
  EXPECT_EQ(wait_after(std::nullopt), 5min);
}

TEST(RefreshSchedule, JitterOnlyShortensAndDiffersBySeed) {
  std::vector<std::chrono::nanoseconds> waits;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    RefreshSchedule schedule({.jitter = 0.25}, kStart, seed);
    schedule.succeeded(kStart, 1000s);
    waits.push_back(schedule.due() - kStart);
  }
  EXPECT_THAT(waits, testing::Each(testing::AllOf(testing::Gt(749s), testing::Le(1000s))));
  std::sort(waits.begin(), waits.end());
  EXPECT_LT(waits.front(), 800s);
  EXPECT_GT(waits.back(), 950s);
}

TEST(RefreshSchedule, RetriesWaitTwiceAsLongUpToAMinute) {
  RefreshSchedule schedule(kExact, kStart, 1);
  std::vector<std::chrono::nanoseconds> waits;
  for (int turn = 0; turn < 9; ++turn) {
    schedule.failed(kStart);
    waits.push_back(schedule.due() - kStart);
  }
  EXPECT_THAT(waits, testing::ElementsAre(1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s, 60s));
  schedule.succeeded(kStart, 600s);
  schedule.failed(kStart);
  EXPECT_EQ(schedule.due() - kStart, 1s) << "a success begins anew";
}

TEST(RefreshSchedule, AskingIsGrantedOnceInTenSeconds) {
  RefreshSchedule schedule(kExact, kStart, 1);
  schedule.succeeded(kStart, 600s);
  EXPECT_TRUE(schedule.ask(kStart + 1s));
  EXPECT_EQ(schedule.due(), kStart + 1s);
  schedule.succeeded(kStart + 1s, 600s);
  EXPECT_FALSE(schedule.ask(kStart + 10s));
  EXPECT_EQ(schedule.due(), kStart + 601s) << "nothing changed";
  EXPECT_TRUE(schedule.ask(kStart + 11s));
  EXPECT_EQ(schedule.due(), kStart + 11s);
}

TEST(RefreshSchedule, AskingNeverPutsOff) {
  RefreshSchedule schedule(kExact, kStart, 1);
  EXPECT_TRUE(schedule.ask(kStart + 5s));
  EXPECT_EQ(schedule.due(), kStart);
}

}  // namespace
}  // namespace vigie::identity
