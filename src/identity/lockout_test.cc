#include "identity/lockout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <thread>

#include "base/file.h"
#include "base/random.h"

namespace vigie::identity {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using std::chrono::microseconds;
using testing::HasSubstr;

const KeyedHash kHash({3, 4});
const WallTime kStart = WallTime(1'795'298'400s);

http::IpAddress ip(const std::string& text) { return http::parse_ip(text).value(); }
const http::IpAddress kMallory = ip("192.0.2.7");
const http::IpAddress kAlice = ip("198.51.100.1");

Lockout lockout_of(const LockoutOptions& options) {
  auto lockout = Lockout::make(options, kHash);
  EXPECT_TRUE(lockout) << lockout.error().to_string();
  return std::move(*lockout);
}

// Three failures in a minute lock out for 10 s, 20 s, 40 s, at most 60 s; forgotten after 5 minutes.
LockoutOptions brisk() {
  return {.failures = 3, .window = 1min, .first = 10s, .longest = 60s, .memory = 5min, .entries = 1'000};
}

// Fails until locked out, all at `now`; for how long.
std::uint64_t lock_out(Lockout& lockout, const http::IpAddress& address, WallTime now) {
  for (int tries = 1; tries <= 100; ++tries) {
    const LockoutAnswer answer = lockout.fail(address, now);
    if (answer.began) return answer.locked_for;
  }
  ADD_FAILURE() << "100 failures, and not locked out";
  return 0;
}

TEST(LockoutTest, TheFailureTooManyLocksOutAndTimeLetsInAgain) {
  Lockout lockout = lockout_of(brisk());
  EXPECT_EQ(lockout.fail(kMallory, kStart).failures, 1U);
  EXPECT_EQ(lockout.fail(kMallory, kStart + 30s).failures, 2U);
  EXPECT_EQ(lockout.locked_for(kMallory, kStart + 30s), 0U);
  const LockoutAnswer third = lockout.fail(kMallory, kStart + 59s);
  EXPECT_TRUE(third.began);
  EXPECT_EQ(third.locked_for, 10U);
  EXPECT_EQ(lockout.locked_for(kMallory, kStart + 59s), 10U);
  EXPECT_EQ(lockout.locked_for(kMallory, kStart + 60s + 1us), 9U) << "rounded up";
  EXPECT_EQ(lockout.locked_for(kMallory, kStart + 69s - 1us), 1U);
  EXPECT_EQ(lockout.locked_for(kMallory, kStart + 69s), 0U);
  EXPECT_EQ(lockout.locked_for(kAlice, kStart + 60s), 0U) << "nobody else";
}

TEST(LockoutTest, FailuresCountForAWindowThatSlides) {
  Lockout lockout = lockout_of(brisk());
  for (int i = 0; i < 100; ++i) {
    const LockoutAnswer answer = lockout.fail(kMallory, kStart + 30s * i);
    ASSERT_EQ(answer.locked_for, 0U) << i;
    ASSERT_EQ(answer.failures, i == 0 ? 1U : 2U) << i;
  }
  EXPECT_TRUE(lockout.fail(kMallory, kStart + 30s * 99 + 29s).began) << "three within 59 s, wherever they lie";
}

TEST(LockoutTest, FailuresWhileLockedOutChangeNothing) {
  Lockout lockout = lockout_of(brisk());
  lock_out(lockout, kMallory, kStart);
  for (int second = 0; second < 10; ++second) {
    const LockoutAnswer answer = lockout.fail(kMallory, kStart + 1s * second);
    EXPECT_FALSE(answer.began);
    EXPECT_EQ(answer.locked_for, static_cast<std::uint64_t>(10 - second));
  }
  EXPECT_EQ(lockout.fail(kMallory, kStart + 10s).failures, 1U);
}

TEST(LockoutTest, DoublesUpToTheLongestAndForgets) {
  Lockout lockout = lockout_of(brisk());
  WallTime now = kStart;
  for (const std::uint64_t seconds : {10U, 20U, 40U, 60U, 60U, 60U}) {
    ASSERT_EQ(lock_out(lockout, kMallory, now), seconds);
    now += std::chrono::seconds(seconds);
  }
  for (int i = 0; i < 5'000; ++i) now += std::chrono::seconds(lock_out(lockout, kMallory, now));
  EXPECT_EQ(lock_out(lockout, kMallory, now), 60U) << "after more than are counted";
  now += 60s;
  EXPECT_EQ(lock_out(lockout, kMallory, now + 5min - 1us), 60U);
  now += 5min - 1us + 60s;
  EXPECT_EQ(lock_out(lockout, kMallory, now + 5min), 10U) << "five minutes without one";
}

TEST(LockoutTest, SuccessForgivesFailuresButNoLockoutNorTheDoubling) {
  Lockout lockout = lockout_of(brisk());
  lockout.succeed(kMallory, kStart);
  EXPECT_EQ(lockout.counts(kStart).networks, 0U) << "whoever never fails takes no place";
  lockout.fail(kMallory, kStart);
  lockout.fail(kMallory, kStart);
  lockout.succeed(kMallory, kStart);
  EXPECT_EQ(lockout.fail(kMallory, kStart).failures, 1U);
  EXPECT_EQ(lock_out(lockout, kMallory, kStart), 10U);
  lockout.succeed(kMallory, kStart + 1s);
  EXPECT_EQ(lockout.locked_for(kMallory, kStart + 1s), 9U);
  lockout.succeed(kMallory, kStart + 11s);
  EXPECT_EQ(lock_out(lockout, kMallory, kStart + 12s), 20U);
}

TEST(LockoutTest, Ipv6CountsByItsFirst64Bits) {
  Lockout lockout = lockout_of(brisk());
  lockout.fail(ip("2001:db8:1:2::1"), kStart);
  lockout.fail(ip("2001:db8:1:2:ffff::1"), kStart);
  EXPECT_TRUE(lockout.fail(ip("2001:db8:1:2:3:4:5:6"), kStart).began);
  EXPECT_EQ(lockout.locked_for(ip("2001:db8:1:2::9"), kStart), 10U);
  EXPECT_EQ(lockout.locked_for(ip("2001:db8:1:3::1"), kStart), 0U);
  EXPECT_EQ(lockout.counts(kStart).networks, 1U);
  EXPECT_EQ(lockout.counts(kStart).locked, 1U);
  EXPECT_EQ(lockout.counts(kStart + 10s).locked, 0U);
}

TEST(LockoutTest, AClockSetBackLocksNobodyOutForLonger) {
  Lockout lockout = lockout_of(brisk());
  lock_out(lockout, kMallory, kStart);
  EXPECT_EQ(lockout.locked_for(kMallory, kStart - 1h), 10U);
  EXPECT_EQ(lockout.locked_for(kMallory, kStart - 1h + 10s), 0U);
  lockout.fail(kAlice, kStart);
  EXPECT_EQ(lockout.fail(kAlice, kStart - 1h).failures, 2U);
  EXPECT_EQ(lockout.fail(kAlice, kStart - 1h + 61s).failures, 1U) << "the first came at the latest an hour before";
}

TEST(LockoutTest, WhoComesWhenAllPlacesAreTakenTakesTheOneForgottenFirst) {
  LockoutOptions options = brisk();
  options.entries = 3;
  Lockout lockout = lockout_of(options);
  lock_out(lockout, kMallory, kStart);
  lockout.fail(kAlice, kStart + 1s);
  lockout.fail(kAlice, kStart + 1s);
  for (int i = 0; i < 100; ++i) lockout.fail(ip("203.0.113." + std::to_string(i)), kStart + 2s);
  EXPECT_EQ(lockout.counts(kStart + 2s).networks, 3U);
  EXPECT_EQ(lockout.counts(kStart + 2s).forgotten, 99U);
  EXPECT_EQ(lockout.locked_for(kMallory, kStart + 2s), 8U) << "single failures lift no lockout";
  EXPECT_EQ(lockout.fail(kAlice, kStart + 2s).failures, 1U);
  for (int i = 0; i < 3; ++i) lock_out(lockout, ip("203.0.113." + std::to_string(i)), kStart + 3s);
  EXPECT_EQ(lockout.locked_for(kMallory, kStart + 3s), 0U) << "as many lockouts as places do";
}

TEST(LockoutTest, SingleFailuresLiftNoLockoutHoweverShortTheMemory) {
  LockoutOptions options = brisk();
  options.memory = 1s;
  options.entries = 2;
  Lockout lockout = lockout_of(options);
  lock_out(lockout, kMallory, kStart);
  for (int i = 0; i < 10; ++i) lockout.fail(ip("203.0.113." + std::to_string(i)), kStart + 5s);
  EXPECT_EQ(lockout.locked_for(kMallory, kStart + 5s), 5U);
}

TEST(LockoutTest, RefusesOptionsOutOfRange) {
  const auto field_of = [](auto&& change) {
    LockoutOptions options;
    change(options);
    const auto made = Lockout::make(options, kHash);
    if (made) return std::string();
    EXPECT_EQ(made.error().code, Code::kInvalidArgument);
    return made.error().place.field;
  };
  EXPECT_EQ(field_of([](LockoutOptions&) {}), "");
  EXPECT_EQ(field_of([](LockoutOptions& o) { o.failures = 0; }), "failures");
  EXPECT_EQ(field_of([](LockoutOptions& o) { o.failures = 51; }), "failures");
  EXPECT_EQ(field_of([](LockoutOptions& o) { o.window = 999'999us; }), "window");
  EXPECT_EQ(field_of([](LockoutOptions& o) { o.first = -1s; }), "first");
  EXPECT_EQ(field_of([](LockoutOptions& o) { o.longest = microseconds::max(); }), "longest");
  EXPECT_EQ(field_of([](LockoutOptions& o) { o.longest = 59s; }), "longest");
  EXPECT_EQ(field_of([](LockoutOptions& o) { o.memory = 0s; }), "memory");
  EXPECT_EQ(field_of([](LockoutOptions& o) { o.entries = 0; }), "entries");
  EXPECT_EQ(field_of([](LockoutOptions& o) { o.entries = 262'145; }), "entries");
}

// The rules written down once more, with all that ever happened kept.
class SlowLockout {
 public:
  explicit SlowLockout(const LockoutOptions& options) : options_(options) {}

  bool locked(int who, WallTime now) const {
    const auto known = people_.find(who);
    return known != people_.end() && now < known->second.until;
  }
  void fail(int who, WallTime now) {
    if (locked(who, now)) return;
    Person& person = people_[who];
    person.failures.push_back(now);
    std::size_t recent = 0;
    for (const WallTime time : person.failures) recent += now - time < options_.window ? 1 : 0;
    if (recent < options_.failures) return;
    if (now - person.until >= options_.memory) person.length = 0s;
    person.length = std::min(options_.longest, person.length == 0s ? options_.first : 2 * person.length);
    person.until = now + person.length;
    person.failures.clear();
  }
  void succeed(int who) { people_[who].failures.clear(); }

 private:
  struct Person {
    std::vector<WallTime> failures;
    WallTime until{};
    microseconds length = 0s;
  };
  LockoutOptions options_;
  std::map<int, Person> people_;
};

TEST(LockoutTest, DoesWhatTheSlowOneDoes) {
  const std::string path = fs::temp_directory_path() / ("vigie-lockout-slow-" + std::to_string(::getpid()));
  Random random(11);
  int locked = 0;
  for (int round = 0; round < 60; ++round) {
    LockoutOptions options = brisk();
    options.failures = 1 + static_cast<std::uint32_t>(random.below(6));
    Lockout fast = lockout_of(options);
    SlowLockout slow(options);
    WallTime now = kStart;
    for (int step = 0; step < 1'000; ++step) {
      now += microseconds(static_cast<std::int64_t>(random.exponential(random.bernoulli(0.01) ? 2e8 : 3e6)));
      const int who = static_cast<int>(random.below(4));
      const http::IpAddress address = ip("192.0.2." + std::to_string(who));
      ASSERT_EQ(fast.locked_for(address, now) > 0, slow.locked(who, now)) << "round " << round << " step " << step;
      locked += slow.locked(who, now) ? 1 : 0;
      if (random.bernoulli(0.1)) {
        fast.succeed(address, now);
        if (!slow.locked(who, now)) slow.succeed(who);
      } else {
        fast.fail(address, now);
        slow.fail(who, now);
      }
      if (random.bernoulli(0.002)) {  // a restart
        ASSERT_TRUE(fast.save(path, now));
        fast = lockout_of(options);
        ASSERT_TRUE(fast.restore(path, now));
      }
    }
  }
  fs::remove(path);
  EXPECT_GT(locked, 5'000);
}

TEST(LockoutTest, ThreadsLoseNoFailure) {
  Lockout lockout = lockout_of({.failures = 50, .entries = 1'000});
  std::atomic<int> began{0};
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&] {
        for (int i = 0; i < 2'000; ++i) {
          began += lockout.fail(kMallory, kStart).began ? 1 : 0;
          lockout.locked_for(ip("203.0.113." + std::to_string(i % 200)), kStart);
          lockout.fail(ip("203.0.113." + std::to_string(i % 200)), kStart);
        }
      });
    }
  }
  EXPECT_EQ(began, 1);
  EXPECT_EQ(lockout.counts(kStart).networks, 201U);
  EXPECT_EQ(lockout.counts(kStart).locked, 1U) << "the others failed 40 times each";
}

class LockoutSavedTest : public testing::Test {
 protected:
  LockoutSavedTest() {
    std::string pattern = fs::temp_directory_path() / "vigie-lockout-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~LockoutSavedTest() override { fs::remove_all(folder_); }
  fs::path path() const { return folder_ / "lockouts"; }

 private:
  fs::path folder_;
};

TEST_F(LockoutSavedTest, ARestartForgivesNothing) {
  Lockout before = lockout_of(brisk());
  lock_out(before, kMallory, kStart - 10s);
  lock_out(before, kMallory, kStart);
  before.fail(kAlice, kStart);
  before.fail(kAlice, kStart + 1s);
  ASSERT_TRUE(before.save(path(), kStart + 2s));

  Lockout after = lockout_of(brisk());
  const auto restored = after.restore(path(), kStart + 5s);
  ASSERT_TRUE(restored) << restored.error().to_string();
  EXPECT_EQ(*restored, 2U);
  EXPECT_EQ(after.locked_for(kMallory, kStart + 5s), 15U);
  EXPECT_TRUE(after.fail(kAlice, kStart + 5s).began);
  EXPECT_EQ(lock_out(after, kMallory, kStart + 20s), 40U) << "the doubling goes on";
}

TEST_F(LockoutSavedTest, WhatIsOutOfDateIsLeftOut) {
  Lockout before = lockout_of(brisk());
  lock_out(before, kMallory, kStart);
  before.fail(kAlice, kStart);
  before.fail(ip("192.0.2.1"), kStart);
  before.succeed(ip("192.0.2.1"), kStart);
  ASSERT_TRUE(before.save(path(), kStart));
  EXPECT_THAT(read_file(path()).value(), testing::Not(HasSubstr("192.0.2.1 "))) << "it was forgiven";
  Lockout after = lockout_of(brisk());
  EXPECT_EQ(after.restore(path(), kStart + 1min).value(), 1U) << "Alice's failure has lasted a minute";
  EXPECT_EQ(after.locked_for(kMallory, kStart + 1min), 0U);
  EXPECT_EQ(lockout_of(brisk()).restore(path(), kStart + 1h).value(), 0U);
}

TEST_F(LockoutSavedTest, ABadFileChangesNothing) {
  Lockout lockout = lockout_of(brisk());
  lock_out(lockout, kMallory, kStart);
  ASSERT_TRUE(lockout.save(path(), kStart));
  const std::string good = read_file(path()).value();

  Lockout fresh = lockout_of(brisk());
  const auto missing = fresh.restore(path().string() + ".none", kStart);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Code::kNotFound);
  for (const std::string& bad : {good.substr(0, good.size() / 2), std::string(), std::string("\0\0\0", 3),
                                 std::string(100'000, 'x'), good + good}) {
    ASSERT_TRUE(write_file(path(), bad));
    const auto refused = fresh.restore(path(), kStart);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::kInvalidData);
    EXPECT_THAT(refused.error().to_string(), HasSubstr(path().string()));
    EXPECT_EQ(fresh.counts(kStart).networks, 0U);
  }
}

TEST_F(LockoutSavedTest, AFileFromTheFutureLocksNobodyOutForLonger) {
  Lockout before = lockout_of(brisk());
  lock_out(before, kMallory, kStart + std::chrono::days(3'650));
  ASSERT_TRUE(before.save(path(), kStart + std::chrono::days(3'650)));
  Lockout after = lockout_of(brisk());
  EXPECT_EQ(after.restore(path(), kStart).value(), 1U);
  EXPECT_EQ(after.locked_for(kMallory, kStart), 10U);
  EXPECT_EQ(after.locked_for(kMallory, kStart + 10s), 0U);
}

TEST_F(LockoutSavedTest, ASmallerTableKeepsWhatLastsLongest) {
  Lockout before = lockout_of(brisk());
  for (int i = 0; i < 50; ++i) before.fail(ip("203.0.113." + std::to_string(i)), kStart);
  before.fail(ip("10.0.0.1"), kStart + 1s);
  lock_out(before, kMallory, kStart);
  ASSERT_TRUE(before.save(path(), kStart + 1s));
  LockoutOptions options = brisk();
  options.entries = 2;
  Lockout after = lockout_of(options);
  EXPECT_TRUE(after.restore(path(), kStart + 1s));
  EXPECT_EQ(after.counts(kStart + 1s).networks, 2U);
  EXPECT_EQ(after.locked_for(kMallory, kStart + 1s), 9U);
  EXPECT_EQ(after.fail(ip("10.0.0.1"), kStart + 1s).failures, 2U);
}

}  // namespace
}  // namespace vigie::identity
