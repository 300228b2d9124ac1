#include "scoring/scorer.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <vector>

#include "scoring/random_forest.h"

namespace vigie::scoring {
namespace {

model::Node leaf(float value, float cover = 1) {
  model::Node node;
  node.value = value;
  node.cover = cover;
  return node;
}

model::Node split(int feature, float threshold, int left, int right, bool missing_left, float cover = 1) {
  model::Node node;
  node.left = left;
  node.right = right;
  node.feature = feature;
  node.threshold = threshold;
  node.missing_left = missing_left;
  node.cover = cover;
  return node;
}

double score_one(const Scorer& scorer, std::vector<float> row) {
  double out = -1;
  scorer.score(row, std::span(&out, 1));
  return out;
}

TEST(BoostedScorer, AddsLeavesAndAppliesTheLogisticFunction) {
  model::BoostedForest model;
  model.forest.feature_count = 2;
  model.forest.trees = {{{split(0, 1.5f, 1, 2, false), leaf(-1), leaf(2)}},
                        {{split(1, 0.0f, 1, 2, true), leaf(0.5f), leaf(-0.25f)}}};
  model.base_margin = 0.125f;
  const auto scorer = make_boosted_scorer(model);
  ASSERT_TRUE(scorer) << scorer.error().to_string();
  const auto sigmoid = [](double margin) { return 1 / (1 + std::exp(-margin)); };
  EXPECT_NEAR(score_one(**scorer, {1.0f, 3.0f}), sigmoid(0.125 - 1 - 0.25), 1e-7);
  EXPECT_NEAR(score_one(**scorer, {1.5f, 3.0f}), sigmoid(0.125 + 2 - 0.25), 1e-7) << "on the threshold goes right";
  EXPECT_NEAR(score_one(**scorer, {NAN, NAN}), sigmoid(0.125 + 2 + 0.5), 1e-7) << "NaN follows missing_left";
}

// Three rows 0, 1, 10 in one tree, worked by hand: the root isolates 10 (depth 1), the second split 0 from 1 (depth 2).
TEST(IsolationScorer, MatchesAHandWorkedTree) {
  model::IsolationForest model;
  model.sample_size = 3;
  model.forest.feature_count = 1;
  model.forest.comparison = model::Comparison::kLessEqual;
  model.forest.trees = {
      {{split(0, 5, 1, 2, true, 3), split(0, 0.5f, 3, 4, true, 2), leaf(0, 1), leaf(0, 1), leaf(0, 1)}}};
  const auto scorer = make_isolation_scorer(model);
  ASSERT_TRUE(scorer) << scorer.error().to_string();
  // c(3) = 2 (ln 2 + 0.5772156649) - 4/3 = 1.2073923...
  const double c3 = 2 * (std::log(2.0) + 0.57721566490153286) - 4.0 / 3.0;
  EXPECT_NEAR(score_one(**scorer, {10}), std::exp2(-1 / c3), 1e-9);
  EXPECT_NEAR(score_one(**scorer, {0}), std::exp2(-2 / c3), 1e-9);
  EXPECT_NEAR(score_one(**scorer, {0.5f}), std::exp2(-2 / c3), 1e-9);
  EXPECT_GT(score_one(**scorer, {10}), score_one(**scorer, {1}));
}

// A leaf that holds several rows counts the average depth of the tree that was not grown below it.
TEST(IsolationScorer, AddsTheAveragePathBelowAFullLeaf) {
  model::IsolationForest model;
  model.sample_size = 256;
  model.forest.feature_count = 1;
  model.forest.comparison = model::Comparison::kLessEqual;
  model.forest.trees = {{{leaf(0, 256)}}};
  const auto scorer = make_isolation_scorer(model);
  ASSERT_TRUE(scorer);
  EXPECT_NEAR(score_one(**scorer, {0}), 0.5, 1e-9) << "an average path scores one half";
}

bool equal_bits(double a, double b) { return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b); }

// A million rows in all; fewer under sanitizers, whose assertions come with every step.
constexpr std::uint64_t kForests = 200;
#ifdef NDEBUG
constexpr std::size_t kRowsEach = 5000;
#else
constexpr std::size_t kRowsEach = 200;
#endif
constexpr std::size_t kAloneEvery = 7;

// Every engine, with the same forests and rows: small and large ones, deeper than packs go, with more thresholds than a
// byte counts, and rows with NaN, infinities, denormals and values exactly on thresholds.
TEST(Scorers, EqualTheReferenceBitForBitOnRandomForests) {
  for (std::uint64_t seed = 0; seed < kForests; ++seed) {
    Random random(seed, 7);
    RandomForestShape shape;
    shape.features = 1 + static_cast<std::uint32_t>(random.below(seed % 4 == 0 ? 200 : 40));
    shape.trees = 1 + random.below(seed % 5 == 0 ? 300 : 60);
    shape.depth = static_cast<std::uint32_t>(random.below(11));
    shape.stop = random.uniform(0, 0.4);
    shape.comparison = seed % 2 == 0 ? model::Comparison::kLess : model::Comparison::kLessEqual;
    shape.fine = seed % 3 == 0;
    const model::Forest forest = random_forest(shape, random);
    const std::size_t count = kRowsEach - 50 + random.below(101);
    const std::vector<float> rows = random_rows(forest, count, random, seed % 7 == 0);
    const model::BoostedForest boosted{
        .forest = forest, .base_margin = static_cast<float>(random.normal()), .feature_names = {}};
    model::IsolationForest isolation;
    isolation.forest = forest;
    std::vector<double> expected_boosted(count);
    std::vector<double> expected_isolation(count);
    for (std::size_t i = 0; i < count; ++i) {
      const auto row = std::span(rows).subspan(i * shape.features, shape.features);
      expected_boosted[i] = reference_score(boosted, row);
      expected_isolation[i] = reference_score(isolation, row);
    }
    for (const Engine engine : supported_engines()) {
      const auto boosted_scorer = make_boosted_scorer(boosted, engine);
      const auto isolation_scorer = make_isolation_scorer(isolation, engine);
      ASSERT_TRUE(boosted_scorer && isolation_scorer);
      std::vector<double> together(count);
      const auto check = [&](const Scorer& scorer, const std::vector<double>& expected, const char* member) {
        scorer.score(rows, together);
        for (std::size_t i = 0; i < count; ++i) {
          ASSERT_TRUE(equal_bits(together[i], expected[i]))
              << member << ", " << to_string(engine) << ", seed " << seed << ", row " << i << " among others";
        }
        for (std::size_t i = 0; i < count; i += kAloneEvery) {
          double alone = -1;
          scorer.score(std::span(rows).subspan(i * shape.features, shape.features), std::span(&alone, 1));
          ASSERT_TRUE(equal_bits(alone, expected[i]))
              << member << ", " << to_string(engine) << ", seed " << seed << ", row " << i << " alone";
        }
      };
      check(**boosted_scorer, expected_boosted, "boosted");
      check(**isolation_scorer, expected_isolation, "isolation");
      if (HasFatalFailure()) return;
    }
  }
}

TEST(Scorers, RefuseAnInvalidForestAtLoad) {
  model::BoostedForest model;
  model.forest.feature_count = 1;
  model.forest.trees = {{{split(0, 1, 1, 7, false), leaf(1)}}};
  const auto scorer = make_boosted_scorer(model);
  ASSERT_FALSE(scorer);
  EXPECT_EQ(scorer.error().code, Code::kInvalidData);
  EXPECT_FALSE(scorer.error().message.empty());
}

}  // namespace
}  // namespace vigie::scoring
