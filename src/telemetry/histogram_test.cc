#include "telemetry/histogram.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"

namespace vigie::telemetry {
namespace {

constexpr double kErrorBound = 1.0 / 64;

std::uint64_t nearest_rank(const std::vector<std::uint64_t>& sorted, double q) {
  const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(sorted.size())));
  return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

TEST(Histogram, BucketsCoverAllValuesWithoutGapOrOverlap) {
  EXPECT_EQ(bucket_of(0), 0u);
  EXPECT_EQ(bucket_of(1), 0u);
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    const std::uint64_t bound = bucket_bound(bucket);
    EXPECT_EQ(bucket_of(bound), bucket) << bound;
    if (bucket + 1 < kBuckets) {
      EXPECT_EQ(bucket_of(bound + 1), bucket + 1) << bound;
    }
  }
  EXPECT_EQ(bucket_bound(kBuckets - 1), kLargestValue);
  EXPECT_EQ(bucket_of(kLargestValue + 1), kBuckets - 1);
  EXPECT_EQ(bucket_of(std::numeric_limits<std::uint64_t>::max()), kBuckets - 1);
}

TEST(Histogram, QuantilesStayWithinTheBoundOfSortedSamples) {
  Random random(7);
  // Spread over nine decades, and packed around one value: the worst and the usual shape.
  const auto wide = [&] { return static_cast<std::uint64_t>(std::exp(random.uniform() * 21)); };
  const auto narrow = [&] { return static_cast<std::uint64_t>(5000 + random.uniform() * 3000); };
  for (const bool is_wide : {true, false}) {
    Histogram histogram;
    std::vector<std::uint64_t> samples;
    std::uint64_t sum = 0;
    for (int i = 0; i < 100'000; ++i) {
      samples.push_back(is_wide ? wide() : narrow());
      sum += samples.back();
      histogram.record(samples.back());
    }
    std::ranges::sort(samples);
    HistogramSnapshot snapshot;
    snapshot.merge(histogram);
    EXPECT_EQ(snapshot.count(), samples.size());
    EXPECT_DOUBLE_EQ(snapshot.mean(), static_cast<double>(sum) / static_cast<double>(samples.size()));
    for (const double q : {0.0, 0.01, 0.5, 0.9, 0.99, 0.999, 1.0}) {
      const auto exact = static_cast<double>(nearest_rank(samples, q));
      EXPECT_NEAR(snapshot.quantile(q), exact, exact * kErrorBound) << q;
    }
    for (const int power : {0, 5, 11, 12, 13, 20, 30, 34, kLargestBits}) {
      const auto bound = std::uint64_t{1} << power;
      const auto exact = std::ranges::upper_bound(samples, bound) - samples.begin();
      EXPECT_EQ(snapshot.count_up_to_power_of_two(power), static_cast<std::uint64_t>(exact)) << power;
    }
  }
}

TEST(Histogram, SmallValuesAreExact) {
  for (std::uint64_t value = 1; value <= 64; ++value) {
    Histogram histogram;
    histogram.record(value);
    HistogramSnapshot snapshot;
    snapshot.merge(histogram);
    EXPECT_EQ(snapshot.quantile(0.5), static_cast<double>(value));
  }
}

TEST(Histogram, NothingRecordedIsZeroEverywhere) {
  const HistogramSnapshot empty;
  EXPECT_EQ(empty.count(), 0u);
  EXPECT_EQ(empty.mean(), 0);
  EXPECT_EQ(empty.quantile(0.99), 0);
  EXPECT_EQ(empty.sum_seconds(), 0);
}

TEST(Histogram, SeveralAtOnceAreSeveralOneByOne) {
  Histogram together;
  Histogram apart;
  together.record(777, 1000);
  for (int i = 0; i < 1000; ++i) apart.record(777);
  HistogramSnapshot a;
  HistogramSnapshot b;
  a.merge(together);
  b.merge(apart);
  EXPECT_EQ(a, b);
}

TEST(Histogram, MergingIsAssociativeAndCommutative) {
  Random random(3);
  std::array<HistogramSnapshot, 3> parts;
  for (HistogramSnapshot& part : parts) {
    Histogram histogram;
    for (int i = 0; i < 1000; ++i) histogram.record(static_cast<std::uint64_t>(std::exp(random.uniform() * 25)));
    part.merge(histogram);
  }
  const auto& [a, b, c] = parts;
  HistogramSnapshot left = a;
  left.merge(b);
  left.merge(c);
  HistogramSnapshot bc = b;
  bc.merge(c);
  HistogramSnapshot right = a;
  right.merge(bc);
  HistogramSnapshot reversed = c;
  reversed.merge(b);
  reversed.merge(a);
  EXPECT_EQ(left, right);
  EXPECT_EQ(left, reversed);
}

}  // namespace
}  // namespace vigie::telemetry
