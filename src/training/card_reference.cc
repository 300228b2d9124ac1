#include "training/card_reference.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

#include "features/card.h"
#include "training/describe_columns.h"

namespace vigie::training {
namespace {

// Each input's share of all gain.
std::vector<double> importance(const model::BoostedForest& boosted) {
  std::vector<double> gain(boosted.forest.feature_count, 0);
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
  auto references = describe_columns<kFields>(data.labels, data.weights, [&](std::size_t i) {
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
  auto [reference] = describe_columns<1>(labels, weights, [&](std::size_t i) { return std::array{scores[i]}; });
  reference.name = "score";
  return reference;
}

void add_importance(const model::BoostedForest& boosted, std::span<model::FeatureReference> fields) {
  const std::vector<double> gain = importance(boosted);
  for (model::FeatureReference& field : fields) {
    const auto input = std::ranges::find(boosted.feature_names, field.name);
    if (input == boosted.feature_names.end()) continue;
    field.importance = gain[static_cast<std::size_t>(input - boosted.feature_names.begin())];
  }
}

}  // namespace vigie::training
