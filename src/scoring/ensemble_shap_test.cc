#include "scoring/ensemble_shap.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numeric>
#include <vector>

#include "model/package.h"
#include "scoring/random_forest.h"
#include "scoring/scorer.h"

namespace vigie::scoring {
namespace {

model::Transform range(double low, double high) {
  model::Transform transform;
  transform.kind = model::Transform::Kind::kMinMax;
  transform.low = low;
  transform.high = high;
  return transform;
}

model::Transform platt(double slope, double intercept) {
  model::Transform transform;
  transform.kind = model::Transform::Kind::kLogistic;
  transform.slope = slope;
  transform.intercept = intercept;
  return transform;
}

model::Combination weighted(double isolation, double boosted) {
  model::Combination combination;
  combination.terms = {{std::string(model::kIsolationForest), isolation, range(0.3, 0.8)},
                       {std::string(model::kXgboost), boosted, {}}};
  return combination;
}

model::Combination calibrated() {
  model::Combination combination = weighted(0.3, 0.7);
  combination.space = model::Combination::Space::kLogit;
  combination.intercept = -0.2;
  combination.terms[0].transform = platt(2.5, 0.1);
  combination.terms[1].transform = platt(0.9, -0.3);
  combination.calibration = platt(1.3, -0.4);
  return combination;
}

// One split on `feature`: cover 75 to the left, 25 to the right.
model::Forest stump(std::int32_t feature, float left, float right) {
  model::Tree tree;
  tree.nodes.resize(3);
  tree.nodes[0] = {.left = 1, .right = 2, .feature = feature, .threshold = 1.5f, .cover = 100};
  tree.nodes[1].value = left;
  tree.nodes[1].cover = 75;
  tree.nodes[2].value = right;
  tree.nodes[2].cover = 25;
  return {.feature_count = 4, .comparison = model::Comparison::kLess, .trees = {tree}};
}

std::vector<double> contributions(const EnsembleExplainer& explainer, std::span<const float> row,
                                  std::span<const double> scores) {
  std::vector<double> out(row.size(), -1);
  explainer.contributions(row, scores, out);
  return out;
}

TEST(EnsembleExplainer, BaseAndContributionsAddUpToTheScoreWithTablesAndWithout) {
  Random random(1);
  model::BoostedForest boosted;
  boosted.forest = random_forest({}, random);
  model::IsolationForest isolation;
  isolation.forest = random_forest({.depth = 8, .comparison = model::Comparison::kLessEqual}, random);
  const std::vector<float> rows = random_rows(boosted.forest, 100, random);
  for (const model::Combination& combination : {weighted(0.4, 0.6), calibrated()}) {
    const auto tables = EnsembleExplainer::make(combination, isolation, boosted);
    const auto plain = EnsembleExplainer::make(combination, isolation, boosted, Tables::kNone);
    ASSERT_TRUE(tables && plain);
    EXPECT_EQ(tables->base_score(), plain->base_score());
    for (std::size_t i = 0; i < 100; ++i) {
      const auto row = std::span(rows).subspan(i * boosted.forest.feature_count, boosted.forest.feature_count);
      const std::array scores = {reference_score(isolation, row), reference_score(boosted, row)};
      const auto out = contributions(*tables, row, scores);
      const double sum = std::accumulate(out.begin(), out.end(), tables->base_score());
      EXPECT_NEAR(sum, combination(scores), 1e-6);
      const auto without = contributions(*plain, row, scores);
      for (std::size_t f = 0; f < out.size(); ++f) EXPECT_NEAR(without[f], out[f], 1e-9);
    }
  }
}

TEST(EnsembleExplainer, AStumpCarriesTheWholeDifferenceByItsWeight) {
  model::BoostedForest boosted;
  boosted.forest = stump(2, -1, 2);
  model::IsolationForest isolation;
  isolation.forest = stump(1, 0, 0);
  const auto explainer = EnsembleExplainer::make(weighted(0, 0.5), isolation, boosted);
  ASSERT_TRUE(explainer) << explainer.error().to_string();
  const auto sigmoid = [](double margin) { return 1 / (1 + std::exp(-margin)); };
  EXPECT_NEAR(explainer->base_score(), 0.5 * sigmoid(-0.25), 1e-7);  // 0.75 * -1 + 0.25 * 2
  const std::array<float, 4> row = {9, 9, 3, 9};
  const auto out = contributions(*explainer, row, std::array{0.5, sigmoid(2)});
  EXPECT_NEAR(out[2], 0.5 * (sigmoid(2) - sigmoid(-0.25)), 1e-7);
  for (const std::size_t f : {0u, 1u, 3u}) EXPECT_EQ(out[f], 0);
}

TEST(EnsembleExplainer, RefusesAMemberThatItDoesNotKnow) {
  model::BoostedForest boosted;
  boosted.forest = stump(2, -1, 2);
  model::Combination combination = weighted(0.4, 0.6);
  combination.terms[0].member = "lightgbm";
  const auto explainer = EnsembleExplainer::make(combination, {}, boosted);
  ASSERT_FALSE(explainer);
  EXPECT_EQ(explainer.error().code, Code::kUnsupported);
}

}  // namespace
}  // namespace vigie::scoring
