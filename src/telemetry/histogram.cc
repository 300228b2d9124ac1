#include "telemetry/histogram.h"

#include <cassert>
#include <cmath>
#include <numeric>

namespace vigie::telemetry {

void HistogramSnapshot::merge(const Histogram& histogram) {
  for (std::size_t i = 0; i < kBuckets; ++i) {
    const std::uint64_t count = histogram.counts_[i].value();
    counts_[i] += count;
    count_ += count;  // added up here, so that it is that of the buckets whatever is recorded meanwhile
  }
  sum_ += histogram.sum_.value();
}

void HistogramSnapshot::merge(const HistogramSnapshot& other) {
  for (std::size_t i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  sum_ += other.sum_;
}

double HistogramSnapshot::mean() const {
  return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_);
}

double HistogramSnapshot::quantile(double q) const {
  if (count_ == 0) return 0;
  const auto rank = static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(count_)));
  std::uint64_t left = std::clamp<std::uint64_t>(rank, 1, count_);
  std::size_t bucket = 0;
  while (left > counts_[bucket]) left -= counts_[bucket++];
  const std::uint64_t bound = bucket_bound(bucket);
  const std::uint64_t lowest = bucket == 0 ? bound : bucket_bound(bucket - 1) + 1;
  // The middle of the values that the bucket can hold: half a width from the farthest of them.
  return (static_cast<double>(lowest) + static_cast<double>(bound)) / 2;
}

std::uint64_t HistogramSnapshot::count_up_to_power_of_two(int power) const {
  assert(power >= 0 && power <= kLargestBits);
  const auto end = counts_.begin() + static_cast<std::ptrdiff_t>(bucket_of(std::uint64_t{1} << power) + 1);
  return std::accumulate(counts_.begin(), end, std::uint64_t{0});
}

}  // namespace vigie::telemetry
