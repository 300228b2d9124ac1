// Latencies, as counts in log-linear buckets, the layout of HdrHistogram (Gil Tene, http://hdrhistogram.org): each
// doubling is cut into 32 buckets of equal width. A quantile is off by at most 1/64 (1.6 %) of the true value; counts
// and sums are exact.
//
//   Histogram histogram;                       // one writer, any readers; about 9 KiB
//   histogram.record(nanoseconds);             // no lock, no allocation
//   HistogramSnapshot all;                     // on any thread, while others record
//   all.merge(histogram);                      // and those of other writers
//   all.quantile(0.99)                         // nanoseconds
//
// Values are whole nanoseconds; those above kLargestValue (18 minutes) share the last bucket with it, and 0 reads as 1.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "telemetry/metric.h"

namespace vigie::telemetry {

inline constexpr int kBucketBits = 5;  // 2^5 buckets a doubling
inline constexpr int kLargestBits = 40;
inline constexpr std::uint64_t kLargestValue = std::uint64_t{1} << kLargestBits;  // nanoseconds
inline constexpr std::size_t kBuckets = std::size_t{kLargestBits - kBucketBits + 1} << kBucketBits;

// Bucket i holds the values in (bucket_bound(i - 1), bucket_bound(i)], and the first one 0 and 1. Bounds are inclusive,
// as Prometheus has its `le`, so that every power of two is a bound at which cumulative counts are exact.
constexpr std::size_t bucket_of(std::uint64_t value) noexcept {
  const std::uint64_t below = std::min(value - (value > 0 ? 1 : 0), kLargestValue - 1);
  // Below 2^(kBucketBits + 1) a bucket is one value wide, so that the formula has no special case there.
  const int shift = std::max(static_cast<int>(std::bit_width(below)) - 1 - kBucketBits, 0);
  return (static_cast<std::size_t>(shift) << kBucketBits) + static_cast<std::size_t>(below >> shift);
}

constexpr std::uint64_t bucket_bound(std::size_t bucket) noexcept {
  constexpr std::size_t kLinear = std::size_t{2} << kBucketBits;
  if (bucket < kLinear) return bucket + 1;
  const std::size_t shift = (bucket >> kBucketBits) - 1;
  return (std::uint64_t{bucket} - (shift << kBucketBits) + 1) << shift;
}

class Histogram {
 public:
  // `count` observations of `nanoseconds` each.
  void record(std::uint64_t nanoseconds, std::uint64_t count = 1) noexcept {
    counts_[bucket_of(nanoseconds)].add(count);
    sum_.add(nanoseconds * count);
  }

 private:
  friend class HistogramSnapshot;
  std::array<Counter, kBuckets> counts_;
  Counter sum_;
};

// What several histograms hold together, at about the same time. Merging is associative and commutative: counts are
// whole numbers.
class HistogramSnapshot {
 public:
  void merge(const Histogram& histogram);
  void merge(const HistogramSnapshot& other);

  std::uint64_t count() const { return count_; }
  double sum_seconds() const { return static_cast<double>(sum_) * 1e-9; }
  double mean() const;  // nanoseconds; 0 where there is nothing
  // The value, in nanoseconds, that a share q in [0, 1] of the observations does not exceed, by nearest rank; 0 where
  // there is nothing.
  double quantile(double q) const;
  // Observations of at most 2^power nanoseconds; exact. `power` in [0, kLargestBits].
  std::uint64_t count_up_to_power_of_two(int power) const;

  bool operator==(const HistogramSnapshot&) const = default;

 private:
  std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>(kBuckets);
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;  // nanoseconds
};

}  // namespace vigie::telemetry
