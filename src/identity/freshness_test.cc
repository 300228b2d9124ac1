#include "identity/freshness.h"

#include <gtest/gtest.h>

namespace vigie::identity {
namespace {

using std::chrono::seconds;

// 2026-11-21T12:00:00Z, as HTTP says it "Sat, 21 Nov 2026 12:00:00 GMT".
constexpr WallTime kNow{std::chrono::seconds{1'795'262'400}};

std::optional<seconds> by_cache_control(const std::string& value) { return fresh_for({.cache_control = value}, kNow); }

TEST(Freshness, NothingIsKnownWithoutFields) {
  EXPECT_EQ(fresh_for({}, kNow), std::nullopt);
  EXPECT_EQ(by_cache_control("public, must-revalidate"), std::nullopt);
  EXPECT_EQ(by_cache_control("s-maxage=60"), std::nullopt) << "is for shared caches";
  EXPECT_EQ(fresh_for({.age = "100"}, kNow), std::nullopt);
}

TEST(Freshness, MaxAgeIsRead) {
  EXPECT_EQ(by_cache_control("max-age=3600"), seconds{3600});
  EXPECT_EQ(by_cache_control("public , MAX-AGE = \"60\" , must-revalidate"), seconds{60});
  EXPECT_EQ(by_cache_control("ext=\"max-age=5, no-store\", max-age=7"), seconds{7}) << "a quoted string is one value";
  EXPECT_EQ(by_cache_control("max-age=60, max-age=30"), seconds{30}) << "the shorter of two";
  EXPECT_EQ(by_cache_control("max-age=99999999999999999999999"), seconds{std::int64_t{1} << 31});
}

TEST(Freshness, WhatCannotBeReadIsOldAlready) {
  for (const char* value :
       {"max-age", "max-age=", "max-age=-1", "max-age=1.5", "max-age=60s", "max-age=\"", "max-age=0x10"}) {
    EXPECT_EQ(by_cache_control(value), seconds{0}) << value;
  }
  EXPECT_EQ(fresh_for({.expires = "0"}, kNow), seconds{0});
  EXPECT_EQ(fresh_for({.expires = "soon"}, kNow), seconds{0});
  EXPECT_EQ(fresh_for({.cache_control = "max-age=60", .age = "young"}, kNow), seconds{0});
}

TEST(Freshness, NoStoreAndNoCacheAreZeroWhateverElseIsSaid) {
  EXPECT_EQ(by_cache_control("no-store"), seconds{0});
  EXPECT_EQ(by_cache_control("max-age=60, No-Cache"), seconds{0});
  EXPECT_EQ(by_cache_control("no-cache=\"Set-Cookie\", max-age=60"), seconds{0});
}

TEST(Freshness, ExpiresCountsFromDateAndGivesWayToMaxAge) {
  EXPECT_EQ(fresh_for({.expires = "Sat, 21 Nov 2026 12:10:00 GMT"}, kNow), seconds{600});
  EXPECT_EQ(fresh_for({.expires = "Sat, 21 Nov 2026 12:10:00 GMT", .date = "Sat, 21 Nov 2026 12:09:00 GMT"}, kNow),
            seconds{60});
  EXPECT_EQ(fresh_for({.expires = "Sat, 21 Nov 2026 11:00:00 GMT"}, kNow), seconds{0});
  EXPECT_EQ(fresh_for({.cache_control = "max-age=5", .expires = "Sat, 21 Nov 2026 12:10:00 GMT"}, kNow), seconds{5});
}

TEST(Freshness, TheTimeInOtherCachesCounts) {
  EXPECT_EQ(fresh_for({.cache_control = "max-age=60", .age = "45"}, kNow), seconds{15});
  EXPECT_EQ(fresh_for({.cache_control = "max-age=60", .age = "4500"}, kNow), seconds{0});
}

}  // namespace
}  // namespace vigie::identity
