#include "training/column_reference.h"

#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "training/describe_columns.h"

namespace vigie::training {

model::FeatureReference column_reference(std::string name, std::span<const double> values,
                                         std::span<const std::uint8_t> labels) {
  std::vector<double> there;
  std::vector<std::uint8_t> their_labels;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) continue;
    there.push_back(values[i]);
    their_labels.push_back(labels[i]);
  }
  if (there.empty()) {
    model::FeatureReference none;
    none.name = std::move(name);
    none.quantiles.assign(kReferenceQuantiles.size(), 0);
    none.edges = {-0.5, 0.5};
    none.counts = none.positive_counts = {0};
    return none;
  }
  auto [reference] = describe_columns<1>(their_labels, {}, [&](std::size_t i) { return std::array{there[i]}; });
  reference.name = std::move(name);
  return std::move(reference);
}

}  // namespace vigie::training
