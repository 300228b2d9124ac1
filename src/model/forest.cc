#include "model/forest.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace vigie::model {
namespace {

std::unexpected<Error> bad_node(std::size_t tree, std::size_t node, std::string message) {
  return fail(Code::kInvalidData, std::move(message),
              {.field = "tree " + std::to_string(tree) + ", node " + std::to_string(node)}, "export the model again");
}

std::unexpected<Error> over_limit(std::string_view what, std::size_t value, std::size_t limit, std::string field = {}) {
  return fail(Code::kResourceExhausted,
              std::to_string(value) + " " + std::string(what) + " are more than the limit of " + std::to_string(limit),
              {.field = std::move(field)}, "train a smaller forest");
}

Status validate_node(const Forest& forest, std::size_t tree, std::size_t index) {
  const auto& nodes = forest.trees[tree].nodes;
  const Node& node = nodes[index];
  if (!std::isfinite(node.cover) || node.cover < 0) {
    return bad_node(tree, index, "its cover is not a finite number of at least 0");
  }
  if (node.is_leaf()) {
    if (node.right >= 0) return bad_node(tree, index, "it has a right child but no left one");
    if (!std::isfinite(node.value)) return bad_node(tree, index, "its leaf value is not finite");
    return {};
  }
  for (const std::int32_t child : {node.left, node.right}) {
    if (child < 0 || static_cast<std::size_t>(child) >= nodes.size()) {
      return bad_node(tree, index, "its child " + std::to_string(child) + " does not exist");
    }
    if (static_cast<std::size_t>(child) <= index) {
      return bad_node(tree, index, "its child " + std::to_string(child) + " does not come after it");
    }
  }
  if (node.feature < 0 || static_cast<std::uint32_t>(node.feature) >= forest.feature_count) {
    return bad_node(tree, index,
                    "its feature " + std::to_string(node.feature) + " is not one of the model's " +
                        std::to_string(forest.feature_count));
  }
  if (!std::isfinite(node.threshold)) return bad_node(tree, index, "its threshold is not finite");
  if (!std::isfinite(node.gain)) return bad_node(tree, index, "its gain is not finite");
  return {};
}

Status validate_tree(const Forest& forest, std::size_t tree) {
  const auto& nodes = forest.trees[tree].nodes;
  const std::string field = "tree " + std::to_string(tree);
  if (nodes.empty())
    return fail(Code::kInvalidData, "the tree has no nodes", {.field = field}, "export the model again");
  if (nodes.size() > kMaxNodesPerTree) return over_limit("nodes", nodes.size(), kMaxNodesPerTree, field);
  std::vector<bool> has_parent(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    // Parents come first, so all of node i's possible parents have been seen.
    if (i > 0 && !has_parent[i]) return bad_node(tree, i, "no node has it as its child");
    VIGIE_TRY(validate_node(forest, tree, i));
    if (nodes[i].is_leaf()) continue;
    for (const std::int32_t child : {nodes[i].left, nodes[i].right}) {
      if (has_parent[child]) return bad_node(tree, static_cast<std::size_t>(child), "it is a child twice");
      has_parent[child] = true;
    }
  }
  if (const std::uint32_t levels = depth(forest.trees[tree]); levels > kMaxDepth) {
    return over_limit("levels", levels, kMaxDepth, field);
  }
  return {};
}

}  // namespace

Status validate(const Forest& forest) {
  if (forest.trees.empty()) return fail(Code::kInvalidData, "the forest has no trees", {}, "export the model again");
  if (forest.trees.size() > kMaxTrees) return over_limit("trees", forest.trees.size(), kMaxTrees);
  if (forest.feature_count > kMaxFeatures) return over_limit("features", forest.feature_count, kMaxFeatures);
  std::size_t total = 0;
  for (const Tree& tree : forest.trees) total += tree.nodes.size();
  if (total > kMaxNodes) return over_limit("nodes", total, kMaxNodes);
  for (std::size_t tree = 0; tree < forest.trees.size(); ++tree) VIGIE_TRY(validate_tree(forest, tree));
  return {};
}

float strict_threshold(Comparison comparison, float threshold) {
  if (comparison == Comparison::kLess) return threshold;
  return std::nextafter(threshold, std::numeric_limits<float>::infinity());
}

std::uint32_t depth(const Tree& tree) {
  std::vector<std::uint32_t> levels(tree.nodes.size());
  std::uint32_t deepest = 0;
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
    deepest = std::max(deepest, levels[i]);
    const Node& node = tree.nodes[i];
    if (!node.is_leaf()) levels[node.left] = levels[node.right] = levels[i] + 1;
  }
  return deepest;
}

double average_path_length(double rows) {
  if (rows <= 1) return 0;
  if (rows <= 2) return 1;
  return 2 * (std::log(rows - 1) + std::numbers::egamma) - 2 * (rows - 1) / rows;
}

double isolation_path_length(std::uint32_t leaf_depth, double leaf_rows) {
  constexpr double kUnits = 0x1.0p26;
  return std::round((leaf_depth + average_path_length(leaf_rows)) * kUnits) / kUnits;
}

}  // namespace vigie::model
