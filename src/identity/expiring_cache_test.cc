#include "identity/expiring_cache.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace vigie::identity {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kNow{1'795'262'400s};

TEST(ExpiringCache, AnEntryIsThereUntilItsMoment) {
  ExpiringCache<int> cache(10);
  cache.put("a", 1, kNow, kNow + 10s);
  ASSERT_NE(cache.find("a", kNow), nullptr);
  EXPECT_EQ(*cache.find("a", kNow + 9s), 1);
  EXPECT_EQ(cache.find("b", kNow), nullptr);
  EXPECT_EQ(cache.find("a", kNow + 10s), nullptr);
  EXPECT_EQ(cache.size(), 0U) << "and its room is free";
}

TEST(ExpiringCache, WhatIsOverAlreadyIsNotTakenAndDropsWhatWasThere) {
  ExpiringCache<int> cache(10);
  cache.put("a", 1, kNow, kNow + 10s);
  cache.put("a", 2, kNow, kNow);
  EXPECT_EQ(cache.find("a", kNow), nullptr);
}

TEST(ExpiringCache, AClockThatIsSetBackDoesNotMakeEntriesLast) {
  ExpiringCache<int> cache(10);
  cache.put("a", 1, kNow, kNow + 10s);
  EXPECT_EQ(cache.find("a", kNow - 24h), nullptr);
}

TEST(ExpiringCache, WhereThereIsNoRoomTheOneThatWasNotUsedForLongestGoes) {
  ExpiringCache<int> cache(3);
  for (int i = 0; i < 3; ++i) cache.put(std::to_string(i), i, kNow, kNow + 10s);
  EXPECT_NE(cache.find("0", kNow), nullptr);
  cache.put("3", 3, kNow, kNow + 10s);
  EXPECT_EQ(cache.find("1", kNow), nullptr);
  EXPECT_NE(cache.find("0", kNow), nullptr);
  EXPECT_NE(cache.find("2", kNow), nullptr);
  EXPECT_EQ(cache.size(), 3U);
}

TEST(ExpiringCache, OneWithoutRoomTakesNothing) {
  ExpiringCache<int> cache(0);
  cache.put("a", 1, kNow, kNow + 10s);
  EXPECT_EQ(cache.find("a", kNow), nullptr);
}

// With room for all keys it is a map with moments.
TEST(ExpiringCache, RandomWorkAgreesWithAMap) {
  struct Kept {
    int value;
    WallTime until;
  };
  std::mt19937 random(7);
  ExpiringCache<int> cache(50);
  std::map<std::string, Kept> map;
  WallTime now = kNow;
  for (int turn = 0; turn < 20'000; ++turn) {
    const std::string key = "a key that is too long to be kept inside of a string " + std::to_string(random() % 50);
    now += std::chrono::milliseconds{random() % 100};
    if (random() % 3 == 0) {
      const WallTime until = now + std::chrono::milliseconds{random() % 3000};
      cache.put(key, turn, now, until);
      map[key] = {turn, until};
      continue;
    }
    const int* const found = cache.find(key, now);
    const auto wanted = map.find(key);
    const bool there = wanted != map.end() && now < wanted->second.until;
    ASSERT_EQ(found != nullptr, there) << turn;
    if (there) {
      ASSERT_EQ(*found, wanted->second.value) << turn;
    }
  }
}

}  // namespace
}  // namespace vigie::identity
