#include "scoring/shap.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "scoring/random_forest.h"
#include "scoring/shap_reference.h"

namespace vigie::scoring {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

model::Node leaf(float value, float cover = 1) {
  model::Node node;
  node.value = value;
  node.cover = cover;
  return node;
}

model::Node split(int feature, float threshold, int left, int right, bool missing_left = true, float cover = 1) {
  model::Node node;
  node.left = left;
  node.right = right;
  node.feature = feature;
  node.threshold = threshold;
  node.missing_left = missing_left;
  node.cover = cover;
  return node;
}

model::BoostedForest boosted(std::vector<model::Tree> trees, std::uint32_t features, float base_margin = 0) {
  model::BoostedForest model;
  model.forest.feature_count = features;
  model.forest.trees = std::move(trees);
  model.base_margin = base_margin;
  return model;
}

model::IsolationForest isolation(const model::Forest& forest) {
  model::IsolationForest model;
  model.forest = forest;
  return model;
}

Explainer explainer_of(const model::BoostedForest& model) { return std::move(*Explainer::boosted(model)); }
Explainer explainer_of(const model::IsolationForest& model) { return std::move(*Explainer::isolation(model)); }

std::vector<double> explain(const Explainer& explainer, std::span<const float> row) {
  std::vector<double> out(explainer.feature_count(), -1);
  explainer.contributions(row, out);
  return out;
}

std::vector<double> explain(const model::BoostedForest& model, const std::vector<float>& row) {
  return explain(explainer_of(model), row);
}

void expect_near(const std::vector<double>& actual, const std::vector<double>& expected, double tolerance,
                 const std::string& what) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t f = 0; f < actual.size(); ++f) {
    ASSERT_NEAR(actual[f], expected[f], tolerance) << what << ", feature " << f;
  }
}

// base() and all contributions add up to the row's output; base() is what is expected of a row of which nothing is
// known.
template <typename Model>
void expect_additive(const Model& model, const Explainer& explainer, std::span<const float> row, double tolerance,
                     const std::string& what) {
  const std::vector<double> out = explain(explainer, row);
  const double sum = std::accumulate(out.begin(), out.end(), explainer.base());
  ASSERT_NEAR(sum, reference_expectation(model, row, std::vector<bool>(row.size(), true)), tolerance) << what;
  ASSERT_NEAR(explainer.base(), reference_expectation(model, row, std::vector<bool>(row.size(), false)), tolerance)
      << what;
}

template <typename Model>
void expect_as_defined(const Model& model, std::span<const float> rows, const std::string& what) {
  const Explainer explainer = explainer_of(model);
  const std::size_t features = explainer.feature_count();
  for (std::size_t i = 0; i < rows.size() / features; ++i) {
    const auto row = rows.subspan(i * features, features);
    const std::string where = what + ", row " + std::to_string(i);
    expect_near(explain(explainer, row), reference_contributions(model, row), 1e-11, where);
    if (testing::Test::HasFatalFailure()) return;
    expect_additive(model, explainer, row, 1e-11, where);
    if (testing::Test::HasFatalFailure()) return;
  }
}

TEST(Explainer, SharesAStumpsJumpBetweenTheRowAndTheMean) {
  const auto model = boosted({{{split(1, 0.5f, 1, 2, true, 4), leaf(-1, 3), leaf(2, 1)}}}, 2, 0.25f);
  const Explainer explainer = explainer_of(model);
  EXPECT_DOUBLE_EQ(explainer.base(), 0.25 - 0.25) << "0.25 + (3 * -1 + 1 * 2) / 4";
  expect_near(explain(model, {9, 0}), {0, -0.75}, 1e-15, "left");
  expect_near(explain(model, {9, 0.5f}), {0, 2.25}, 1e-15, "on the threshold goes right");
  expect_near(explain(model, {9, NAN}), {0, -0.75}, 1e-15, "NaN follows missing_left");
}

