#include "training/monotone.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/random.h"

namespace vigie::training {
namespace {

using model::Trend;

struct Sequence {
  std::vector<double> values;
  std::vector<double> weights;
};

Sequence draw(std::uint64_t seed) {
  Random random(seed);
  Sequence sequence;
  for (auto left = 1 + random.below(9); left > 0; --left) {
    sequence.values.push_back(random.normal());
    sequence.weights.push_back(0.1 + random.uniform());
  }
  return sequence;
}

double mean(const Sequence& s, std::size_t begin, std::size_t end) {
  double sum = 0;
  double weight = 0;
  for (std::size_t i = begin; i < end; ++i) {
    sum += s.weights[i] * s.values[i];
    weight += s.weights[i];
  }
  return sum / weight;
}

// The formula of the nearest rising sequence: the largest, over where a mean may begin, of the least, over where it may
// end (Robertson, Wright and Dykstra, 1988, theorem 1.4.4).
std::vector<double> nearest_rising(const Sequence& s) {
  std::vector<double> nearest;
  for (std::size_t i = 0; i < s.values.size(); ++i) {
    double most = -std::numeric_limits<double>::infinity();
    for (std::size_t begin = 0; begin <= i; ++begin) {
      double least = std::numeric_limits<double>::infinity();
      for (std::size_t end = i + 1; end <= s.values.size(); ++end) least = std::min(least, mean(s, begin, end));
      most = std::max(most, least);
    }
    nearest.push_back(most);
  }
  return nearest;
}

double cost(const Sequence& s, const std::vector<double>& values) {
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) sum += s.weights[i] * std::pow(values[i] - s.values[i], 2);
  return sum;
}

RC_GTEST_PROP(KeepTrend, RisingIsTheNearestRisingSequence, (std::uint64_t seed)) {
  const Sequence s = draw(seed);
  std::vector<double> kept = s.values;
  keep_trend(kept, s.weights, Trend::kRising);
  const std::vector<double> nearest = nearest_rising(s);
  for (std::size_t i = 0; i < kept.size(); ++i) RC_ASSERT(std::fabs(kept[i] - nearest[i]) < 1e-12);
}

RC_GTEST_PROP(KeepTrend, TurningUpsideDownOrAroundChangesNothingElse, (std::uint64_t seed)) {
  const Sequence s = draw(seed);
  for (const auto& [trend, mirrored] : {std::pair{Trend::kRising, Trend::kFalling}, {Trend::kPeak, Trend::kValley}}) {
    std::vector<double> kept = s.values;
    keep_trend(kept, s.weights, trend);
    std::vector<double> negative;
    for (const double value : s.values) negative.push_back(-value);
    keep_trend(negative, s.weights, mirrored);
    for (std::size_t i = 0; i < kept.size(); ++i) RC_ASSERT(kept[i] == -negative[i]);
  }
}

RC_GTEST_PROP(KeepTrend, APeakRisesThenFallsAndCostsNoMoreThanEither, (std::uint64_t seed)) {
  const Sequence s = draw(seed);
  std::vector<double> peak = s.values;
  keep_trend(peak, s.weights, Trend::kPeak);
  const auto top = std::ranges::max_element(peak);
  RC_ASSERT(std::is_sorted(peak.begin(), top));
  RC_ASSERT(std::is_sorted(top, peak.end(), std::greater<>()));
  for (const Trend trend : {Trend::kRising, Trend::kFalling}) {
    std::vector<double> kept = s.values;
    keep_trend(kept, s.weights, trend);
    RC_ASSERT(cost(s, peak) <= cost(s, kept) + 1e-12);
  }
}

TEST(KeepTrend, WhatKeepsItIsLeftAlone) {
  const std::vector<double> weights(5, 1);
  for (const auto& [values, trend] : {std::pair{std::vector<double>{1, 2, 2, 3, 9}, Trend::kRising},
                                      {{5, 4, 4, 1, 0}, Trend::kFalling},
                                      {{1, 5, 6, 6, 2}, Trend::kPeak},
                                      {{3, 1, 0, 4, 9}, Trend::kValley}}) {
    std::vector<double> kept = values;
    keep_trend(kept, weights, trend);
    EXPECT_EQ(kept, values) << to_string(trend);
  }
  std::vector<double> none;
  keep_trend(none, {}, Trend::kPeak);
  EXPECT_TRUE(none.empty());
}

}  // namespace
}  // namespace vigie::training
