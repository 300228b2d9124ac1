#include "load/load_plan.h"

#include <gtest/gtest.h>

namespace vigie::load {
namespace {

TEST(LoadPlan, DurationsHaveUnits) {
  EXPECT_EQ(parse_duration("500ms", "--d").value(), kSecond / 2);
  EXPECT_EQ(parse_duration("10s", "--d").value(), 10 * kSecond);
  EXPECT_EQ(parse_duration("10", "--d").value(), 10 * kSecond);
  EXPECT_EQ(parse_duration("1.5m", "--d").value(), 90 * kSecond);
  EXPECT_EQ(parse_duration("0", "--d").value(), 0u);
  for (const char* bad : {"", "s", "ten", "-1s", "1h", "11m", "1e9s", "nan", "10 s"}) {
    const auto refused = parse_duration(bad, "--d");
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().place.field, "--d");
  }
}

TEST(LoadPlan, MixesHaveRoutesAndWeights) {
  const auto mix = parse_mix("predict=90,score=10,health").value();
  ASSERT_EQ(mix.size(), 3u);
  EXPECT_EQ(mix[1].route, Route::kScore);
  EXPECT_EQ(mix[1].weight, 10);
  EXPECT_EQ(mix[2].weight, 1);
  for (const char* bad :
       {"", "predict,", "predict=0", "predict=-1", "predict=x", "predict=1e99", "predict,predict", "x=1"}) {
    EXPECT_FALSE(parse_mix(bad)) << bad;
  }
}

TEST(LoadPlan, ARouteMayBeElsewhere) {
  auto mix = parse_mix("predict,score").value();
  ASSERT_TRUE(set_paths({"predict=/v2/p?x=1"}, mix));
  EXPECT_EQ(mix[0].where(), "/v2/p?x=1");
  EXPECT_EQ(mix[1].where(), "/score");
  for (const char* bad :
       {"predict", "predict=", "predict=v2", "fraude=/f", "x=/y", "predict=/a b", "predict=/a\r\nX: y"}) {
    EXPECT_FALSE(set_paths({bad}, mix)) << bad;
  }
}

TEST(LoadPlan, ARampHasStepsFromTheFirstRateToTheLast) {
  const auto closed = parse_stages("", 10 * kSecond, 10).value();
  ASSERT_EQ(closed.size(), 1u);
  EXPECT_EQ(closed[0].rate, 0);
  const auto ramp = parse_stages("1000..3000", 9 * kSecond, 3).value();
  ASSERT_EQ(ramp.size(), 3u);
  EXPECT_EQ(ramp[0].rate, 1000);
  EXPECT_EQ(ramp[1].rate, 2000);
  EXPECT_EQ(ramp[2].rate, 3000);
  EXPECT_EQ(ramp[1].length, 3 * kSecond);
  for (const char* bad : {"0", "-5", "1000..", "..5", "2e6", "x", "1..2..3"}) {
    EXPECT_FALSE(parse_stages(bad, kSecond, 10)) << bad;
  }
  EXPECT_FALSE(parse_stages("1..2", kSecond, 1));
  EXPECT_FALSE(parse_stages("1..2", kSecond, 101));
  EXPECT_FALSE(parse_stages("", 0, 10));
}

TEST(LoadPlan, RunsAreBounded) {
  const auto refused = [](auto change) {
    LoadPlan plan;
    plan.stages = {{.rate = 0, .length = kSecond}};
    EXPECT_TRUE(check(plan));
    change(plan);
    return !check(plan);
  };
  EXPECT_TRUE(refused([](LoadPlan& plan) { plan.connections = 0; }));
  EXPECT_TRUE(refused([](LoadPlan& plan) { plan.connections = 10'001; }));
  EXPECT_TRUE(refused([](LoadPlan& plan) { plan.threads = 33; }));
  EXPECT_TRUE(refused([](LoadPlan& plan) { plan.pipeline = 65; }));
  EXPECT_TRUE(refused([](LoadPlan& plan) { plan.timeout = 61 * kSecond; }));
  EXPECT_TRUE(refused([](LoadPlan& plan) { plan.stages[0].length = 600 * kSecond; })) << "with the warm-up";
  EXPECT_TRUE(refused([](LoadPlan& plan) {
    plan.stages[0].rate = 10;
    plan.pipeline = 2;
  }));
}

TEST(LoadPlan, AScheduleSpacesRequestsEvenlyInEachStage) {
  LoadPlan plan;
  plan.warmup = kSecond;
  plan.stages = {{.rate = 10, .length = kSecond}, {.rate = 4, .length = 2 * kSecond}};
  Schedule schedule(plan);
  ASSERT_EQ(schedule.count(), 10u + 10u + 8u);
  EXPECT_EQ(schedule.due(0), 0u);
  EXPECT_EQ(schedule.due(9), 9 * kSecond / 10);
  EXPECT_EQ(schedule.due(10), kSecond);
  EXPECT_EQ(schedule.due(20), 2 * kSecond);
  EXPECT_EQ(schedule.due(21), 2 * kSecond + kSecond / 4);
  EXPECT_EQ(schedule.due(27), 3 * kSecond + 3 * kSecond / 4);
  EXPECT_EQ(schedule.due(1), kSecond / 10) << "and back";
}

}  // namespace
}  // namespace vigie::load
