#include "scoring/shap.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace vigie::scoring {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Buffers of a thread that explains, as large as its largest forest so far.
struct Scratch {
  std::vector<float> columns;
  std::vector<double> sums;
  std::vector<std::uint8_t> goes_left;
  ShapTables::Scratch tables;
  TreeShapley::Scratch tree;
};

Scratch& scratch() {
  thread_local Scratch own;
  return own;
}

// Two columns a feature, so that no test has to ask for NaN: in the first NaN is below all thresholds, in the second it
// is below none.
void fill_columns(std::span<const float> row, std::vector<float>& columns) {
  if (columns.size() < 2 * row.size()) columns.resize(2 * row.size());
  for (std::size_t f = 0; f < row.size(); ++f) {
    const bool missing = std::isnan(row[f]);
    columns[f] = missing ? -kInfinity : row[f];
    columns[row.size() + f] = missing ? kInfinity : row[f];
  }
}

double left_share(const model::Node& left, const model::Node& right) {
  const double sum = static_cast<double>(left.cover) + static_cast<double>(right.cover);
  return sum > 0 ? static_cast<double>(left.cover) / sum : 0.5;
}

// `leaf_value(node, depth)` gives a leaf's output.
template <typename LeafValue>
std::vector<ShapNode> shap_nodes(const model::Forest& forest, const model::Tree& tree, LeafValue& leaf_value) {
  std::vector<ShapNode> nodes(tree.nodes.size());
  std::vector<std::uint32_t> depths(tree.nodes.size(), 0);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const model::Node& node = tree.nodes[i];
    ShapNode& own = nodes[i];
    if (node.is_leaf()) {
      own.value = leaf_value(node, depths[i]);
      continue;
    }
    depths[node.left] = depths[node.right] = depths[i] + 1;
    own.left = node.left;
    own.right = node.right;
    own.feature = static_cast<std::uint32_t>(node.feature);
    own.left_share = left_share(tree.nodes[node.left], tree.nodes[node.right]);
    own.goes_left.below = model::strict_threshold(forest.comparison, node.threshold);
    own.goes_left.column = own.feature + (node.missing_left ? 0 : forest.feature_count);
  }
  return nodes;
}

}  // namespace

template <typename LeafValue>
Result<Explainer> Explainer::make(const model::Forest& forest, Tables tables, LeafValue leaf_value) {
  VIGIE_TRY(model::validate(forest));
  Explainer explainer(forest.feature_count);
  for (const model::Tree& tree : forest.trees) {
    const std::vector<ShapNode> nodes = shap_nodes(forest, tree, leaf_value);
    explainer.base_ += expected_output(nodes);
    if (tables == Tables::kBuild && explainer.tables_.take(nodes)) continue;
    DeepTree& deep = explainer.deep_.emplace_back(TreeShapley(nodes), std::vector<RowTest>());
    for (const ShapNode& node : nodes) {
      if (!node.is_leaf()) deep.tests.push_back(node.goes_left);
    }
  }
  explainer.tables_.finish();
  return explainer;
}

Result<Explainer> Explainer::boosted(const model::BoostedForest& model, Tables tables) {
  auto explainer = VIGIE_TRY(make(model.forest, tables, [](const model::Node& leaf, std::uint32_t /*depth*/) {
    return static_cast<double>(leaf.value);
  }));
  explainer.base_ += static_cast<double>(model.base_margin);
  return explainer;
}

Result<Explainer> Explainer::isolation(const model::IsolationForest& model, Tables tables) {
  auto explainer = VIGIE_TRY(make(model.forest, tables, [](const model::Node& leaf, std::uint32_t depth) {
    return model::isolation_path_length(depth, static_cast<double>(leaf.cover));
  }));
  explainer.scale_ = 1 / static_cast<double>(model.forest.trees.size());
  explainer.base_ *= explainer.scale_;
  return explainer;
}

void Explainer::contributions(std::span<const float> row, std::span<double> out) const {
  assert(row.size() == feature_count_ && out.size() == feature_count_);
  Scratch& own = scratch();
  fill_columns(row, own.columns);
  own.sums.assign(ShapTables::kSums * feature_count_, 0.0);
  tables_.add(own.columns.data(), own.sums.data(), own.tables);
  for (std::size_t f = 0; f < feature_count_; ++f) {
    const auto sums = std::span(own.sums).subspan(f * ShapTables::kSums, ShapTables::kSums);
    out[f] = std::accumulate(sums.begin(), sums.end(), 0.0);
  }
  for (const DeepTree& tree : deep_) add_deep(tree, own.columns.data(), out);
  for (double& contribution : out) contribution *= scale_;
}

void Explainer::add_deep(const DeepTree& tree, const float* columns, std::span<double> out) const {
  Scratch& own = scratch();
  own.goes_left.resize(tree.tests.size());
  for (std::size_t i = 0; i < tree.tests.size(); ++i) own.goes_left[i] = tree.tests[i](columns) ? 1 : 0;
  tree.shapley.add(own.goes_left, out, own.tree);
}

}  // namespace vigie::scoring
