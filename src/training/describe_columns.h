// What columns of training rows look like, for drift: a histogram and quantiles. All figures are weighted. Means,
// ranges and counts are of all rows; quantiles, and the bins drawn from them, of at most 16,384 rows at equal distance.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "model/package.h"
#include "training/quantiles.h"

namespace vigie::training {

inline constexpr std::size_t kSampled = 16'384;
inline constexpr std::size_t kHistogramBins = 40;
inline constexpr std::array kReferenceQuantiles = {0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0};

// Where a value falls in a histogram; values beyond its ends count in the first and the last bin, and so does, in the
// first, one whose distance is no number because the range overflows.
struct HistogramBins {
  double low = 0;
  double scale = 0;
  double last = 0;

  std::size_t operator()(double value) const {
    return static_cast<std::size_t>(static_cast<int>(std::min(std::max(0.0, (value - low) * scale), last)));
  }
};

inline HistogramBins draw_bins(const Quantiles& quantile, model::FeatureReference& reference) {
  double low = quantile(0.001);
  double high = quantile(0.999);
  std::size_t bins = kHistogramBins;
  if (!(high > low)) {  // one value holds nearly all: a bin around it, and open ends beside
    low -= 0.5;
    high += 0.5;
    bins = 2;
  }
  for (std::size_t edge = 0; edge <= bins; ++edge) {
    reference.edges.push_back(low + (high - low) * static_cast<double>(edge) / static_cast<double>(bins));
  }
  reference.counts.assign(bins, 0);
  reference.positive_counts.assign(bins, 0);
  return {.low = low, .scale = static_cast<double>(bins) / (high - low), .last = static_cast<double>(bins - 1)};
}

// Describes columns of one row for each label; at least one. `read(i)` gives row i, `weights` may be empty for all 1.
// Every figure adds up in the rows' order, so one column is a chain of additions that wait for each other: columns side
// by side fill the wait, and need no transposition.
template <std::size_t Columns, typename Read>
std::array<model::FeatureReference, Columns> describe_columns(std::span<const std::uint8_t> labels,
                                                              std::span<const double> weights, Read&& read) {
  using Row = std::array<double, Columns>;
  const std::size_t count = labels.size();
  const std::size_t step = (count + kSampled - 1) / kSampled;
  const auto weight_of = [&](std::size_t i) { return weights.empty() ? 1.0 : weights[i]; };
  Row minimum = read(0);
  Row maximum = minimum;
  Row sum{};
  double total = 0;
  std::array<std::vector<double>, Columns> sample;
  std::vector<double> sample_weights;
  for (std::size_t i = 0; i < count; ++i) {
    const Row row = read(i);
    const double weight = weight_of(i);
    total += weight;
    for (std::size_t c = 0; c < Columns; ++c) {
      minimum[c] = std::min(minimum[c], row[c]);
      maximum[c] = std::max(maximum[c], row[c]);
      sum[c] += weight * row[c];
    }
    if (i % step != 0) continue;
    for (std::size_t c = 0; c < Columns; ++c) sample[c].push_back(row[c]);
    sample_weights.push_back(weight);
  }

  std::array<model::FeatureReference, Columns> references;
  Row mean;
  std::array<HistogramBins, Columns> bins;
  for (std::size_t c = 0; c < Columns; ++c) {
    model::FeatureReference& reference = references[c];
    reference.minimum = minimum[c];
    reference.maximum = maximum[c];
    reference.mean = mean[c] = total > 0 ? sum[c] / total : 0;
    const Quantiles quantile(sample[c], sample_weights);
    for (const double share : kReferenceQuantiles) reference.quantiles.push_back(quantile(share));
    reference.quantiles.front() = minimum[c];
    reference.quantiles.back() = maximum[c];
    bins[c] = draw_bins(quantile, reference);
  }

  Row squares{};
  std::array<std::array<double, kHistogramBins>, Columns> counts{};
  for (std::size_t i = 0; i < count; ++i) {
    const Row row = read(i);
    const double weight = weight_of(i);
    for (std::size_t c = 0; c < Columns; ++c) {
      const double delta = row[c] - mean[c];
      squares[c] += weight * delta * delta;
    }
    for (std::size_t c = 0; c < Columns; ++c) counts[c][bins[c](row[c])] += weight;
    if (labels[i] == 0) continue;
    for (std::size_t c = 0; c < Columns; ++c) references[c].positive_counts[bins[c](row[c])] += weight;
  }
  for (std::size_t c = 0; c < Columns; ++c) {
    references[c].deviation = total > 0 ? std::sqrt(squares[c] / total) : 0;
    std::copy_n(counts[c].begin(), references[c].counts.size(), references[c].counts.begin());
  }
  return references;
}

}  // namespace vigie::training
