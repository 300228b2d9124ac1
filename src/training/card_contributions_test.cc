// Models so simple that every figure can be worked out by hand.
#include "training/card_contributions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "training/contributions.h"

namespace vigie::training {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;

constexpr std::size_t kV3 = 2;  // among the inputs
constexpr std::size_t kV3Raw = 4;

double sigmoid(double margin) { return 1 / (1 + std::exp(-margin)); }

// One split, three quarters of the cover to the left.
model::Tree stump(std::size_t input, float threshold, float left, float right) {
  model::Tree tree;
  tree.nodes.resize(3);
  tree.nodes[0] = {
      .left = 1, .right = 2, .feature = static_cast<std::int32_t>(input), .threshold = threshold, .cover = 100};
  tree.nodes[1].value = left;
  tree.nodes[1].cover = 75;
  tree.nodes[2].value = right;
  tree.nodes[2].cover = 25;
  return tree;
}

// Inputs unscaled, and these boosted trees; the isolation forest splits on V1 once and has no weight.
CardMembers members_of(std::vector<model::Tree> trees) {
  CardMembers members;
  members.boosted.forest.feature_count = schema::kCardInputs;
  members.boosted.forest.trees = std::move(trees);
  members.isolation.forest.feature_count = schema::kCardInputs;
  members.isolation.forest.trees = {stump(0, 0, 0, 0)};
  members.boosted_scorer = *scoring::make_boosted_scorer(members.boosted);
  members.isolation_scorer = *scoring::make_isolation_scorer(members.isolation);
  return members;
}

model::Combination boosted_alone() {
  model::Combination combination;
  combination.terms = {{std::string(model::kIsolationForest), 0, {}}, {std::string(model::kXgboost), 1, {}}};
  return combination;
}

struct ExplainedRows {
  std::vector<double> raw;
  std::vector<std::uint8_t> labels;
  std::vector<double> weights;

