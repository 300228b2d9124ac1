#include "training/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>

#include "base/random.h"

namespace vigie::training {
namespace {

struct ScoredRows {
  std::vector<double> scores;
  std::vector<std::uint8_t> labels;
  std::vector<double> weights;
};

// Figures below marked "scikit-learn" were computed on these rows with scikit-learn's metrics and sample_weight.
const ScoredRows kRows = {.scores = {.1, .4, .35, .8, .35, .65, .9, .2, .65, .5},
                          .labels = {0, 0, 1, 1, 0, 1, 0, 0, 0, 1},
                          .weights = {1, 2, 1, .5, 3, 1, 1, 2, .25, 1.5}};

model::ScorerEvaluation evaluate(const ScoredRows& rows, double threshold, const EvaluationOptions& options = {}) {
  auto evaluation = evaluate_scorer("s", rows.scores, rows.labels, rows.weights, threshold, options);
  EXPECT_TRUE(evaluation);
  return *std::move(evaluation);
}

TEST(Metrics, WeightedFiguresEqualScikitLearns) {
  const auto e = evaluate(kRows, 0.45, {.replicates = 0});
  EXPECT_NEAR(e.roc_auc.value, 0.7770270270270271, 1e-12);
  EXPECT_NEAR(e.average_precision.value, 0.5402971609930003, 1e-12);
  EXPECT_NEAR(e.f1.value, 0.7272727272727273, 1e-12);
  EXPECT_NEAR(e.precision.value, 0.7058823529411765, 1e-12);
  EXPECT_NEAR(e.recall.value, 0.75, 1e-12);
  EXPECT_NEAR(e.brier.value, 0.1987264150943396, 1e-12);
  EXPECT_NEAR(e.ks.value, 0.6148648648648649, 1e-12);
  EXPECT_NEAR(e.confusion.tn, 8, 1e-12);
  EXPECT_NEAR(e.confusion.fp, 1.25, 1e-12);
  EXPECT_NEAR(e.confusion.fn, 1, 1e-12);
  EXPECT_NEAR(e.confusion.tp, 3, 1e-12);
  EXPECT_EQ(e.roc_auc.low, e.roc_auc.value);  // no interval was asked for
}

TEST(Metrics, UnweightedFiguresEqualScikitLearns) {
  ScoredRows rows = kRows;
  rows.weights.clear();
  const auto e = evaluate(rows, 0.45, {.replicates = 0});
  EXPECT_NEAR(e.roc_auc.value, 0.6666666666666667, 1e-12);
  EXPECT_NEAR(e.average_precision.value, 0.525, 1e-12);
  EXPECT_NEAR(e.f1.value, 0.6666666666666666, 1e-12);
  EXPECT_NEAR(e.brier.value, 0.24, 1e-12);
}

TEST(Metrics, AScoreAtTheThresholdIsNoAlarm) {
  const ScoredRows rows = {.scores = {0.3, 0.5, 0.7}, .labels = {0, 1, 1}, .weights = {}};
  EXPECT_EQ(evaluate(rows, 0.5).confusion.tp, 1);
  EXPECT_EQ(evaluate(rows, 0.49).confusion.tp, 2);
  const auto silent = evaluate(rows, 0.7, {.replicates = 0});
  EXPECT_EQ(silent.precision.value, 0);  // nothing alarmed: 0, not NaN
  EXPECT_EQ(silent.f1.value, 0);
}

TEST(Metrics, RecallAtOnePercentIsTheLastCutWithinIt) {
  ScoredRows rows;
  for (int i = 0; i < 200; ++i) {  // negatives at 0.000 .. 0.995
    rows.scores.push_back(i / 200.0);
    rows.labels.push_back(0);
  }
  for (const double score : {0.999, 0.9925, 0.9875, 0.5}) {  // above 0, 1, 2 and 99 negatives
    rows.scores.push_back(score);
    rows.labels.push_back(1);
  }
  EXPECT_DOUBLE_EQ(evaluate(rows, 0.5).recall_at_1pct_fpr.value, 0.75);  // two of 200 are exactly 1 %
}

TEST(Metrics, CalibrationErrorOfTenRowsIsTheirMeanGap) {
  // Ten equal weights, ten bins: each row is a bin of its own.
  ScoredRows rows;
  double gap = 0;
  for (int i = 0; i < 10; ++i) {
    rows.scores.push_back(0.05 + i / 10.0);
    rows.labels.push_back(i % 3 == 0 ? 1 : 0);
    gap += std::fabs(rows.scores.back() - rows.labels.back());
  }
  EXPECT_NEAR(evaluate(rows, 0.5).calibration_error.value, gap / 10, 1e-12);
}

TEST(Metrics, CalibratedScoresHaveAlmostNoCalibrationError) {
  Random random(8);
  ScoredRows rows;
  for (int i = 0; i < 100'000; ++i) {
    rows.scores.push_back(random.uniform());
    rows.labels.push_back(random.bernoulli(rows.scores.back()) ? 1 : 0);
  }
  EXPECT_LT(evaluate(rows, 0.5, {.replicates = 0}).calibration_error.value, 0.01);
}

// The definitions, pair by pair and cut by cut.
double slow_auc(const ScoredRows& r) {
  double won = 0;
  double all = 0;
  for (std::size_t p = 0; p < r.scores.size(); ++p) {
    for (std::size_t n = 0; n < r.scores.size(); ++n) {
      if (r.labels[p] != 1 || r.labels[n] != 0) continue;
      const double weight = r.weights[p] * r.weights[n];
      all += weight;
      won += weight * (r.scores[p] > r.scores[n] ? 1 : r.scores[p] == r.scores[n] ? 0.5 : 0);
    }
  }
  return won / all;
}

double slow_average_precision(const ScoredRows& r) {
  double positives = 0;
  for (std::size_t i = 0; i < r.scores.size(); ++i) positives += r.weights[i] * r.labels[i];
  double sum = 0;
  for (std::size_t i = 0; i < r.scores.size(); ++i) {  // each positive counts the precision at its own score
    if (r.labels[i] == 0 || r.weights[i] == 0) continue;
    double tp = 0;
    double all = 0;
    for (std::size_t j = 0; j < r.scores.size(); ++j) {
      if (r.scores[j] < r.scores[i]) continue;
      all += r.weights[j];
      tp += r.weights[j] * r.labels[j];
    }
    sum += r.weights[i] * tp / all;
  }
  return sum / positives;
}

double slow_ks(const ScoredRows& r) {
  double positives = 0;
  double negatives = 0;
  for (std::size_t i = 0; i < r.scores.size(); ++i) (r.labels[i] != 0 ? positives : negatives) += r.weights[i];
  double gap = 0;
  for (const double cut : r.scores) {
    double tp = 0;
    double fp = 0;
    for (std::size_t j = 0; j < r.scores.size(); ++j) {
      if (r.scores[j] >= cut) (r.labels[j] != 0 ? tp : fp) += r.weights[j];
    }
    gap = std::max(gap, std::fabs(tp / positives - fp / negatives));
  }
  return gap;
}

ScoredRows generate_rows() {
  ScoredRows rows;
  const auto count = *rc::gen::inRange<std::size_t>(2, 80);
  for (std::size_t i = 0; i < count; ++i) {
    rows.scores.push_back(*rc::gen::inRange(0, 12) / 11.0);  // few values: many ties
    rows.labels.push_back(static_cast<std::uint8_t>(*rc::gen::inRange(0, 2)));
    rows.weights.push_back(*rc::gen::inRange(0, 5) / 2.0);
  }
  rows.labels[0] = 0;
  rows.labels[1] = 1;
  rows.weights[0] = rows.weights[1] = 1;
  return rows;
}

RC_GTEST_PROP(Metrics, FastEqualsSlow, ()) {
  const ScoredRows rows = generate_rows();
  const auto e = evaluate(rows, *rc::gen::inRange(0, 12) / 11.0, {.replicates = 0});
  RC_ASSERT(std::fabs(e.roc_auc.value - slow_auc(rows)) < 1e-9);
  RC_ASSERT(std::fabs(e.average_precision.value - slow_average_precision(rows)) < 1e-9);
  RC_ASSERT(std::fabs(e.ks.value - slow_ks(rows)) < 1e-9);
}

RC_GTEST_PROP(Metrics, AWholeWeightIsARepeatedRow, ()) {
  ScoredRows weighted = generate_rows();
  ScoredRows repeated;
  for (std::size_t i = 0; i < weighted.scores.size(); ++i) {
    weighted.weights[i] = std::ceil(weighted.weights[i]);
    for (int k = 0; k < static_cast<int>(weighted.weights[i]); ++k) {
      repeated.scores.push_back(weighted.scores[i]);
      repeated.labels.push_back(weighted.labels[i]);
    }
  }
  const auto a = evaluate(weighted, 0.5, {.replicates = 0});
  const auto b = evaluate(repeated, 0.5, {.replicates = 0});
  for (const model::Metric& metric : model::kMetrics) {
    RC_ASSERT(std::fabs((a.*metric.field).value - (b.*metric.field).value) < 1e-9);
  }
}

RC_GTEST_PROP(Metrics, CurvesStayOnThePlot, ()) {
  const auto e = evaluate(generate_rows(), 0.5, {.replicates = 0});
  RC_ASSERT(e.roc.size() >= 2 && e.roc.size() <= 200 && e.precision_recall.size() <= 200 && e.thresholds.size() <= 200);
  RC_ASSERT(e.roc.front().x == 0 && std::fabs(e.roc.back().x - 1) < 1e-9 && std::fabs(e.roc.back().y - 1) < 1e-9);
  for (std::size_t i = 1; i < e.roc.size(); ++i) {
    RC_ASSERT(e.roc[i].x >= e.roc[i - 1].x && e.roc[i].y >= e.roc[i - 1].y);
  }
  for (std::size_t i = 1; i < e.thresholds.size(); ++i) {
    RC_ASSERT(e.thresholds[i].alert_rate <= e.thresholds[i - 1].alert_rate);
  }
  double weight = 0;
  for (const model::CalibrationBin& bin : e.calibration) weight += bin.weight;
  RC_ASSERT(std::fabs(weight - (e.confusion.tp + e.confusion.fp + e.confusion.fn + e.confusion.tn)) < 1e-9);
}

TEST(Metrics, ManyRowsStillGiveAtMostTwoHundredPoints) {
  Random random(1);
  ScoredRows rows;
  for (int i = 0; i < 20'000; ++i) {
    rows.labels.push_back(random.bernoulli(0.3) ? 1 : 0);
    rows.scores.push_back(1 / (1 + std::exp(-random.normal(rows.labels.back(), 1))));
  }
  const auto e = evaluate(rows, 0.5, {.replicates = 0});
  EXPECT_LE(e.roc.size(), 200u);
  EXPECT_GE(e.roc.size(), 100u);
  EXPECT_LE(e.precision_recall.size(), 200u);
  EXPECT_GE(e.precision_recall.size(), 100u);
  EXPECT_EQ(e.thresholds.size(), 200u);
  EXPECT_EQ(e.calibration.size(), 10u);
}

TEST(Metrics, IntervalsHoldTheValueAndDoNotDependOnThreads) {
  Random random(2);
  ScoredRows rows;
  for (int i = 0; i < 3000; ++i) {
    rows.labels.push_back(random.bernoulli(0.1) ? 1 : 0);
    rows.scores.push_back(1 / (1 + std::exp(-random.normal(2.0 * rows.labels.back(), 1))));
  }
  const auto one = evaluate(rows, 0.7, {.replicates = 200, .seed = 5, .threads = 1});
  const auto three = evaluate(rows, 0.7, {.replicates = 200, .seed = 5, .threads = 3});
  for (const model::Metric& metric : model::kMetrics) {
    const model::Measured& a = one.*metric.field;
    const model::Measured& b = three.*metric.field;
    EXPECT_EQ(a.low, b.low) << metric.name;
    EXPECT_EQ(a.high, b.high) << metric.name;
    EXPECT_LT(a.low, a.high) << metric.name;
    if (metric.name == "calibration_error") continue;  // its estimate is biased upwards in every replicate
    EXPECT_LE(a.low, a.value) << metric.name;
    EXPECT_GE(a.high, a.value) << metric.name;
  }
  // DeLong, DeLong and Clarke-Pearson (1988): the deviation of the area from its placement values.
  std::array<std::vector<double>, 2> placements;
  for (std::size_t i = 0; i < rows.scores.size(); ++i) {
    double beaten = 0;
    double others = 0;
    for (std::size_t j = 0; j < rows.scores.size(); ++j) {
      if (rows.labels[i] == rows.labels[j]) continue;
      others += 1;
      beaten += (rows.scores[i] > rows.scores[j]) == (rows.labels[i] != 0) ? 1 : 0;
    }
    placements[rows.labels[i]].push_back(beaten / others);
  }
  double variance = 0;
  for (const auto& values : placements) {
    const auto count = static_cast<double>(values.size());
    double squares = 0;
    for (const double value : values) squares += (value - one.roc_auc.value) * (value - one.roc_auc.value);
    variance += squares / (count - 1) / count;
  }
  EXPECT_NEAR((one.roc_auc.high - one.roc_auc.low) / (2 * 1.96 * std::sqrt(variance)), 1, 0.2);
}

TEST(Metrics, RefusesWhatHasNoMeaning) {
  const std::vector<double> scores = {0.1, 0.2};
  const std::vector<std::uint8_t> normal = {0, 0};
  const std::vector<std::uint8_t> both = {0, 1};
  const std::vector<double> nan = {0.1, std::numeric_limits<double>::quiet_NaN()};
  const std::vector<double> weightless = {1, 0};
  EXPECT_THAT(evaluate_scorer("s", scores, normal, {}, 0.5, {}).error().message, testing::HasSubstr("class 1"));
  EXPECT_THAT(evaluate_scorer("s", nan, both, {}, 0.5, {}).error().message, testing::HasSubstr("row 2"));
  EXPECT_FALSE(evaluate_scorer("s", scores, both, weightless, 0.5, {}));
  EXPECT_FALSE(evaluate_scorer("s", {}, {}, {}, 0.5, {}));
}

TEST(Ranking, TheFastSortEqualsTheStableSort) {
  Random random(6);
  std::vector<double> scores;
  std::vector<std::uint8_t> labels;
  for (int i = 0; i < 10'000; ++i) {  // over 4096 rows take the radix sort
    const double kinds[] = {random.uniform(), random.normal(), 0.0, -0.0, std::round(random.normal()), 1e-300, -1e300};
    scores.push_back(kinds[random.below(7)]);
    labels.push_back(static_cast<std::uint8_t>(random.below(2)));
  }
  std::vector<std::uint32_t> expected(scores.size());
  for (std::uint32_t i = 0; i < expected.size(); ++i) expected[i] = i;
  std::stable_sort(expected.begin(), expected.end(), [&](auto a, auto b) { return scores[a] > scores[b]; });
  EXPECT_EQ(rank(scores, labels, {}).row, expected);
}

TEST(Ranking, AReplicateOfFewRowsIsTheBeginningOfOneOfMany) {
  std::vector<std::uint8_t> many(1000);
  draw_replicate(1, 2, many);
  for (const std::size_t rows : {0u, 1u, 3u, 255u, 256u, 258u, 999u}) {  // drawn in fours and in blocks
    std::vector<std::uint8_t> few(rows);
    draw_replicate(1, 2, few);
    EXPECT_TRUE(std::equal(few.begin(), few.end(), many.begin())) << rows;
  }
}

TEST(Ranking, ReplicatesDrawEachRowOnceOnAverage) {
  std::vector<std::uint8_t> counts(400'000);
  draw_replicate(1, 2, counts);
  std::array<double, 12> seen{};
  for (const std::uint8_t count : counts) ++seen[std::min<std::size_t>(count, 11)];
  double probability = std::exp(-1.0);
  for (int k = 0; k < 5; ++k) {
    const double expected = 400'000 * probability;
    EXPECT_NEAR(seen[static_cast<std::size_t>(k)], expected, 5 * std::sqrt(expected)) << k;
    probability /= k + 1;
  }
}

}  // namespace
}  // namespace vigie::training
