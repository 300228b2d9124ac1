#include "identity/rate_rule.h"

#include <gmock/gmock.h>

namespace vigie::identity {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;

TEST(RateRule, ALimitIsRequestsInATime) {
  const auto minute = parse_rate_limit("600/1m");
  ASSERT_TRUE(minute);
  EXPECT_EQ(minute->requests, 600u);
  EXPECT_EQ(minute->per, minutes(1));
  EXPECT_EQ(minute->burst, 600u) << "all of them at once, where nothing else is said";
  EXPECT_EQ(parse_rate_limit("10/s")->per, seconds(1));
  EXPECT_EQ(parse_rate_limit("5/12h burst 2")->per, hours(12));
  EXPECT_EQ(parse_rate_limit("5/12h burst 2")->burst, 2u);
  EXPECT_EQ(parse_rate_limit("  7/2d   burst   9 ")->burst, 9u);
}

TEST(RateRule, WhatIsNoLimitIsToldWithItsText) {
  for (const char* const text :
       {"", "600", "/1m", "600/", "600/1", "600/1w", "0/1m", "-1/1m", "6e2/1m", "600/0m", "600/999d", "600/1m burst",
        "600/1m burst 0", "600/1m brst 5", "600/1m burst 5 x", "99999999999999999999/1s", "1000001/1s", "600 / 1m"}) {
    const auto limit = parse_rate_limit(text);
    ASSERT_FALSE(limit) << text;
    EXPECT_EQ(limit.error().code, Code::kInvalidArgument) << text;
  }
  EXPECT_THAT(parse_rate_limit("often").error().to_string(), HasSubstr("\"often\" is no rate"));
}

TEST(RateRule, ARuleNamesARouteAndARole) {
  const auto rule = parse_rate_rule("predict analyst 600/1m burst 50");
  ASSERT_TRUE(rule);
  EXPECT_TRUE(rule->fits("predict", Role::kAnalyst));
  EXPECT_FALSE(rule->fits("predict", Role::kAdmin));
  EXPECT_FALSE(rule->fits("predict", std::nullopt));
  EXPECT_FALSE(rule->fits("predict_batch", Role::kAnalyst));
  EXPECT_EQ(rule->limit.burst, 50u);
  const auto all = parse_rate_rule("* * 60/1m");
  ASSERT_TRUE(all);
  EXPECT_TRUE(all->fits("predict", Role::kViewer));
  EXPECT_TRUE(all->fits("anything", std::nullopt));
  for (const char* const text : {"", "predict", "predict analyst", "predict king 6/1m", "predict analyst often"}) {
    EXPECT_FALSE(parse_rate_rule(text)) << text;
  }
}

}  // namespace
}  // namespace vigie::identity
