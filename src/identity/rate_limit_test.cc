#include "identity/rate_limit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <map>
#include <thread>
#include <vector>

#include "base/random.h"

namespace vigie::identity {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using testing::HasSubstr;

constexpr std::uint64_t kAlice = 0x0123456789abcdef;
constexpr std::uint64_t kBob = 0xfedcba9876543210;

SteadyTime at(nanoseconds since_start) { return SteadyTime(1000h + since_start); }

RateLimiter limiter_of(const RateLimit& limit, std::size_t entries = 1'000) {
  auto limiter = RateLimiter::make(limit, entries);
  EXPECT_TRUE(limiter) << limiter.error().to_string();
  return std::move(*limiter);
}

testing::AssertionResult says(const RateAnswer& got, const RateAnswer& wanted) {
  if (got.allowed == wanted.allowed && got.limit == wanted.limit && got.remaining == wanted.remaining &&
      got.reset == wanted.reset && got.retry_after == wanted.retry_after) {
    return testing::AssertionSuccess();
  }
  const auto text = [](const RateAnswer& answer) {
    return std::string(answer.allowed ? "allowed" : "refused") + " limit=" + std::to_string(answer.limit) +
           " remaining=" + std::to_string(answer.remaining) + " reset=" + std::to_string(answer.reset) +
           " retry=" + std::to_string(answer.retry_after);
  };
  return testing::AssertionFailure() << text(got) << "\nwanted " << text(wanted);
}

TEST(RateLimitTest, TellsWhatTheFieldsSay) {
  RateLimiter limiter = limiter_of({.requests = 1, .per = 2s, .burst = 3});
  EXPECT_TRUE(says(limiter.take(kAlice, at(0s)), {true, 3, 2, 2, 0}));
  EXPECT_TRUE(says(limiter.take(kAlice, at(0s)), {true, 3, 1, 4, 0}));
  EXPECT_TRUE(says(limiter.take(kAlice, at(500ms)), {true, 3, 0, 6, 0})) << "5.5 s, rounded up";
  EXPECT_TRUE(says(limiter.take(kAlice, at(500ms)), {false, 3, 0, 6, 2})) << "1.5 s, rounded up";
  EXPECT_TRUE(says(limiter.take(kAlice, at(1'999'999'999ns)), {false, 3, 0, 5, 1})) << "1 ns, rounded up";
  EXPECT_TRUE(says(limiter.take(kAlice, at(2s)), {true, 3, 0, 6, 0})) << "refusals have cost nothing";
  EXPECT_TRUE(says(limiter.take(kAlice, at(1h)), {true, 3, 2, 2, 0})) << "never more than the bucket holds";
  EXPECT_TRUE(says(limiter.take(kBob, at(1h)), {true, 3, 2, 2, 0}));
  EXPECT_EQ(limiter.keys(), 2U);
}

TEST(RateLimitTest, WhoeverWaitsAsToldIsLetIn) {
  Random random(1);
  RateLimiter limiter = limiter_of({.requests = 7, .per = 60s, .burst = 2});
  nanoseconds now = 0s;
  int refused = 0;
  for (int i = 0; i < 1'000; ++i) {
    now += nanoseconds(random.below(8'000'000'000));
    const RateAnswer answer = limiter.take(kAlice, at(now));
    if (answer.allowed) continue;
    ++refused;
    ASSERT_GE(answer.retry_after, 1U);
    ASSERT_FALSE(limiter.take(kAlice, at(now + std::chrono::seconds(answer.retry_after) - 1s)).allowed) << "no sooner";
    now += std::chrono::seconds(answer.retry_after);
    ASSERT_TRUE(limiter.take(kAlice, at(now)).allowed);
  }
  EXPECT_GT(refused, 100);
}

// Requests let through in 10 s after the burst, for `asked` requests at the moments that `moment` gives.
template <typename Moment>
double allowed_in_ten_seconds(const RateLimit& limit, int asked, Moment&& moment) {
  RateLimiter limiter = limiter_of(limit);
  std::uint64_t allowed = 0;
  for (int i = 0; i < asked; ++i) allowed += limiter.take(kAlice, at(moment(i))).allowed ? 1 : 0;
  return static_cast<double>(allowed) - static_cast<double>(limit.burst);
}

TEST(RateLimitTest, HoldsToTwoPercentOverTenSeconds) {
  for (const std::uint64_t rate : {10U, 97U, 1'000U, 30'000U}) {
    SCOPED_TRACE(rate);
    const RateLimit limit{.requests = rate, .per = 1s, .burst = rate / 10};
    const double wanted = 10 * static_cast<double>(rate);
    const int asked = static_cast<int>(30 * rate);
    EXPECT_NEAR(allowed_in_ten_seconds(limit, asked, [&](int i) { return nanoseconds(10s) * i / asked; }), wanted,
                0.02 * wanted)
        << "steadily, three times as often as allowed";
    Random random(rate);
    nanoseconds moment = 0s;
    const auto by_chance = [&](int) {
      moment += nanoseconds(static_cast<std::int64_t>(random.exponential(10e9 / asked)));
      return std::min(moment, nanoseconds(10s));
    };
    const RateLimit patient{.requests = rate, .per = 1s, .burst = rate};
    EXPECT_NEAR(allowed_in_ten_seconds(patient, asked + asked / 5, by_chance), wanted, 0.02 * wanted) << "by chance";
    EXPECT_NEAR(allowed_in_ten_seconds(limit, 2 * asked, [&](int i) { return 50ms * (i * 201L / (2 * asked)); }),
                wanted, 0.02 * wanted)
        << "in bursts";
  }
}

TEST(RateLimitTest, HoldsWithThreads) {
  RateLimiter limiter = limiter_of({.requests = 2'000, .per = 1s, .burst = 100});
  constexpr std::int64_t kAsked = 200'000;
  std::atomic<std::int64_t> ticks{0};
  std::atomic<std::uint64_t> allowed{0};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (std::int64_t tick = ticks.fetch_add(1); tick <= kAsked; tick = ticks.fetch_add(1)) {
        if (limiter.take(kAlice, at(nanoseconds(10s) * tick / kAsked)).allowed) allowed.fetch_add(1);
        limiter.take(kBob + static_cast<std::uint64_t>(tick), at(nanoseconds(10s) * tick / kAsked));
      }
    });
  }
  threads.clear();
  EXPECT_LE(allowed, 20'100U) << "not one more than the burst and 10 s";
  EXPECT_GE(allowed, 19'700U);
}

TEST(RateLimitTest, OneKeyDoesNotStarveAnother) {
  RateLimiter limiter = limiter_of({.requests = 10, .per = 1s, .burst = 1});
  int alice = 0;
  for (int tick = 0; tick < 10'000; ++tick) {
    const nanoseconds now = 1ms * tick;
    for (int i = 0; i < 5; ++i) alice += limiter.take(kAlice, at(now)).allowed ? 1 : 0;
    if (tick % 100 == 0) {
      ASSERT_TRUE(limiter.take(kBob, at(now)).allowed) << tick;
    }
  }
  EXPECT_EQ(alice, 100);
}

TEST(RateLimitTest, TimeThatGoesBackStandsStill) {
  RateLimiter limiter = limiter_of({.requests = 1, .per = 1s, .burst = 2});
  limiter.take(kAlice, at(10s));
  limiter.take(kAlice, at(10s));
  EXPECT_TRUE(says(limiter.take(kAlice, at(0s)), {false, 2, 0, 2, 1})) << "no longer wait than at the latest time";
  EXPECT_TRUE(says(limiter.take(kBob, at(0s)), {true, 2, 1, 1, 0}));
  EXPECT_FALSE(limiter.take(kAlice, at(9s)).allowed);
  EXPECT_FALSE(limiter.take(kAlice, at(10'999'999'999ns)).allowed) << "what passed twice is not given twice";
  EXPECT_TRUE(limiter.take(kAlice, at(11s)).allowed);
}

TEST(RateLimitTest, ExtremeSettingsDoNotOverflow) {
  const auto year = nanoseconds(std::chrono::days(366));
  const std::uint64_t most = static_cast<std::uint64_t>(year.count());
  for (const RateLimit& limit : {RateLimit{1, year, 1}, RateLimit{most / 1'000, year, most / 1'000},
                                 RateLimit{1, 1'000ns, most / 1'000}, RateLimit{1'000'000, 1s, 1}}) {
    for (const SteadyTime now : {SteadyTime::min(), SteadyTime(), SteadyTime::max()}) {
      RateLimiter limiter = limiter_of(limit, 1);
      const RateAnswer first = limiter.take(kAlice, now);
      EXPECT_TRUE(first.allowed);
      EXPECT_EQ(first.remaining, limit.burst - 1);
      EXPECT_EQ(limiter.take(kAlice, now).allowed, limit.burst > 1);
      const RateAnswer crowded = limiter.take(kBob, now);
      EXPECT_TRUE(crowded.allowed);
      EXPECT_EQ(crowded.remaining, limit.burst - 1);
    }
  }
  RateLimiter slow = limiter_of({1, year, 1}, 1);
  slow.take(kAlice, SteadyTime::min());
  EXPECT_TRUE(slow.take(kAlice, SteadyTime::max()).allowed);
  EXPECT_TRUE(says(slow.take(kAlice, SteadyTime::max()), {false, 1, 0, 31'622'400, 31'622'400}));
}

TEST(RateLimitTest, RefusesWhatCannotBeKept) {
  const auto field_of = [](const RateLimit& limit, std::size_t entries = 10) {
    const auto made = RateLimiter::make(limit, entries);
    if (made) return std::string();
    EXPECT_EQ(made.error().code, Code::kInvalidArgument);
    EXPECT_FALSE(made.error().message.empty() || made.error().remedy.empty());
    return made.error().place.field;
  };
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(field_of({.requests = 1, .per = 1s, .burst = 1}), "");
  EXPECT_EQ(field_of({.requests = 1, .per = 0s, .burst = 1}), "per");
  EXPECT_EQ(field_of({.requests = 1, .per = -1s, .burst = 1}), "per");
  EXPECT_EQ(field_of({.requests = 1, .per = nanoseconds::max(), .burst = 1}), "per");
  EXPECT_EQ(field_of({.requests = 0, .per = 1s, .burst = 1}), "requests");
  EXPECT_EQ(field_of({.requests = 1'000'001, .per = 1s, .burst = 1}), "requests");
  EXPECT_EQ(field_of({.requests = kMost, .per = 1s, .burst = 1}), "requests");
  EXPECT_EQ(field_of({.requests = 1, .per = 999ns, .burst = 1}), "requests");
  EXPECT_EQ(field_of({.requests = 1, .per = 1s, .burst = 0}), "burst");
  EXPECT_EQ(field_of({.requests = 1, .per = 1s, .burst = 366 * 86'400 + 1}), "burst");
  EXPECT_EQ(field_of({.requests = 1, .per = 1s, .burst = kMost}), "burst");
  EXPECT_EQ(field_of({.requests = 1, .per = 1s, .burst = 1}, 0), "entries");
  EXPECT_EQ(field_of({.requests = 1, .per = 1s, .burst = 1}, (std::size_t{1} << 24) + 1), "entries");
}

TEST(RateLimitTest, AFullBucketMakesRoomAndOneInUseDoesNot) {
  RateLimiter limiter = limiter_of({.requests = 1, .per = 1s, .burst = 2}, 3);
  for (const std::uint64_t key : {1, 2, 3}) limiter.take(key, at(0s));
  limiter.take(2, at(0s));
  EXPECT_TRUE(says(limiter.take(4, at(0s)), {true, 2, 1, 1, 0}));
  EXPECT_TRUE(says(limiter.take(5, at(0s)), {true, 2, 0, 2, 0})) << "4 and 5 have one bucket between them";
  EXPECT_FALSE(limiter.take(6, at(0s)).allowed);
  EXPECT_EQ(limiter.crowded(), 3U);
  EXPECT_FALSE(limiter.take(2, at(0s)).allowed) << "nobody has lifted it";
  EXPECT_TRUE(says(limiter.take(1, at(0s)), {true, 2, 0, 2, 0})) << "nor taken from it";

  EXPECT_TRUE(says(limiter.take(6, at(1s)), {true, 2, 1, 1, 0})) << "3 is full again, and gives way";
  EXPECT_TRUE(says(limiter.take(2, at(1s)), {true, 2, 0, 2, 0})) << "2 is not, and stays";
  EXPECT_EQ(limiter.keys(), 3U);
  EXPECT_EQ(limiter.crowded(), 3U);
}

TEST(RateLimitTest, ManyKeysLiftNoLimitAndGetNoMoreThanTheTableHolds) {
  RateLimiter limiter = limiter_of({.requests = 1, .per = 1s, .burst = 5}, 1'000);
  std::uint64_t victim = 0;
  std::uint64_t flood = 0;
  Random random(3);
  for (int tick = 0; tick < 1'000; ++tick) {  // 10 s
    const nanoseconds now = 10ms * tick;
    victim += limiter.take(kAlice, at(now)).allowed ? 1 : 0;
    for (int i = 0; i < 100; ++i) flood += limiter.take(random.next(), at(now)).allowed ? 1 : 0;
  }
  EXPECT_EQ(victim, 14U) << "5, and one at each of the nine seconds that follow";
  EXPECT_LE(limiter.keys(), 1'000U);
  EXPECT_GT(limiter.crowded(), 50'000U);
  // Every bucket, the shared ones included, gives its burst and 10 s at most.
  EXPECT_LE(flood, (1'000 + 64) * 15U);
  EXPECT_TRUE(limiter.take(random.next(), at(1min)).allowed) << "once the flood ends, newcomers are welcome";
}

// Buckets of credit that flow in with time, in a map: the same by another way, and only where nobody minds the time.
class SlowLimiter {
 public:
  SlowLimiter(const RateLimit& limit, std::size_t entries)
      : price_((limit.per.count() + static_cast<std::int64_t>(limit.requests) - 1) /
               static_cast<std::int64_t>(limit.requests)),
        burst_(limit.burst),
        full_(price_ * static_cast<std::int64_t>(limit.burst)),
        entries_(entries),
        shared_(full_) {}

  RateAnswer take(std::uint64_t key, std::int64_t now) {
    const std::int64_t passed = std::max<std::int64_t>(now - now_, 0);
    now_ += passed;
    for (auto& [other, credit] : credits_) credit = std::min(full_, credit + passed);
    shared_ = std::min(full_, shared_ + passed);
    std::erase_if(credits_, [&](const auto& entry) { return entry.second == full_; });
    if (!credits_.contains(key) && credits_.size() < entries_) credits_[key] = full_;
    std::int64_t& credit = credits_.contains(key) ? credits_[key] : shared_;
    RateAnswer answer{.allowed = credit >= price_, .limit = burst_};
    if (answer.allowed) credit -= price_;
    while (!answer.allowed && credit + static_cast<std::int64_t>(answer.retry_after) * 1'000'000'000 < price_) {
      ++answer.retry_after;
    }
    answer.remaining = static_cast<std::uint64_t>(credit / price_);
    while (credit + static_cast<std::int64_t>(answer.reset) * 1'000'000'000 < full_) ++answer.reset;
    return answer;
  }

 private:
  std::int64_t price_;
  std::uint64_t burst_;
  std::int64_t full_;
  std::size_t entries_;
  std::int64_t now_ = 0;
  std::map<std::uint64_t, std::int64_t> credits_;  // those that are not full
  std::int64_t shared_;
};

TEST(RateLimitTest, DoesWhatTheSlowOneDoes) {
  Random random(7);
  std::uint64_t refused = 0;
  std::uint64_t crowded = 0;
  for (int round = 0; round < 300; ++round) {
    const RateLimit limit{.requests = 1 + random.below(20),
                          .per = nanoseconds(20'000 + random.below(5'000'000'000)),
                          .burst = 1 + random.below(6)};
    const std::size_t entries = 1 + random.below(12);
    RateLimiter fast = limiter_of(limit, entries);
    SlowLimiter slow(limit, entries);
    const std::uint64_t keys = 1 + random.below(16);
    const double pace = random.uniform(0.1, 2) * static_cast<double>(limit.per.count()) /
                        static_cast<double>(limit.requests * std::min<std::uint64_t>(keys, entries));
    std::int64_t now = at(0s).time_since_epoch().count();
    for (int step = 0; step < 300; ++step) {
      if (random.bernoulli(0.7)) now += static_cast<std::int64_t>(random.exponential(pace));
      const std::int64_t told = random.bernoulli(0.1) ? now - static_cast<std::int64_t>(random.exponential(pace)) : now;
      const std::uint64_t key = random.below(keys);
      const RateAnswer wanted = slow.take(key, told);
      ASSERT_TRUE(says(fast.take(key, SteadyTime(nanoseconds(told))), wanted)) << "round " << round << " step " << step;
      refused += wanted.allowed ? 0 : 1;
    }
    crowded += fast.crowded();
  }
  EXPECT_GT(refused, 10'000U);
  EXPECT_GT(crowded, 1'000U);
}

}  // namespace
}  // namespace vigie::identity
