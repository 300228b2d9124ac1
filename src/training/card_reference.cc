#include "training/card_reference.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <vector>

#include "features/card.h"
#include "training/quantiles.h"

namespace vigie::training {
namespace {

constexpr std::size_t kSampled = 16'384;
constexpr std::size_t kBins = 40;
constexpr std::array kQuantiles = {0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0};

// Where a value falls in a histogram; values beyond its ends count in the first and the last bin, and so does, in the
// first, one whose distance is no number because the range overflows.
struct Bins {
  double low = 0;
  double scale = 0;
  double last = 0;

  std::size_t operator()(double value) const {
    return static_cast<std::size_t>(static_cast<int>(std::min(std::max(0.0, (value - low) * scale), last)));
  }
};

Bins draw_bins(const Quantiles& quantile, model::FeatureReference& reference) {
  double low = quantile(0.001);
  double high = quantile(0.999);
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
  return {.low = low, .scale = static_cast<double>(bins) / (high - low), .last = static_cast<double>(bins - 1)};
}

// Describes columns of one row for each label; at least one. `read(i)` gives row i, `weights` may be empty for all 1.
// Every figure adds up in the rows' order, so one column is a chain of additions that wait for each other: columns side
// by side fill the wait, and need no transposition.
template <std::size_t Columns, typename Read>
std::array<model::FeatureReference, Columns> describe(std::span<const std::uint8_t> labels,
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
  std::array<Bins, Columns> bins;
  for (std::size_t c = 0; c < Columns; ++c) {
    model::FeatureReference& reference = references[c];
    reference.minimum = minimum[c];
    reference.maximum = maximum[c];
    reference.mean = mean[c] = total > 0 ? sum[c] / total : 0;
    const Quantiles quantile(sample[c], sample_weights);
    for (const double share : kQuantiles) reference.quantiles.push_back(quantile(share));
    reference.quantiles.front() = minimum[c];
    reference.quantiles.back() = maximum[c];
    bins[c] = draw_bins(quantile, reference);
  }

  Row squares{};
  std::array<std::array<double, kBins>, Columns> counts{};
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

std::vector<model::FeatureReference> field_references(const CardData& data, const schema::AmountStatistics& amount) {
  constexpr std::size_t kFields = schema::kCardRaw + schema::kCardEngineered;
  auto references = describe<kFields>(data.labels, data.weights, [&](std::size_t i) {
    std::array<double, kFields> row;
    std::array<double, schema::kCardInputs> inputs;
    features::card_features(data.row(i), amount, inputs);
    std::copy_n(data.row(i).begin(), schema::kCardRaw, row.begin());
    std::copy_n(inputs.end() - schema::kCardEngineered, schema::kCardEngineered, row.end() - schema::kCardEngineered);
    return row;
  });
  const auto fields = schema::card_fields();
  for (std::size_t f = 0; f < kFields; ++f) references[f].name = fields[f].name;
  return {std::make_move_iterator(references.begin()), std::make_move_iterator(references.end())};
}

model::FeatureReference score_reference(const CardData& data, std::span<const std::uint32_t> rows,
                                        std::span<const double> scores) {
  std::vector<double> weights;
  std::vector<std::uint8_t> labels;
  weights.reserve(rows.size());
  labels.reserve(rows.size());
  for (const std::uint32_t row : rows) {
    weights.push_back(data.weight(row));
    labels.push_back(data.labels[row]);
  }
  auto [reference] = describe<1>(labels, weights, [&](std::size_t i) { return std::array{scores[i]}; });
  reference.name = "score";
  return reference;
}

void add_importance(const model::BoostedForest& boosted, std::span<model::FeatureReference> fields) {
  const std::vector<double> gain = importance(boosted);
  const auto inputs = schema::card_input_fields();
  for (model::FeatureReference& field : fields) {
    if (const auto input = schema::find(inputs, field.name)) field.importance = gain[*input];
  }
}

}  // namespace vigie::training