  CardData data() const { return {.raw = raw, .labels = labels, .weights = weights}; }
  void add(double v3, std::uint8_t label, double weight) {
    raw.insert(raw.end(), schema::kCardRaw, 0.0);
    raw[raw.size() - schema::kCardRaw + kV3Raw] = v3;
    labels.push_back(label);
    weights.push_back(weight);
  }
};

TEST(CardContributions, CountEachClassByItsWeightHoweverManyRowsAreExplained) {
  ExplainedRows rows;
  for (int i = 0; i < 1000; ++i) rows.add(0, 0, 7);
  for (int i = 0; i < 300; ++i) rows.add(2, 1, 1);
  for (int i = 0; i < 50; ++i) rows.add(2, 0, 0);  // nobody's rows
  const auto members = members_of({stump(kV3, 1.5f, -1, 2)});
  const auto measured = measure_contributions(members, boosted_alone(), rows.data(), 1);
  ASSERT_TRUE(measured) << measured.error().to_string();
  EXPECT_EQ(measured->rows, 2 * kExplainedPerClass);
  EXPECT_EQ(measured->positives, kExplainedPerClass);
  const double base = sigmoid(-0.25);
  const double left = sigmoid(-1) - base;
  const double right = sigmoid(2) - base;
  EXPECT_NEAR(measured->base_score, base, 1e-6);
  EXPECT_NEAR(measured->mean_absolute[kV3], (7000 * -left + 300 * right) / 7300, 1e-6);
  EXPECT_NEAR(measured->positives_mean_absolute[kV3], right, 1e-6);
  for (std::size_t f = 0; f < schema::kCardInputs; ++f) {
    if (f == kV3) continue;
    EXPECT_EQ(measured->mean_absolute[f], 0) << f;
    EXPECT_EQ(measured->positives_mean_absolute[f], 0) << f;
  }
  ASSERT_EQ(measured->dependence.size(), 1u);
  const model::Dependence& dependence = measured->dependence.front();
  EXPECT_EQ(dependence.feature, "V3");
  EXPECT_THAT(dependence.value, ElementsAre(0, 2));
  for (const auto* values : {&dependence.mean, &dependence.low, &dependence.high}) {
    EXPECT_THAT(*values, ElementsAre(DoubleNear(left, 1e-6), DoubleNear(right, 1e-6)));
  }
}

TEST(CardContributions, AMonotoneModelHasAMonotoneDependenceInTenths) {
  Random random(3);
  ExplainedRows rows;
  for (int i = 0; i < 400; ++i) rows.add(random.normal(), i % 2 == 0 ? 1 : 0, 1);
  std::vector<model::Tree> trees;
  for (int i = -15; i <= 15; ++i) trees.push_back(stump(kV3, static_cast<float>(i) / 5, 0, 0.2f));
  const auto members = members_of(std::move(trees));
  const auto measured = measure_contributions(members, boosted_alone(), rows.data(), 1);
  ASSERT_TRUE(measured);
  ASSERT_EQ(measured->dependence.size(), 1u);
  const model::Dependence& dependence = measured->dependence.front();
  ASSERT_EQ(dependence.value.size(), 10u);
  EXPECT_TRUE(std::ranges::is_sorted(dependence.mean));
  EXPECT_LT(dependence.mean.front(), 0);
  EXPECT_GT(dependence.mean.back(), 0);
  std::vector<double> sorted;
  for (std::size_t i = 0; i < 400; ++i) sorted.push_back(rows.data().row(i)[kV3Raw]);
  std::ranges::sort(sorted);
  for (std::size_t b = 0; b < 10; ++b) {
    EXPECT_LE(dependence.low[b], dependence.mean[b]);
    EXPECT_GE(dependence.high[b], dependence.mean[b]);
    double mean = 0;
    for (std::size_t i = 40 * b; i < 40 * (b + 1); ++i) mean += sorted[i] / 40;
    EXPECT_NEAR(dependence.value[b], mean, 1e-9) << b;
  }
  const auto again = measure_contributions(members, boosted_alone(), rows.data(), 3);
  EXPECT_EQ(again->mean_absolute, measured->mean_absolute);
  EXPECT_EQ(again->dependence.front().high, dependence.high);
}

// Among 5,000 rows and 5 frauds, what only frauds have comes first; where there is one value, there is one bin.
TEST(CardContributions, WhatTellsFraudsApartIsNotDrownedByTheRest) {
  ExplainedRows rows;
  for (int i = 0; i < 5000; ++i) rows.add(0, 0, 1);
  for (int i = 0; i < 5; ++i) rows.add(2, 1, 1);
  constexpr std::size_t kV28 = 27;  // always 0
  const auto members = members_of({stump(kV28, 1.5f, -1, 2), stump(kV3, 1.5f, 0, 2)});
  const auto measured = measure_contributions(members, boosted_alone(), rows.data(), 2);
  ASSERT_TRUE(measured);
  EXPECT_EQ(measured->rows, kExplainedPerClass + 5);
  EXPECT_EQ(measured->positives, 5u);
  EXPECT_GT(measured->mean_absolute[kV28], measured->mean_absolute[kV3]);
  ASSERT_EQ(measured->dependence.size(), 2u);
  EXPECT_EQ(measured->dependence[0].feature, "V3");
  EXPECT_EQ(measured->dependence[1].feature, "V28");
  EXPECT_THAT(measured->dependence[1].value, ElementsAre(0));
}

TEST(CardContributions, AModelThatAsksNothingHasNone) {
  ExplainedRows rows;
  for (int i = 0; i < 10; ++i) rows.add(i, i % 2 == 0 ? 1 : 0, 1);
  const auto measured = measure_contributions(members_of({stump(kV3, 1, 0, 0)}), boosted_alone(), rows.data(), 1);
  ASSERT_TRUE(measured);
  EXPECT_THAT(measured->mean_absolute, testing::Each(0));
  EXPECT_TRUE(measured->dependence.empty());
}

}  // namespace
}  // namespace vigie::training
