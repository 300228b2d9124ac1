#include "training/card_reference.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "base/parallel.h"
#include "features/card.h"

namespace vigie::training {
namespace {

constexpr std::size_t kSampled = 16'384;
constexpr std::size_t kBins = 40;
constexpr std::array kQuantiles = {0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0};

// The least value with at least `share` of the weight at or below it. `sorted`: (value, running weight).
double quantile(std::span<const std::pair<double, double>> sorted, double share) {
  const double wanted = share * sorted.back().second;
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), wanted,
                                   [](const auto& item, double weight) { return item.second < weight; });
  return at == sorted.end() ? sorted.back().first : at->first;
}

// At least one value; `weights` may be empty for all 1.
model::FeatureReference describe(std::string_view name, std::span<const double> values, std::span<const double> weights,
                                 std::span<const std::uint8_t> labels) {
  const std::size_t count = values.size();
  const auto weight = [&](std::size_t i) { return weights.empty() ? 1.0 : weights[i]; };
  model::FeatureReference reference;
  reference.name = name;
  double total = 0;
  double sum = 0;
  reference.minimum = reference.maximum = values[0];
  for (std::size_t i = 0; i < count; ++i) {
    const double x = values[i];
    const double w = weight(i);
    reference.minimum = std::min(reference.minimum, x);
    reference.maximum = std::max(reference.maximum, x);
    total += w;
    sum += w * x;
  }
  reference.mean = total > 0 ? sum / total : 0;
  double squares = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double delta = values[i] - reference.mean;
    squares += weight(i) * delta * delta;
  }
  reference.deviation = total > 0 ? std::sqrt(squares / total) : 0;

  const std::size_t step = (count + kSampled - 1) / kSampled;
  std::vector<std::pair<double, double>> sample;
  sample.reserve(count / step + 1);
  for (std::size_t i = 0; i < count; i += step) sample.emplace_back(values[i], weight(i));
  std::sort(sample.begin(), sample.end());
  double running = 0;
  for (auto& item : sample) item.second = running += item.second;
  for (const double share : kQuantiles) reference.quantiles.push_back(quantile(sample, share));
  reference.quantiles.front() = reference.minimum;
  reference.quantiles.back() = reference.maximum;

  double low = quantile(sample, 0.001);
  double high = quantile(sample, 0.999);
  std::size_t bins = kBins;
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
  const double scale = static_cast<double>(bins) / (high - low);
  const double last = static_cast<double>(bins - 1);
  for (std::size_t i = 0; i < count; ++i) {
    const auto bin = static_cast<std::size_t>(std::clamp(std::floor((values[i] - low) * scale), 0.0, last));
    const double w = weight(i);
    reference.counts[bin] += w;
    if (labels[i] != 0) reference.positive_counts[bin] += w;
  }
  return reference;
}

// Each input's share of all gain.
std::vector<double> importance(const model::BoostedForest& boosted) {
  std::vector<double> gain(schema::kCardInputs, 0);
  double total = 0;
  for (const model::Tree& tree : boosted.forest.trees) {
    for (const model::Node& node : tree.nodes) {
      if (node.is_leaf()) continue;
      gain[static_cast<std::size_t>(node.feature)] += static_cast<double>(node.gain);
      total += static_cast<double>(node.gain);
    }
  }
  if (total > 0) {
    for (double& value : gain) value /= total;
  }
  return gain;
}

}  // namespace

model::Reference card_reference(const CardData& data, const schema::AmountStatistics& amount,
                                const model::BoostedForest& boosted, std::span<const std::uint32_t> score_rows,
                                std::span<const double> scores, std::size_t threads) {
  // Column by column, so that every figure is one walk over neighbouring numbers.
  const auto fields = schema::card_fields();
  const std::size_t count = data.rows();
  std::vector<double> columns(fields.size() * count);
  constexpr std::size_t kBlock = 4096;
  parallel_blocks(threads, count, kBlock, [&](std::size_t begin, std::size_t end) {
    std::array<double, schema::kCardInputs> inputs;
    for (std::size_t i = begin; i < end; ++i) {
      const auto raw = data.row(i);
      for (std::size_t f = 0; f < raw.size(); ++f) columns[f * count + i] = raw[f];
      features::card_features(raw, amount, inputs);
      const auto engineered = std::span(inputs).last<schema::kCardEngineered>();
      for (std::size_t f = 0; f < engineered.size(); ++f) columns[(raw.size() + f) * count + i] = engineered[f];
    }
  });

  const std::vector<double> gain = importance(boosted);
  const auto inputs = schema::card_input_fields();
  model::Reference reference;
  reference.features.resize(fields.size());
  parallel_for(threads, fields.size(), [&](std::size_t f) {
    reference.features[f] =
        describe(fields[f].name, std::span(columns).subspan(f * count, count), data.weights, data.labels);
    if (const auto input = schema::find(inputs, fields[f].name)) reference.features[f].importance = gain[*input];
  });

  std::vector<double> weights;
  std::vector<std::uint8_t> labels;
  for (const std::uint32_t row : score_rows) {
    weights.push_back(data.weight(row));
    labels.push_back(data.labels[row]);
  }
  reference.score = describe("score", scores, weights, labels);
  return reference;
}

}  // namespace vigie::training
