#include "cli/training_options.h"

#include <gtest/gtest.h>

#include "schema/card.h"

namespace vigie::cli {
namespace {

TEST(Weights, AreTwoSharesOrAuto) {
  EXPECT_EQ(**parse_weights("0.4,0.6"), (std::array{0.4, 0.6}));
  EXPECT_EQ(**parse_weights("1,3"), (std::array{0.25, 0.75}));
  EXPECT_EQ(**parse_weights("0,1"), (std::array{0.0, 1.0}));
  const auto chosen = parse_weights("auto");
  ASSERT_TRUE(chosen);
  EXPECT_FALSE(*chosen);
  for (const auto* text : {"", "0.4", "0.4;0.6", "0,0", "-1,2", "a,b", "0.4,0.6,0.1", "nan,1"}) {
    const auto refused = parse_weights(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().code, Code::kInvalidArgument);
    EXPECT_EQ(refused.error().place.field, "--weights");
  }
}

TEST(Threshold, KnowsEachPolicy) {
  training::CardTrainingOptions options;
  ASSERT_TRUE(set_threshold(options, "precision=0.9"));
  EXPECT_EQ(options.threshold, training::ThresholdPolicy::kPrecision);
  EXPECT_EQ(options.threshold_target, 0.9);
  ASSERT_TRUE(set_threshold(options, "alerts=50"));
  EXPECT_EQ(options.threshold, training::ThresholdPolicy::kAlerts);
  EXPECT_EQ(options.threshold_target, 50);
  ASSERT_TRUE(set_threshold(options, "0.75"));
  EXPECT_EQ(options.threshold, training::ThresholdPolicy::kGiven);
  EXPECT_EQ(options.threshold_target, 0.75);
  ASSERT_TRUE(set_threshold(options, "cost"));
  EXPECT_EQ(options.threshold, training::ThresholdPolicy::kCost);
  for (const auto* text : {"", "best", "precision", "precision=", "precision=high", "f1=3", "recall:0.8"}) {
    const auto refused = set_threshold(options, text);
    ASSERT_FALSE(refused) << text;
    EXPECT_NE(refused.error().remedy.find("precision=0.9"), std::string::npos);
  }
}

TEST(Monotone, NamesAModelInput) {
  training::BoostedOptions options;
  ASSERT_TRUE(set_monotone(options, "amount_log=1"));
  ASSERT_TRUE(set_monotone(options, "V1=-1"));
  ASSERT_EQ(options.monotone.size(), schema::kCardInputs);
  EXPECT_EQ(options.monotone[0], -1);
  EXPECT_EQ(options.monotone[29], 1);
  for (const auto* text : {"Amount=1", "V1=2", "V1", "=1", "V1=up"}) EXPECT_FALSE(set_monotone(options, text)) << text;
}

TEST(BoostedSetting, IsNameAndValue) {
  training::BoostedOptions options;
  ASSERT_TRUE(set_boosted(options, "max_depth=7"));
  EXPECT_EQ(options.max_depth, 7u);
  EXPECT_FALSE(set_boosted(options, "max_depth"));
  EXPECT_FALSE(set_boosted(options, "max_depth=deep"));
}

}  // namespace
}  // namespace vigie::cli
