#include "training/weighted_sample.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <set>

namespace vigie::training {
namespace {

RC_GTEST_PROP(WeightedSampler, DrawsDistinctRowsOfWeight, ()) {
  const auto raw =
      *rc::gen::container<std::vector<int>>(*rc::gen::inRange<std::size_t>(1, 200), rc::gen::inRange(0, 4));
  std::vector<double> weights;
  // A weight of 3 becomes a thousand million: nearly all draws repeat, and the slow way has to take over.
  for (const int w : raw) weights.push_back(w == 3 ? 1e9 : w);
  const WeightedSampler sampler(static_cast<std::uint32_t>(weights.size()), weights);
  std::uint32_t positive = 0;
  for (const double w : weights) positive += w > 0 ? 1 : 0;
  RC_ASSERT(sampler.population() == positive);
  Random random(*rc::gen::arbitrary<std::uint64_t>());
  const auto drawn = sampler.draw(random, positive);
  const std::set<std::uint32_t> distinct(drawn.begin(), drawn.end());
  RC_ASSERT(distinct.size() == positive);
  for (const std::uint32_t row : drawn) RC_ASSERT(weights[row] > 0);
}

TEST(WeightedSampler, DrawsInProportionToWeight) {
  const std::vector<double> weights = {1, 2, 3, 4};
  const WeightedSampler sampler(4, weights);
  std::array<int, 4> first{};
  constexpr int kTrials = 40'000;
  for (int trial = 0; trial < kTrials; ++trial) {
    Random random(7, static_cast<std::uint64_t>(trial));
    ++first[sampler.draw(random, 2).front()];
  }
  for (std::size_t row = 0; row < 4; ++row) {
    const double share = weights[row] / 10;
    EXPECT_NEAR(first[row] / static_cast<double>(kTrials), share, 5 * std::sqrt(share * (1 - share) / kTrials));
  }
}

TEST(WeightedSampler, EqualWeightsAreNoWeights) {
  const std::vector<double> weights(50, 2.5);
  Random a(4);
  Random b(4);
  EXPECT_EQ(WeightedSampler(50, weights).draw(a, 20), WeightedSampler(50, {}).draw(b, 20));
}

}  // namespace
}  // namespace vigie::training