// Two features of which both must be high, each with chance one half: the lift of 3/4 is shared evenly.
TEST(Explainer, SharesAConjunctionEvenly) {
  const auto model =
      boosted({{{split(0, 0, 1, 2, true, 4), leaf(0, 2), split(1, 0, 3, 4, true, 2), leaf(0, 1), leaf(1, 1)}}}, 2);
  expect_near(explain(model, {1, 1}), {0.375, 0.375}, 1e-15, "both high");
  expect_near(explain(model, {1, -1}), {0.125, -0.375}, 1e-15, "one high");
  expect_near(explain(model, {-1, -1}), {-0.125, -0.125}, 1e-15, "both low");
}

// A feature that a path asks for twice counts once: all that moved the row is its own.
TEST(Explainer, CountsAFeatureThatAPathAsksForTwiceOnce) {
  const auto model =
      boosted({{{split(0, 4, 1, 2, true, 8), split(0, 2, 3, 4, true, 4), leaf(7, 4), leaf(1, 1), leaf(5, 3)}}}, 1);
  const double mean = (4 * 7 + 1 + 3 * 5) / 8.0;
  EXPECT_NEAR(explain(model, {1})[0], 1 - mean, 1e-14);
  EXPECT_NEAR(explain(model, {3})[0], 5 - mean, 1e-14);
  EXPECT_NEAR(explain(model, {6})[0], 7 - mean, 1e-14);
}

TEST(Explainer, GivesNothingForALoneLeaf) {
  const auto model = boosted({{{leaf(3)}}, {{leaf(-1)}}}, 2, 0.5f);
  EXPECT_EQ(explainer_of(model).base(), 2.5);
  EXPECT_EQ(explain(model, {1, NAN}), (std::vector<double>{0, 0}));
  const auto lone = isolation(model.forest);
  EXPECT_EQ(explain(explainer_of(lone), std::vector<float>{1, 2}), (std::vector<double>{0, 0}));
}

// Every path of the code: trees in tables and trees deeper than those, both members, both comparisons, rows with NaN,
// infinities, denormals and values on thresholds. Few features and many splits: most paths repeat some.
TEST(Explainer, EqualsTheDefinitionOnRandomForests) {
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    Random random(seed, 17);
    RandomForestShape shape;
    shape.features = 1 + static_cast<std::uint32_t>(random.below(8));
    shape.trees = 1 + random.below(3);
    shape.depth = static_cast<std::uint32_t>(random.below(14));
    shape.stop = random.uniform(0, 0.3);
    shape.comparison = seed % 2 == 0 ? model::Comparison::kLess : model::Comparison::kLessEqual;
    const model::Forest forest = random_forest(shape, random);
    const std::vector<float> rows = random_rows(forest, 3, random, seed % 3 != 0);
    auto model = boosted(forest.trees, shape.features, static_cast<float>(random.normal()));
    model.forest.comparison = shape.comparison;
    expect_as_defined(model, rows, "boosted, seed " + std::to_string(seed));
    if (HasFatalFailure()) return;
    expect_as_defined(isolation(forest), rows, "isolation, seed " + std::to_string(seed));
    if (HasFatalFailure()) return;
  }
}

TEST(Explainer, AddsUpToTheOutputOfLargeForests) {
  for (const std::uint32_t depth : {5u, 8u, 9u, 24u}) {
    Random random(depth, 3);
    const RandomForestShape shape = {.trees = 60, .depth = depth, .fine = true};
    const model::Forest forest = random_forest(shape, random);
    const auto trees = boosted(forest.trees, shape.features, 0.5f);
    const auto lengths = isolation(forest);
    const Explainer of_trees = explainer_of(trees);
    const Explainer of_lengths = explainer_of(lengths);
    const std::vector<float> rows = random_rows(forest, 50, random);
    for (std::size_t i = 0; i < 50; ++i) {
      const auto row = std::span(rows).subspan(i * shape.features, shape.features);
      const std::string what = "depth " + std::to_string(depth) + ", row " + std::to_string(i);
      expect_additive(trees, of_trees, row, 1e-10, what);
      expect_additive(lengths, of_lengths, row, 1e-10, what);
      if (HasFatalFailure()) return;
    }
  }
}

