#include "training/threshold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "base/random.h"
#include "model/combination.h"

namespace vigie::training {
namespace {

// From the top: + + - + - - + - - -
const std::vector<double> kScores = {.95, .9, .8, .7, .6, .5, .4, .3, .2, .1};
const std::vector<std::uint8_t> kLabels = {1, 1, 0, 1, 0, 0, 1, 0, 0, 0};

model::ThresholdChoice choose(const ThresholdOptions& options) {
  const auto choice = choose_threshold(rank(kScores, kLabels, {}), options);
  EXPECT_TRUE(choice) << choice.error().to_string();
  return *choice;
}

TEST(Threshold, BestF1LiesBetweenTwoScores) {
  const auto choice = choose({});
  EXPECT_DOUBLE_EQ(choice.value, 0.65);  // three of four with one false alarm: F1 = 6 / 8
  EXPECT_DOUBLE_EQ(choice.expected_f1, 0.75);
  EXPECT_DOUBLE_EQ(choice.expected_precision, 0.75);
  EXPECT_DOUBLE_EQ(choice.expected_recall, 0.75);
  EXPECT_EQ(choice.policy, "f1");
}

TEST(Threshold, FloorsTakeTheMostThatTheyAllow) {
  const auto precise = choose({.policy = ThresholdPolicy::kPrecision, .target = 0.9});
  EXPECT_DOUBLE_EQ(precise.value, 0.85);
  EXPECT_DOUBLE_EQ(precise.expected_recall, 0.5);
  EXPECT_DOUBLE_EQ(choose({.policy = ThresholdPolicy::kPrecision, .target = 0.75}).value, 0.65);
  const auto complete = choose({.policy = ThresholdPolicy::kRecall, .target = 1});
  EXPECT_DOUBLE_EQ(complete.value, 0.35);
  EXPECT_DOUBLE_EQ(complete.expected_precision, 4.0 / 7);
  EXPECT_DOUBLE_EQ(choose({.policy = ThresholdPolicy::kRecall, .target = 0.5}).value, 0.85);
}

TEST(Threshold, BudgetsAreSharesOrNumbersOfRows) {
  EXPECT_DOUBLE_EQ(choose({.policy = ThresholdPolicy::kAlerts, .target = 0.3}).value, 0.75);
  EXPECT_DOUBLE_EQ(choose({.policy = ThresholdPolicy::kAlerts, .target = 0.39}).value, 0.75);
  EXPECT_DOUBLE_EQ(choose({.policy = ThresholdPolicy::kAlerts, .target = 4}).value, 0.65);
}

TEST(Threshold, LeastCostCountsMissesAndFalseAlarms) {
  // A miss costs as much as ten false alarms: every positive is worth having.
  EXPECT_DOUBLE_EQ(choose({.policy = ThresholdPolicy::kCost, .cost_fn = 10, .cost_fp = 1}).value, 0.35);
  // A false alarm costs more than all positives: only those before the first one.
  EXPECT_DOUBLE_EQ(choose({.policy = ThresholdPolicy::kCost, .cost_fn = 1, .cost_fp = 10}).value, 0.85);
  // Misses are free: no alarm at all.
  const auto silent = choose({.policy = ThresholdPolicy::kCost, .cost_fn = 0, .cost_fp = 1});
  EXPECT_GE(silent.value, 0.95);
  EXPECT_EQ(silent.expected_recall, 0);
  // By amount: only the fraud at 0.4 is dear enough to be worth three false alarms.
  const std::vector<double> amounts = {1, 1, 9, 1, 9, 9, 50, 9, 9, 9};
  EXPECT_DOUBLE_EQ(choose({.policy = ThresholdPolicy::kCost, .cost_fp = 10, .amounts = amounts}).value, 0.35);
  EXPECT_DOUBLE_EQ(
      choose({.policy = ThresholdPolicy::kCost, .cost_fp = 10, .amounts = std::vector<double>(10, 1)}).value, 0.85);
}

TEST(Threshold, AGivenOneIsKeptAndMeasured) {
  const auto choice = choose({.policy = ThresholdPolicy::kGiven, .target = 0.45});
  EXPECT_EQ(choice.value, 0.45);
  EXPECT_DOUBLE_EQ(choice.expected_precision, 0.5);
}

TEST(Threshold, ImpossibleTargetsNameWhatIsPossible) {
  const std::vector<double> scores = {.9, .9, .1, .1};
  const std::vector<std::uint8_t> labels = {1, 0, 1, 0};
  const Ranking ranking = rank(scores, labels, {});
  const auto precise = choose_threshold(ranking, {.policy = ThresholdPolicy::kPrecision, .target = 0.8});
  ASSERT_FALSE(precise);
  EXPECT_EQ(precise.error().code, Code::kInvalidArgument);
  EXPECT_THAT(precise.error().remedy, testing::HasSubstr("0.5"));
  const auto budget = choose_threshold(ranking, {.policy = ThresholdPolicy::kAlerts, .target = 0.1});
  ASSERT_FALSE(budget);
  EXPECT_THAT(budget.error().remedy, testing::HasSubstr("0.5"));
  const auto rows = choose_threshold(ranking, {.policy = ThresholdPolicy::kAlerts, .target = 1});
  ASSERT_FALSE(rows);
  EXPECT_THAT(rows.error().remedy, testing::HasSubstr("2 rows"));
}

TEST(Threshold, RefusesTargetsOutOfRange) {
  const Ranking ranking = rank(kScores, kLabels, {});
  const double nan = std::nan("");
  for (const double bad : {0.0, -1.0, 1.5, nan}) {
    EXPECT_FALSE(choose_threshold(ranking, {.policy = ThresholdPolicy::kPrecision, .target = bad}));
    EXPECT_FALSE(choose_threshold(ranking, {.policy = ThresholdPolicy::kRecall, .target = bad}));
  }
  for (const double bad : {0.0, -3.0, nan}) {
    EXPECT_FALSE(choose_threshold(ranking, {.policy = ThresholdPolicy::kAlerts, .target = bad}));
  }
  for (const double bad : {-0.1, 1.1, nan}) {
    EXPECT_FALSE(choose_threshold(ranking, {.policy = ThresholdPolicy::kGiven, .target = bad}));
  }
  EXPECT_FALSE(choose_threshold(ranking, {.policy = ThresholdPolicy::kCost, .cost_fn = -1}));
  EXPECT_FALSE(choose_threshold(ranking, {.policy = ThresholdPolicy::kCost, .cost_fn = 0, .cost_fp = 0}));
}

RC_GTEST_PROP(Threshold, TheOptimumBeatsEveryOther, ()) {
  const auto count = *rc::gen::inRange<std::size_t>(2, 60);
  std::vector<double> scores;
  std::vector<std::uint8_t> labels;
  std::vector<double> weights;
  for (std::size_t i = 0; i < count; ++i) {
    scores.push_back(*rc::gen::inRange(0, 20) / 19.0);
    labels.push_back(static_cast<std::uint8_t>(*rc::gen::inRange(0, 2)));
    weights.push_back(*rc::gen::inRange(1, 5));
  }
  labels[0] = 1;
  labels[1] = 0;
  const auto f1_at = [&](double threshold) {
    double tp = 0;
    double fp = 0;
    double fn = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (scores[i] > threshold) {
        (labels[i] != 0 ? tp : fp) += weights[i];
      } else if (labels[i] != 0) {
        fn += weights[i];
      }
    }
    return 2 * tp / (2 * tp + fp + fn);
  };
  const auto choice = choose_threshold(rank(scores, labels, weights), {});
  RC_ASSERT(choice.has_value());
  RC_ASSERT(std::fabs(f1_at(choice->value) - choice->expected_f1) < 1e-9);
  for (int t = -1; t <= 20; ++t) RC_ASSERT(f1_at(t / 19.0 - 1e-6) <= choice->expected_f1 + 1e-9);
  for (const double score : scores) RC_ASSERT(score != choice->value || score == 0);
}

// Scores that are true probabilities, as a good model's are.
Ranking calibrated_sample(std::uint64_t seed, double slope = 1) {
  Random random(seed);
  std::vector<double> scores;
  std::vector<std::uint8_t> labels;
  for (int i = 0; i < 4000; ++i) {
    const double margin = random.normal(-4, 3);
    labels.push_back(random.bernoulli(model::sigmoid(margin)) ? 1 : 0);
    scores.push_back(model::sigmoid(slope * margin));
  }
  return rank(scores, labels, {});
}

double deviation(const std::vector<double>& values) {
  double mean = 0;
  for (const double x : values) mean += x / static_cast<double>(values.size());
  double squares = 0;
  for (const double x : values) squares += (x - mean) * (x - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

TEST(Threshold, StableRulesMoveLessBetweenSamplesAndCostLittle) {
  std::vector<double> single;
  std::vector<double> smoothed;
  std::vector<double> half_f;
  std::vector<double> platt;
  double lost = 0;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const Ranking ranking = calibrated_sample(seed);
    const auto optimum = choose_threshold(ranking, {.rule = F1Rule::kOptimum});
    const auto smooth = choose_threshold(ranking, {.rule = F1Rule::kSmoothed});
    const auto half = choose_threshold(ranking, {.rule = F1Rule::kHalfF});
    const auto scaled = choose_threshold(calibrated_sample(seed, 0.5), {.rule = F1Rule::kPlatt});
    ASSERT_TRUE(optimum && smooth && half && scaled);
    single.push_back(optimum->value);
    smoothed.push_back(smooth->value);
    half_f.push_back(half->value);
    platt.push_back(model::sigmoid(2 * model::logit(scaled->value)));
    lost += optimum->expected_f1 - half->expected_f1;
  }
  EXPECT_LT(deviation(smoothed), 0.8 * deviation(single));
  EXPECT_LT(deviation(half_f), 0.3 * deviation(single));
  EXPECT_LT(deviation(platt), 0.8 * deviation(single));
  EXPECT_LT(lost / 30, 0.02);
  // Squeezed scores are brought back by Platt's scaling to the same threshold.
  for (std::size_t i = 0; i < platt.size(); ++i) EXPECT_NEAR(platt[i], half_f[i], 0.12);
}

TEST(Threshold, ARuleThatLosesTooMuchGivesWay) {
  // Read as probabilities these scores promise nothing, and a grid of half percents does not see them.
  std::vector<double> scores = kScores;
  for (double& score : scores) score *= 1e-6;
  const Ranking ranking = rank(scores, kLabels, {});
  for (const F1Rule rule : {F1Rule::kSmoothed, F1Rule::kHalfF}) {
    const auto choice = choose_threshold(ranking, {.rule = rule});
    ASSERT_TRUE(choice);
    EXPECT_GE(choice->expected_f1, 0.95 * 0.75);
  }
}

TEST(Threshold, ManyRowsHaveTheRangeThatFewHave) {
  // Over 20,000 rows the replicates are drawn from a thinned ranking. Rows far below any threshold, added to a sample
  // that is not thinned, must not move its range.
  const Ranking small = calibrated_sample(5);
  std::vector<double> scores = small.score;
  std::vector<std::uint8_t> labels = small.label;
  Random random(9);
  for (int i = 0; i < 40'000; ++i) {
    scores.push_back(0.001 * random.uniform());
    labels.push_back(0);
  }
  const ThresholdOptions options{.rule = F1Rule::kSmoothed, .replicates = 200, .seed = 2};
  const auto few = choose_threshold(small, options);
  const auto many = choose_threshold(rank(scores, labels, {}), options);
  ASSERT_TRUE(few && many);
  EXPECT_DOUBLE_EQ(few->value, many->value);
  EXPECT_NEAR(few->low, many->low, 0.03);
  EXPECT_NEAR(few->high, many->high, 0.03);
}

TEST(Threshold, ItsRangeHoldsItAndDoesNotDependOnThreads) {
  const Ranking ranking = calibrated_sample(3);
  for (const F1Rule rule : {F1Rule::kOptimum, F1Rule::kSmoothed, F1Rule::kHalfF}) {
    const auto one = choose_threshold(ranking, {.rule = rule, .replicates = 100, .seed = 4, .threads = 1});
    const auto two = choose_threshold(ranking, {.rule = rule, .replicates = 100, .seed = 4, .threads = 2});
    ASSERT_TRUE(one && two);
    EXPECT_LT(one->low, one->high);
    EXPECT_LE(one->low, one->value);
    EXPECT_GE(one->high, one->value);
    EXPECT_EQ(one->low, two->low);
    EXPECT_EQ(one->high, two->high);
  }
}

}  // namespace
}  // namespace vigie::training
