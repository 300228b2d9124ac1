#include "base/random.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <set>

namespace vigie {
namespace {

constexpr int kDraws = 200'000;

struct Moments {
  double mean = 0;
  double variance = 0;
};

Moments moments(int draws, const std::function<double()>& draw) {
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < draws; ++i) {
    const double value = draw();
    sum += value;
    squares += value * value;
  }
  const double mean = sum / draws;
  return {mean, squares / draws - mean * mean};
}

// Kolmogorov and Smirnov's distance between what was drawn and a distribution function, times sqrt(n); above 2.23 once
// in twenty thousand when the draws are right.
double ks_statistic(std::vector<double> draws, const std::function<double(double)>& distribution) {
  std::sort(draws.begin(), draws.end());
  const auto count = static_cast<double>(draws.size());
  double distance = 0;
  for (std::size_t i = 0; i < draws.size(); ++i) {
    const double expected = distribution(draws[i]);
    distance = std::max({distance, std::fabs(expected - static_cast<double>(i) / count),
                         std::fabs(expected - static_cast<double>(i + 1) / count)});
  }
  return distance * std::sqrt(count);
}

// Pearson's statistic for equally likely cells, in deviations from its own mean.
double chi_square_excess(const std::vector<int>& counts) {
  const double expected = std::accumulate(counts.begin(), counts.end(), 0.0) / static_cast<double>(counts.size());
  double statistic = 0;
  for (const int count : counts) statistic += (count - expected) * (count - expected) / expected;
  const auto freedom = static_cast<double>(counts.size() - 1);
  return (statistic - freedom) / std::sqrt(2 * freedom);
}

// The published generator (prng.di.unimi.it, xoshiro256plusplus.c seeded by splitmix64.c) gives these for seed 0.
TEST(Random, IsThePublishedGenerator) {
  Random random(0);
  for (const std::uint64_t expected : {5987356902031041503ull, 7051070477665621255ull, 6633766593972829180ull,
                                       211316841551650330ull, 9136120204379184874ull, 379361710973160858ull}) {
    EXPECT_EQ(random.next(), expected);
  }
  Random other(42);
  for (const std::uint64_t expected :
       {15021278609987233951ull, 5881210131331364753ull, 18149643915985481100ull, 12933668939759105464ull}) {
    EXPECT_EQ(other.next(), expected);
  }
}

TEST(Random, StreamsRepeatAndDiffer) {
  std::set<std::uint64_t> firsts;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    for (std::uint64_t stream = 0; stream < 50; ++stream) {
      Random random(seed, stream);
      Random again(seed, stream);
      const auto first = random.next();
      EXPECT_EQ(first, again.next());
      firsts.insert(first);
    }
  }
  EXPECT_EQ(firsts.size(), 2500u);
}

TEST(Random, NeighbouringStreamsAreUncorrelated) {
  double correlation = 0;
  for (std::uint64_t stream = 0; stream < 2000; ++stream) {
    Random a(7, stream);
    Random b(7, stream + 1);
    for (int i = 0; i < 50; ++i) correlation += (a.uniform() - 0.5) * (b.uniform() - 0.5) * 12;
  }
  EXPECT_LT(std::fabs(correlation / std::sqrt(2000.0 * 50)), 4);  // a standard normal when they are independent
}

TEST(Random, UniformFillsTheUnitIntervalEvenly) {
  Random random(3);
  std::vector<double> draws(kDraws);
  for (auto& draw : draws) draw = random.uniform();
  EXPECT_GE(*std::min_element(draws.begin(), draws.end()), 0.0);
  EXPECT_LT(*std::max_element(draws.begin(), draws.end()), 1.0);
  EXPECT_LT(ks_statistic(draws, [](double x) { return x; }), 2.23);
}

TEST(Random, UniformRangeStaysInside) {
  Random random(4);
  const auto [mean, variance] = moments(kDraws, [&] {
    const double value = random.uniform(-3, 5);
    EXPECT_TRUE(value >= -3 && value < 5) << value;
    return value;
  });
  EXPECT_NEAR(mean, 1, 0.03);
  EXPECT_NEAR(variance, 64.0 / 12, 0.06);
}

TEST(Random, BelowIsEvenForBoundsThatDoNotDividePowersOfTwo) {
  for (const std::uint64_t bound : {2ull, 3ull, 7ull, 100ull, 1000ull}) {
    Random random(bound);
    std::vector<int> counts(bound);
    for (int i = 0; i < kDraws; ++i) ++counts.at(random.below(bound));
    EXPECT_LT(chi_square_excess(counts), 5) << bound;
  }
}

TEST(Random, BelowHasNoBiasForAHugeBound) {
  // With 3/4 of 2^64 a modulo would give the lower third twice as often as the others.
  constexpr std::uint64_t kBound = 3ull << 62;
  Random random(5);
  std::vector<int> counts(3);
  for (int i = 0; i < kDraws; ++i) ++counts.at(random.below(kBound) >> 62);
  EXPECT_LT(chi_square_excess(counts), 5);
}

