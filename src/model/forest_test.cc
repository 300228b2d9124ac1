#include "model/forest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace vigie::model {
namespace {

using testing::HasSubstr;

Node leaf(float value) { return {.value = value, .cover = 1}; }

Node split(std::int32_t left, std::int32_t right, std::int32_t feature = 0, float threshold = 0.5f) {
  return {.left = left, .right = right, .feature = feature, .threshold = threshold, .cover = 2};
}

Forest stump() { return {.feature_count = 2, .trees = {{.nodes = {split(1, 2), leaf(-1), leaf(1)}}}}; }

// The error of a forest whose only tree has these nodes.
std::string refusal(std::vector<Node> nodes) {
  const Forest forest{.feature_count = 2, .trees = {{.nodes = std::move(nodes)}}};
  const auto status = validate(forest);
  return status ? "accepted" : status.error().to_string();
}

TEST(ForestTest, AcceptsAStumpAndALoneLeaf) {
  EXPECT_TRUE(validate(stump()));
  EXPECT_TRUE(validate(Forest{.feature_count = 1, .trees = {{.nodes = {leaf(0)}}}}));
}

TEST(ForestTest, RefusesWhatNoWalkCouldUse) {
  EXPECT_THAT(validate(Forest{}).error().to_string(), HasSubstr("no trees"));
  EXPECT_THAT(refusal({}), HasSubstr("tree 0: the tree has no nodes"));
  EXPECT_THAT(refusal({split(1, 7), leaf(0), leaf(0)}), HasSubstr("tree 0, node 0: its child 7 does not exist"));
  EXPECT_THAT(refusal({split(1, -1), leaf(0)}), HasSubstr("its child -1 does not exist"));
  EXPECT_THAT(refusal({split(1, 2), split(0, 2), leaf(0)}), HasSubstr("its child 0 does not come after it"));
  EXPECT_THAT(refusal({split(1, 1), leaf(0)}), HasSubstr("node 1: it is a child twice"));
  EXPECT_THAT(refusal({split(1, 2), split(2, 3), leaf(0), leaf(0)}), HasSubstr("node 2: it is a child twice"));
  EXPECT_THAT(refusal({split(1, 2), leaf(0), leaf(0), leaf(0)}), HasSubstr("node 3: no node has it as its child"));
  EXPECT_THAT(refusal({split(1, 2, 2), leaf(0), leaf(0)}), HasSubstr("its feature 2 is not one of the model's 2"));
  EXPECT_THAT(refusal({split(1, 2, -1), leaf(0), leaf(0)}), HasSubstr("its feature -1"));
  EXPECT_THAT(refusal({split(1, 2, 0, NAN), leaf(0), leaf(0)}), HasSubstr("its threshold is not finite"));
  EXPECT_THAT(refusal({leaf(INFINITY)}), HasSubstr("its leaf value is not finite"));
  EXPECT_THAT(refusal({{.cover = -1}}), HasSubstr("its cover"));
  EXPECT_THAT(refusal({{.right = 1}, leaf(0)}), HasSubstr("a right child but no left one"));
  auto gain = split(1, 2);
  gain.gain = NAN;
  EXPECT_THAT(refusal({gain, leaf(0), leaf(0)}), HasSubstr("its gain is not finite"));
}

// Splits in a row: node 2i has leaf 2i + 1 and the next split 2i + 2.
Tree chain(std::int32_t splits) {
  Tree tree;
  for (std::int32_t i = 0; i < splits; ++i) {
    tree.nodes.push_back(split(2 * i + 1, 2 * i + 2));
    tree.nodes.push_back(leaf(0));
  }
  tree.nodes.push_back(leaf(1));
  return tree;
}

TEST(ForestTest, CountsTheSplitsOfTheLongestPath) {
  EXPECT_EQ(depth(chain(0)), 0u);
  EXPECT_EQ(depth(chain(1)), 1u);
  EXPECT_EQ(depth(chain(9)), 9u);
}

TEST(ForestTest, AStrictThresholdAsksTheSameQuestion) {
  constexpr float kLargest = std::numeric_limits<float>::max();
  constexpr float kDenormal = std::numeric_limits<float>::denorm_min();
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const float values[] = {-kInfinity, -kLargest, -1,         -kDenormal, -0.0f,    0,
                          kDenormal,  1,         1.0000001f, kLargest,   kInfinity};
  for (const float threshold : {-kLargest, -1.0f, -0.0f, 0.0f, kDenormal, 1.0f, kLargest}) {
    for (const float value : values) {
      EXPECT_EQ(value < strict_threshold(Comparison::kLess, threshold), value < threshold);
      EXPECT_EQ(value < strict_threshold(Comparison::kLessEqual, threshold), value <= threshold);
    }
  }
}

TEST(ForestTest, HoldsItsLimits) {
  const std::int32_t deepest = kMaxDepth;
  EXPECT_TRUE(validate(Forest{.feature_count = 1, .trees = {chain(deepest)}}));
  const auto deeper = validate(Forest{.feature_count = 1, .trees = {chain(deepest + 1)}});
  ASSERT_FALSE(deeper);
  EXPECT_EQ(deeper.error().code, Code::kResourceExhausted);
  EXPECT_THAT(deeper.error().to_string(), HasSubstr("513 levels are more than the limit of 512"));

  const auto many = validate(Forest{.feature_count = 1, .trees = std::vector<Tree>(kMaxTrees + 1, chain(0))});
  EXPECT_THAT(many.error().to_string(), HasSubstr("100001 trees are more than the limit"));
  const auto wide = validate(Forest{.feature_count = kMaxFeatures + 1, .trees = {chain(0)}});
  EXPECT_THAT(wide.error().to_string(), HasSubstr("features are more than the limit"));
}

// c(n) = 2 H(n-1) - 2(n-1)/n where H is the harmonic number; the formula approximates H by ln + Euler's constant.
TEST(IsolationPathTest, AveragePathLengthFollowsTheDefinition) {
  EXPECT_EQ(average_path_length(0), 0);
  EXPECT_EQ(average_path_length(1), 0);
  EXPECT_EQ(average_path_length(2), 1);
  EXPECT_NEAR(average_path_length(256), 10.2448, 1e-4);
  for (const int n : {3, 10, 256, 100000}) {
    double harmonic = 0;
    for (int i = 1; i < n; ++i) harmonic += 1.0 / i;
    const double exact = 2 * harmonic - 2.0 * (n - 1) / n;
    // H(m) - ln(m) - gamma lies in (0, 1/(2m)).
    EXPECT_LT(average_path_length(n), exact);
    EXPECT_GT(average_path_length(n), exact - 1.0 / (n - 1));
  }
}

TEST(IsolationPathTest, RoundedLengthsSumExactlyInAnyOrder) {
  std::vector<double> lengths;
  for (std::uint32_t i = 0; i < 2000; ++i) lengths.push_back(isolation_path_length(i % 9, 1 + i * 7 % 256));
  double forward = 0, backward = 0;
  std::int64_t units = 0;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    forward += lengths[i];
    backward += lengths[lengths.size() - 1 - i];
    const double scaled = lengths[i] * 0x1.0p26;
    ASSERT_EQ(scaled, std::floor(scaled));
    units += static_cast<std::int64_t>(scaled);
    const double exact = static_cast<double>(i % 9) + average_path_length(static_cast<double>(1 + i * 7 % 256));
    ASSERT_NEAR(lengths[i], exact, 0x1.0p-27);
  }
  EXPECT_EQ(forward, backward);
  EXPECT_EQ(forward, static_cast<double>(units) * 0x1.0p-26);
}

}  // namespace
}  // namespace vigie::model
