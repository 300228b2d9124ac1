#include "training/isolation_forest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "base/random.h"
#include "scoring/scorer.h"

namespace vigie::training {
namespace {

std::vector<float> random_rows(std::uint64_t seed, std::size_t rows, std::size_t features) {
  Random random(seed);
  std::vector<float> values(rows * features);
  for (float& value : values) value = static_cast<float>(random.normal());
  return values;
}

bool same(const model::IsolationForest& a, const model::IsolationForest& b) {
  if (a.forest.trees.size() != b.forest.trees.size() || a.sample_size != b.sample_size) return false;
  for (std::size_t t = 0; t < a.forest.trees.size(); ++t) {
    const auto& left = a.forest.trees[t].nodes;
    const auto& right = b.forest.trees[t].nodes;
    if (left.size() != right.size()) return false;
    for (std::size_t n = 0; n < left.size(); ++n) {
      if (left[n].left != right[n].left || left[n].feature != right[n].feature ||
          left[n].threshold != right[n].threshold || left[n].cover != right[n].cover) {
        return false;
      }
    }
  }
  return true;
}

double score(const model::IsolationForest& forest, std::vector<float> row) {
  return scoring::reference_score(forest, row);
}

// Two rows, one feature: every tree is one split strictly between them, both leaves at depth 1 with one row, and
// c(2) = 1, so every row's path is 1 long and every score 2^-1.
TEST(IsolationForest, TwoRowsAreWorkedByHand) {
  const std::vector<float> rows = {1.0f, 3.0f};
  const auto forest = fit_isolation_forest(rows, 1, {}, {.trees = 20, .sample_size = 2});
  ASSERT_TRUE(forest);
  for (const model::Tree& tree : forest->forest.trees) {
    ASSERT_EQ(tree.nodes.size(), 3u);
    EXPECT_GE(tree.nodes[0].threshold, 1.0f);
    EXPECT_LT(tree.nodes[0].threshold, 3.0f);
    EXPECT_EQ(tree.nodes[1].cover, 1);
    EXPECT_EQ(tree.nodes[2].cover, 1);
  }
  EXPECT_DOUBLE_EQ(score(*forest, {1.0f}), 0.5);
  EXPECT_DOUBLE_EQ(score(*forest, {3.0f}), 0.5);
}

// Three equal rows and one far away: a tree's depth is at most 2, the only split that exists parts the three from the
// one. The three share a leaf at depth 1, h = 1 + c(3); the one is alone, h = 1; c(4) is the scale.
TEST(IsolationForest, AnOutlierIsWorkedByHand) {
  const std::vector<float> rows = {0.0f, 0.0f, 0.0f, 10.0f};
  const auto forest = fit_isolation_forest(rows, 1, {}, {.trees = 7, .sample_size = 4});
  ASSERT_TRUE(forest);
  const double c3 = 2 * (std::log(2.0) + 0.57721566490153286) - 2.0 * 2 / 3;
  const double c4 = 2 * (std::log(3.0) + 0.57721566490153286) - 2.0 * 3 / 4;
  EXPECT_NEAR(score(*forest, {0.0f}), std::exp2(-(1 + c3) / c4), 1e-8);
  EXPECT_NEAR(score(*forest, {10.0f}), std::exp2(-1 / c4), 1e-8);
}

TEST(IsolationForest, ConstantRowsCannotBeSplit) {
  const std::vector<float> rows(40, 2.5f);  // 20 rows of 2 features
  const auto forest = fit_isolation_forest(rows, 2, {}, {.trees = 5});
  ASSERT_TRUE(forest);
  EXPECT_EQ(forest->sample_size, 20u);
  for (const model::Tree& tree : forest->forest.trees) {
    ASSERT_EQ(tree.nodes.size(), 1u);
    EXPECT_EQ(tree.nodes[0].cover, 20);
  }
  EXPECT_NEAR(score(*forest, {2.5f, 2.5f}), 0.5, 1e-8);  // h = c(20), the scale itself
}

TEST(IsolationForest, AConstantFeatureIsNeverChosen) {
  std::vector<float> rows;
  Random random(3);
  for (int i = 0; i < 300; ++i) {
    rows.push_back(7.0f);
    rows.push_back(static_cast<float>(random.normal()));
    rows.push_back(7.0f);
  }
  const auto forest = fit_isolation_forest(rows, 3, {}, {.trees = 30});
  ASSERT_TRUE(forest);
  for (const model::Tree& tree : forest->forest.trees) {
    EXPECT_GT(tree.nodes.size(), 3u);
    for (const model::Node& node : tree.nodes) {
      if (!node.is_leaf()) {
        EXPECT_EQ(node.feature, 1);
      }
    }
  }
}

TEST(IsolationForest, FeaturesAndThresholdsAreUniform) {
  Random random(11);
  std::vector<float> rows;  // uniform in [0, 1], so that root thresholds are nearly uniform there too
  for (int i = 0; i < 2000 * 4; ++i) rows.push_back(static_cast<float>(random.uniform()));
  const auto forest = fit_isolation_forest(rows, 4, {}, {.trees = 4000});
  ASSERT_TRUE(forest);
  std::array<int, 4> chosen{};
  double sum = 0;
  double squares = 0;
  for (const model::Tree& tree : forest->forest.trees) {
    const model::Node& root = tree.nodes[0];
    ++chosen[static_cast<std::size_t>(root.feature)];
    sum += static_cast<double>(root.threshold);
    squares += static_cast<double>(root.threshold) * static_cast<double>(root.threshold);
  }
  for (const int count : chosen) EXPECT_NEAR(count, 1000, 5 * std::sqrt(4000 * 0.25 * 0.75));
  const double mean = sum / 4000;
  EXPECT_NEAR(mean, 0.5, 5 * std::sqrt(1.0 / 12 / 4000));
  EXPECT_NEAR(squares / 4000 - mean * mean, 1.0 / 12, 0.005);
}

TEST(IsolationForest, ThreadsChangeNothingAndSeedsDo) {
  const auto rows = random_rows(5, 3000, 6);
  const auto one = fit_isolation_forest(rows, 6, {}, {.trees = 25, .seed = 9, .threads = 1});
  const auto four = fit_isolation_forest(rows, 6, {}, {.trees = 25, .seed = 9, .threads = 4});
  const auto other = fit_isolation_forest(rows, 6, {}, {.trees = 25, .seed = 10, .threads = 1});
  ASSERT_TRUE(one && four && other);
  EXPECT_TRUE(same(*one, *four));
  EXPECT_FALSE(same(*one, *other));
}

RC_GTEST_PROP(IsolationForest, TreesKeepTheirShape, ()) {
  const auto features = *rc::gen::inRange<std::uint32_t>(1, 5);
  const auto count = *rc::gen::inRange<std::uint32_t>(1, 400);
  // Few distinct values, so that ties, duplicates and constant nodes are common.
  const auto values = *rc::gen::container<std::vector<int>>(count * features, rc::gen::inRange(-3, 4));
  const std::vector<float> rows(values.begin(), values.end());
  const auto size = *rc::gen::inRange<std::uint32_t>(1, 300);
  const auto forest = fit_isolation_forest(rows, features, {}, {.trees = 4, .sample_size = size});
  RC_ASSERT(forest.has_value());
  RC_ASSERT(model::validate(forest->forest).has_value());
  const std::uint32_t sample = std::min(size, count);
  RC_ASSERT(forest->sample_size == sample);
  const auto limit = static_cast<std::uint32_t>(std::ceil(std::log2(std::max(sample, 2u))));
  for (const model::Tree& tree : forest->forest.trees) {
    RC_ASSERT(model::depth(tree) <= limit);
    float leaves = 0;
    for (const model::Node& node : tree.nodes) {
      if (node.is_leaf()) {
        RC_ASSERT(node.cover >= 1);
        leaves += node.cover;
      } else {
        RC_ASSERT(node.cover == tree.nodes[static_cast<std::size_t>(node.left)].cover +
                                    tree.nodes[static_cast<std::size_t>(node.right)].cover);
      }
    }
    RC_ASSERT(leaves == static_cast<float>(sample));
  }
}

TEST(IsolationForest, WeightlessRowsAreNeverSeenAndHeavyOnesMore) {
  // Row i has value i. Only rows 10 to 19 have weight, so every split lies between their values.
  std::vector<float> rows;
  std::vector<double> weights;
  for (int i = 0; i < 100; ++i) {
    rows.push_back(static_cast<float>(i));
    weights.push_back(i >= 10 && i < 20 ? 1.0 + i : 0.0);
  }
  const auto forest = fit_isolation_forest(rows, 1, weights, {.trees = 50, .sample_size = 64});
  ASSERT_TRUE(forest);
  EXPECT_EQ(forest->sample_size, 10u);
  for (const model::Tree& tree : forest->forest.trees) {
    for (const model::Node& node : tree.nodes) {
      if (node.is_leaf()) continue;
      EXPECT_GE(node.threshold, 10.0f);
      EXPECT_LT(node.threshold, 19.0f);
    }
  }
}

TEST(IsolationForest, OwnThresholdLeavesTheContaminationAbove) {
  model::IsolationForest forest;
  const std::vector<double> scores = {0.1, 0.9, 0.5, 0.7, 0.3, 0.2, 0.4, 0.6, 0.8, 0.35};
  set_own_threshold(forest, 0.2, scores, {});
  EXPECT_DOUBLE_EQ(forest.own_threshold, 0.7);  // 0.9 and 0.8 are above: two of ten
  EXPECT_DOUBLE_EQ(forest.contamination, 0.2);
  set_own_threshold(forest, 0, scores, {});
  EXPECT_DOUBLE_EQ(forest.own_threshold, 0.9);
  // The row that scores 0.9 is nine tenths of all weight: none may lie above.
  std::vector<double> weights(10, 1.0);
  weights[1] = 81;
  set_own_threshold(forest, 0.2, scores, weights);
  EXPECT_DOUBLE_EQ(forest.own_threshold, 0.9);
}

TEST(IsolationForest, RefusesWhatCannotBeGrown) {
  const std::vector<float> rows = {1, 2, 3};
  const std::vector<double> nothing = {0, 0, 0};
  EXPECT_EQ(fit_isolation_forest(rows, 1, {}, {.trees = 0}).error().code, Code::kInvalidArgument);
  EXPECT_EQ(fit_isolation_forest({}, 1, {}, {}).error().code, Code::kInvalidArgument);
  EXPECT_EQ(fit_isolation_forest(rows, 0, {}, {}).error().code, Code::kInvalidArgument);
  EXPECT_EQ(fit_isolation_forest(rows, 1, nothing, {}).error().remedy, "give rows of positive weight");
}

}  // namespace
}  // namespace vigie::training
