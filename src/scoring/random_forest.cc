#include "scoring/random_forest.h"

#include <limits>

namespace vigie::scoring {
namespace {

void grow(model::Tree& tree, const RandomForestShape& shape, std::size_t at, std::uint32_t depth, float cover,
          Random& random) {
  tree.nodes[at].cover = cover;
  if (depth == shape.depth || cover < 2 || random.bernoulli(shape.stop)) {
    tree.nodes[at].value = static_cast<float>(random.normal(0, 0.2));
    return;
  }
  const auto left = static_cast<std::int32_t>(tree.nodes.size());
  tree.nodes.resize(tree.nodes.size() + 2);
  model::Node& node = tree.nodes[at];
  node.left = left;
  node.right = left + 1;
  node.feature = static_cast<std::int32_t>(random.below(shape.features));
  // A coarse grid makes equal thresholds meet within and across trees.
  node.threshold = static_cast<float>(shape.fine ? random.normal() : static_cast<double>(random.below(64)) / 16.0 - 2);
  node.missing_left = random.bernoulli(0.5);
  node.gain = static_cast<float>(random.uniform());
  const auto left_cover = static_cast<float>(1 + random.below(static_cast<std::uint64_t>(cover) - 1));
  grow(tree, shape, static_cast<std::size_t>(left), depth + 1, left_cover, random);
  grow(tree, shape, static_cast<std::size_t>(left) + 1, depth + 1, cover - left_cover, random);
}

}  // namespace

model::Forest random_forest(const RandomForestShape& shape, Random& random) {
  model::Forest forest{.feature_count = shape.features, .comparison = shape.comparison, .trees = {}};
  for (std::size_t i = 0; i < shape.trees; ++i) {
    model::Tree& tree = forest.trees.emplace_back();
    tree.nodes.resize(1);
    grow(tree, shape, 0, 0, 256, random);
  }
  return forest;
}

std::vector<float> random_rows(const model::Forest& forest, std::size_t count, Random& random, bool missing) {
  using Limits = std::numeric_limits<float>;
  const float special[] = {missing ? Limits::quiet_NaN() : 0.0f,
                           Limits::infinity(),
                           -Limits::infinity(),
                           0.0f,
                           -0.0f,
                           Limits::denorm_min(),
                           -Limits::denorm_min(),
                           Limits::max(),
                           Limits::lowest()};
  std::vector<float> rows(count * forest.feature_count);
  for (float& value : rows) {
    const std::uint64_t kind = random.below(8);
    if (kind == 0) {
      value = special[random.below(std::size(special))];
    } else if (kind == 1) {
      const model::Tree& tree = forest.trees[random.below(forest.trees.size())];
      value = tree.nodes[random.below(tree.nodes.size())].threshold;
    } else {
      value = static_cast<float>(random.normal());
    }
  }
  return rows;
}

}  // namespace vigie::scoring