RC_GTEST_PROP(Random, BelowStaysBelow, (std::uint64_t seed, std::uint64_t bound)) {
  RC_PRE(bound > 0);
  Random random(seed);
  for (int i = 0; i < 20; ++i) RC_ASSERT(random.below(bound) < bound);
}

TEST(Random, NormalHasTheNormalDistribution) {
  Random random(6);
  std::vector<double> draws(kDraws);
  for (auto& draw : draws) draw = random.normal();
  EXPECT_LT(ks_statistic(draws, [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }), 2.23);
}

TEST(Random, NormalScales) {
  Random random(7);
  const auto [mean, variance] = moments(kDraws, [&] { return random.normal(10, 3); });
  EXPECT_NEAR(mean, 10, 0.04);
  EXPECT_NEAR(variance, 9, 0.15);
}

TEST(Random, ExponentialHasItsDistribution) {
  Random random(8);
  std::vector<double> draws(kDraws);
  for (auto& draw : draws) draw = random.exponential(4);
  EXPECT_LT(ks_statistic(draws, [](double x) { return 1 - std::exp(-x / 4); }), 2.23);
}

TEST(Random, PoissonMeanAndVarianceAreEqual) {
  for (const double mean : {0.1, 1.0, 12.5, 700.0}) {  // 700: more than one slice
    Random random(9);
    const int draws = mean > 100 ? 5'000 : kDraws;
    const auto drawn = moments(draws, [&] { return static_cast<double>(random.poisson(mean)); });
    EXPECT_NEAR(drawn.mean, mean, 5 * std::sqrt(mean / draws)) << mean;
    EXPECT_NEAR(drawn.variance / mean, 1, mean > 100 ? 0.1 : 0.05) << mean;
  }
  Random random(10);
  EXPECT_EQ(random.poisson(0), 0u);
}

TEST(Random, PoissonOfOneHasItsProbabilities) {
  Random random(11);
  std::array<int, 3> counts{};
  for (int i = 0; i < kDraws; ++i) {
    const auto count = random.poisson(1);
    if (count < counts.size()) ++counts[count];
  }
  const double none = std::exp(-1.0);
  EXPECT_NEAR(counts[0] / static_cast<double>(kDraws), none, 0.005);
  EXPECT_NEAR(counts[1] / static_cast<double>(kDraws), none, 0.005);
  EXPECT_NEAR(counts[2] / static_cast<double>(kDraws), none / 2, 0.005);
}

TEST(Random, BernoulliKeepsItsPromiseAtTheEnds) {
  Random random(12);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(random.bernoulli(0));
    EXPECT_TRUE(random.bernoulli(1));
  }
  EXPECT_NEAR(moments(kDraws, [&] { return random.bernoulli(0.3) ? 1.0 : 0.0; }).mean, 0.3, 0.005);
}

TEST(Random, ShufflePutsEveryItemAnywhere) {
  Random random(13);
  constexpr int kItems = 6;
  std::vector<int> counts(720);
  for (int round = 0; round < kDraws; ++round) {
    std::array<int, kItems> items{};
    std::iota(items.begin(), items.end(), 0);
    random.shuffle(std::span<int>(items));
    std::size_t rank = 0;  // the permutation's number in factorial base
    for (int i = 0; i < kItems; ++i) {
      const auto smaller = std::count_if(items.begin() + i, items.end(),
                                         [&](int item) { return item < items[static_cast<std::size_t>(i)]; });
      rank = rank * static_cast<std::size_t>(kItems - i) + static_cast<std::size_t>(smaller);
    }
    ++counts.at(rank);
  }
  EXPECT_LT(chi_square_excess(counts), 5);
}

RC_GTEST_PROP(Random, SampleIsDistinctAndInside, (std::uint64_t seed)) {
  Random random(seed);
  const auto population = static_cast<std::uint32_t>(random.below(300));
  const auto count = static_cast<std::uint32_t>(random.below(population + 1ull));
  const auto chosen = random.sample(population, count);
  RC_ASSERT(chosen.size() == count);
  RC_ASSERT(std::set<std::uint32_t>(chosen.begin(), chosen.end()).size() == count);
  RC_ASSERT(std::all_of(chosen.begin(), chosen.end(), [&](std::uint32_t index) { return index < population; }));
}

TEST(Random, SampleChoosesEveryIndexAndEveryOrderAlike) {
  Random random(14);
  std::vector<int> pairs(25);  // ordered pairs out of five
  for (int i = 0; i < kDraws; ++i) {
    const auto chosen = random.sample(5, 2);
    ++pairs[chosen[0] * 5 + chosen[1]];
  }
  std::vector<int> possible;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (i % 6 == 0) {
      EXPECT_EQ(pairs[i], 0) << "the same index twice";
    } else {
      possible.push_back(pairs[i]);
    }
  }
  EXPECT_LT(chi_square_excess(possible), 5);
}

TEST(Random, SampleOfAHugePopulationIsCheap) {
  Random random(15);
  EXPECT_EQ(random.sample(4'294'967'295u, 256).size(), 256u);
}

}  // namespace
}  // namespace vigie
