// Straight from the definitions, one row at a time: what every faster scorer must equal bit for bit.
#include <cmath>

#include "scoring/output.h"
#include "scoring/scorer.h"

namespace vigie::scoring {
namespace {

struct Leaf {
  const model::Node* node;
  std::uint32_t depth;
};

Leaf find_leaf(const model::Tree& tree, model::Comparison comparison, std::span<const float> row) {
  std::size_t at = 0;
  std::uint32_t depth = 0;
  while (!tree.nodes[at].is_leaf()) {
    const model::Node& node = tree.nodes[at];
    const float value = row[static_cast<std::size_t>(node.feature)];
    bool left = node.missing_left;
    if (!std::isnan(value)) {
      left = comparison == model::Comparison::kLess ? value < node.threshold : value <= node.threshold;
    }
    at = static_cast<std::size_t>(left ? node.left : node.right);
    ++depth;
  }
  return {&tree.nodes[at], depth};
}

}  // namespace

double reference_score(const model::BoostedForest& model, std::span<const float> row) {
  float margin = model.base_margin;
  for (const model::Tree& tree : model.forest.trees) {
    margin += find_leaf(tree, model.forest.comparison, row).node->value;
  }
  return static_cast<double>(logistic(margin));
}

double reference_score(const model::IsolationForest& model, std::span<const float> row) {
  double total = 0;
  for (const model::Tree& tree : model.forest.trees) {
    const Leaf leaf = find_leaf(tree, model.forest.comparison, row);
    total += model::isolation_path_length(leaf.depth, static_cast<double>(leaf.node->cover));
  }
  return isolation_score(total, static_cast<double>(model.forest.trees.size()),
                         model::average_path_length(model.sample_size));
}

}  // namespace vigie::scoring