// A leaf hangs off every split; the shares of the leaves are small at the top and large at the bottom.
model::Tree chain(int depth, int features, Random& random) {
  model::Tree tree;
  for (int i = 0; i < depth; ++i) {
    const int hanging = 2 * i + 1;
    const int next = hanging + 1;
    const bool down_right = i % 2 == 0;
    tree.nodes.push_back(split(i % features, 0, down_right ? hanging : next, down_right ? next : hanging, true,
                               static_cast<float>(100 * (depth - i) + 100)));
    tree.nodes.push_back(leaf(static_cast<float>(random.normal()), static_cast<float>(1 + random.below(100))));
  }
  tree.nodes.push_back(leaf(2, 100));
  return tree;
}

// The deepest tree that validate() lets through, with up to 512 features on a path.
TEST(Explainer, AddsUpOnTheDeepestTree) {
  const auto depth = static_cast<int>(model::kMaxDepth);
  for (const int features : {depth, 37}) {
    Random random(static_cast<std::uint64_t>(features));
    const model::Tree tree = chain(depth, features, random);
    const auto model = boosted({tree}, static_cast<std::uint32_t>(features));
    const Explainer explainer = explainer_of(model);
    for (std::size_t i = 0; i < 5; ++i) {
      const std::vector<float> row = random_rows(model.forest, 1, random);
      expect_additive(model, explainer, row, 1e-11, "a chain on " + std::to_string(features) + " features");
    }
    // All the way down: at features of even place to the right.
    std::vector<float> row(static_cast<std::size_t>(features));
    for (std::size_t f = 0; f < row.size(); ++f) row[f] = f % 2 == 0 ? 1.0f : -1.0f;
    expect_additive(model, explainer, row, 1e-11, "down a chain on " + std::to_string(features) + " features");
  }
}

TEST(Explainer, SumsItsTreesWithAndWithoutTables) {
  Random random(5, 5);
  const RandomForestShape shape = {.trees = 700, .depth = 8, .stop = 0, .fine = true};  // over ShapTables::kMaxValues
  const model::Forest forest = random_forest(shape, random);
  const auto model = boosted(forest.trees, shape.features);
  const Explainer all = explainer_of(model);
  const auto last = explainer_of(boosted({forest.trees.end() - 5, forest.trees.end()}, shape.features));
  const auto others = explainer_of(boosted({forest.trees.begin(), forest.trees.end() - 5}, shape.features));
  const std::vector<float> row = random_rows(forest, 1, random);
  std::vector<double> sum = explain(last, row);
  const std::vector<double> rest = explain(others, row);
  for (std::size_t f = 0; f < sum.size(); ++f) sum[f] += rest[f];
  expect_near(explain(all, row), sum, 1e-11, "whole and parts");
}

TEST(Explainer, RepeatsItselfBitForBit) {
  Random random(6, 6);
  const model::Forest forest = random_forest({.trees = 30, .depth = 10}, random);
  const Explainer explainer = explainer_of(isolation(forest));
  const std::vector<float> rows = random_rows(forest, 2, random);
  const auto first = std::span(rows).first(forest.feature_count);
  const std::vector<double> before = explain(explainer, first);
  explain(explainer, std::span(rows).last(forest.feature_count));
  EXPECT_EQ(explain(explainer, first), before);
}

