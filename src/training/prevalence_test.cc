#include "training/prevalence.h"

#include <gtest/gtest.h>

namespace vigie::training {
namespace {

TEST(Prevalence, WeightsBringTheBaseRateToWhatWasAsked) {
  const std::vector<std::uint8_t> labels = {1, 0, 0, 0, 1, 0, 0, 0, 0, 0};
  const auto weights = prevalence_weights(labels, 0.00172749);
  ASSERT_TRUE(weights);
  double positive = 0;
  double total = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    total += (*weights)[i];
    positive += labels[i] * (*weights)[i];
    if (labels[i] == 1) {
      EXPECT_EQ((*weights)[i], 1);
    }
  }
  EXPECT_NEAR(positive / total, 0.00172749, 1e-12);
}

TEST(Prevalence, NoneGivenIsNoWeights) {
  const std::vector<std::uint8_t> labels = {1, 0};
  EXPECT_TRUE(prevalence_weights(labels, std::nullopt)->empty());
}

TEST(Prevalence, RefusesWhatIsNoShareAndOneClassOnly) {
  const std::vector<std::uint8_t> labels = {1, 0};
  for (const double share : {0.0, 1.0, -0.1, 17.0}) {
    const auto refused = prevalence_weights(labels, share);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::kInvalidArgument);
    EXPECT_NE(refused.error().remedy.find("0.00172749"), std::string::npos);
  }
  const std::vector<std::uint8_t> normal = {0, 0};
  const auto refused = prevalence_weights(normal, 0.1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "no row is a fraud");
}

}  // namespace
}  // namespace vigie::training