// Raising a feature that only ever raises the output never lowers its contribution: true for sums of stumps, and for a
// tree where all else is kept equal.
TEST(Explainer, FollowsAMonotoneFeature) {
  const auto model = boosted({{{split(0, -1, 1, 2, true, 4), leaf(-1, 1), leaf(0.5f, 3)}},
                              {{split(0, 1, 1, 2, true, 4), leaf(0, 2), leaf(0.25f, 2)}},
                              {{split(1, 0, 1, 2, true, 4), split(0, 0, 3, 4, true, 2), split(0, 2, 5, 6, true, 2),
                                leaf(-1, 1), leaf(0, 1), leaf(-2, 1), leaf(1, 1)}}},
                             2);
  for (const float other : {-1.0f, 1.0f}) {
    double before = -std::numeric_limits<double>::infinity();
    for (const float value : {-kInfinity, -2.0f, -1.0f, 0.0f, 0.5f, 1.0f, 2.0f, kInfinity}) {
      const double contribution = explain(model, {value, other})[0];
      EXPECT_GE(contribution, before) << value;
      before = contribution;
    }
  }
}

// Thresholds at the ends of what a float holds, where NaN must not be taken for an infinity.
TEST(Explainer, KeepsNanApartFromInfinities) {
  using Limits = std::numeric_limits<float>;
  for (const auto comparison : {model::Comparison::kLess, model::Comparison::kLessEqual}) {
    for (const float threshold : {Limits::lowest(), -Limits::denorm_min(), 0.0f, Limits::max()}) {
      for (const bool missing_left : {false, true}) {
        auto model = boosted({{{split(0, threshold, 1, 2, missing_left), leaf(-1), leaf(1)}}}, 1);
        model.forest.comparison = comparison;
        const std::vector<float> rows = {NAN,           -kInfinity, kInfinity, threshold, Limits::lowest(),
                                         Limits::max(), 0.0f,       -0.0f};
        expect_as_defined(model, rows, "threshold " + std::to_string(threshold));
      }
    }
  }
}

// A split divides what its children have: half and half where that is nothing, whatever it claims itself.
TEST(Explainer, SharesByTheChildrensCover) {
  const auto nothing = boosted({{{split(0, 0, 1, 2, true, 0), leaf(1, 0), leaf(3, 0)}}}, 1);
  EXPECT_EQ(explainer_of(nothing).base(), 2);
  EXPECT_NEAR(explain(nothing, {-1})[0], -1, 1e-15);
  const auto one_side = boosted({{{split(0, 0, 1, 2, true, 5), leaf(1, 0), leaf(3, 5)}}}, 1);
  EXPECT_EQ(explainer_of(one_side).base(), 3);
  EXPECT_NEAR(explain(one_side, {-1})[0], -2, 1e-15);
  const auto claims = boosted({{{split(0, 0, 1, 2, true, 1e30f), leaf(1, 1), leaf(3, 3)}}}, 1);
  EXPECT_EQ(explainer_of(claims).base(), 2.5);

  // Random trees with random covers, many of them 0, in tables and deeper.
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Random random(seed, 23);
    const RandomForestShape shape = {.features = 6, .trees = 2, .depth = seed % 2 == 0 ? 6u : 11u};
    model::Forest forest = random_forest(shape, random);
    for (model::Tree& tree : forest.trees) {
      for (model::Node& node : tree.nodes) {
        if (random.bernoulli(0.5)) node.cover = random.bernoulli(0.5) ? 0.0f : static_cast<float>(random.below(1000));
        if (random.bernoulli(0.02)) node.cover = std::numeric_limits<float>::max();
      }
    }
    expect_as_defined(boosted(forest.trees, shape.features), random_rows(forest, 2, random),
                      "seed " + std::to_string(seed));
    if (HasFatalFailure()) return;
  }
}

TEST(Explainer, RefusesAnInvalidForestAtLoad) {
  const auto explainer = Explainer::boosted(boosted({{{split(0, 1, 1, 7), leaf(1)}}}, 1));
  ASSERT_FALSE(explainer);
  EXPECT_EQ(explainer.error().code, Code::kInvalidData);
  EXPECT_FALSE(Explainer::isolation(model::IsolationForest()));
}

}  // namespace
}  // namespace vigie::scoring
