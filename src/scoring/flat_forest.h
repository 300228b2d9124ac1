// A canonical forest laid out for walking: 16-byte nodes in one array, siblings side by side, leaves that lead to
// themselves, so that every row takes exactly depth(tree) branch-free steps and several rows walk together.
// `value <= t` is stored as `value < next float above t`, which is the same question.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "model/forest.h"

namespace vigie::scoring {

template <typename Value>
class FlatForest {
 public:
  // `leaf_value(node, depth)` gives a leaf's output. The forest must have passed model::validate().
  template <typename LeafValue>
  FlatForest(const model::Forest& forest, LeafValue leaf_value) : feature_count_(forest.feature_count) {
    for (const model::Tree& tree : forest.trees) add(tree, forest.comparison, leaf_value);
  }

  std::size_t feature_count() const { return feature_count_; }

  // Adds every tree's output to totals[row], in tree order. rows: row-major, totals.size() rows.
  void accumulate(std::span<const float> rows, std::span<Value> totals) const {
    const bool complete = std::none_of(rows.begin(), rows.end(), [](float value) { return std::isnan(value); });
    if (complete) {
      accumulate_all<false>(rows, totals);
    } else {
      accumulate_all<true>(rows, totals);
    }
  }

 private:
  static constexpr std::size_t kSideBySide = 8;

  struct FlatNode {
    float threshold;  // NaN in a leaf: never "less", so always the second of its two children, itself
    std::uint32_t feature;
    std::uint32_t first;         // left child; the right one follows it. In a leaf: the node before it
    std::uint32_t missing_left;  // 1: NaN goes left
  };
  static_assert(sizeof(FlatNode) == 16);

  struct TreeSpan {
    std::uint32_t root;
    std::uint32_t steps;
  };

  template <typename LeafValue>
  void add(const model::Tree& tree, model::Comparison comparison, LeafValue& leaf_value) {
    struct Visit {
      std::int32_t node;
      std::uint32_t depth;
    };
    const auto root = static_cast<std::uint32_t>(nodes_.size());
    std::uint32_t deepest = 0;
    std::vector<Visit> order = {{0, 0}};  // breadth first: siblings meet
    for (std::size_t i = 0; i < order.size(); ++i) {
      const auto [index, depth] = order[i];
      const model::Node& node = tree.nodes[static_cast<std::size_t>(index)];
      const auto self = root + static_cast<std::uint32_t>(i);
      if (node.is_leaf()) {
        deepest = std::max(deepest, depth);
        nodes_.push_back({std::numeric_limits<float>::quiet_NaN(), 0, self - 1, 0});
        values_.push_back(leaf_value(node, depth));
        continue;
      }
      const float threshold = model::strict_threshold(comparison, node.threshold);
      nodes_.push_back({threshold, static_cast<std::uint32_t>(node.feature),
                        root + static_cast<std::uint32_t>(order.size()), node.missing_left ? 1u : 0u});
      values_.push_back({});
      order.push_back({node.left, depth + 1});
      order.push_back({node.right, depth + 1});
    }
    trees_.push_back({root, deepest});
  }

  template <bool Missing>
  void accumulate_all(std::span<const float> rows, std::span<Value> totals) const {
    const std::size_t together = totals.size() / kSideBySide * kSideBySide;
    for (const TreeSpan& tree : trees_) {
      for (std::size_t row = 0; row < together; row += kSideBySide) walk_rows<Missing>(tree, rows, totals, row);
    }
    for (std::size_t row = together; row < totals.size(); ++row) {
      const float* const values = rows.data() + row * feature_count_;
      std::size_t tree = 0;
      for (; tree + kSideBySide <= trees_.size(); tree += kSideBySide) {
        walk_trees<kSideBySide, Missing>(tree, values, totals[row]);
      }
      for (; tree < trees_.size(); ++tree) walk_trees<1, Missing>(tree, values, totals[row]);
    }
  }

  // The node below: left is 0, right is 1.
  template <bool Missing>
  static std::uint32_t step_down(const FlatNode& node, float value) {
    std::uint32_t right = value < node.threshold ? 0u : 1u;
    if constexpr (Missing) right &= ~(std::isnan(value) ? node.missing_left : 0u);
    return node.first + right;
  }

  // Steps of one walk wait for each other: several rows of a tree, or several trees of a row, fill the time.
  template <bool Missing>
  void walk_rows(const TreeSpan& tree, std::span<const float> rows, std::span<Value> totals, std::size_t first) const {
    const FlatNode* const nodes = nodes_.data();
    const float* const values = rows.data() + first * feature_count_;
    std::uint32_t at[kSideBySide];
    for (auto& node : at) node = tree.root;
    for (std::uint32_t step = 0; step < tree.steps; ++step) {
      for (std::size_t r = 0; r < kSideBySide; ++r) {
        const FlatNode& node = nodes[at[r]];
        at[r] = step_down<Missing>(node, values[r * feature_count_ + node.feature]);
      }
    }
    for (std::size_t r = 0; r < kSideBySide; ++r) totals[first + r] += values_[at[r]];
  }

  template <std::size_t Trees, bool Missing>
  void walk_trees(std::size_t first, const float* values, Value& total) const {
    const FlatNode* const nodes = nodes_.data();
    const TreeSpan* const trees = trees_.data() + first;
    std::uint32_t at[Trees];
    std::uint32_t steps = 0;
    for (std::size_t t = 0; t < Trees; ++t) {
      at[t] = trees[t].root;
      steps = std::max(steps, trees[t].steps);
    }
    for (std::uint32_t step = 0; step < steps; ++step) {
      for (std::size_t t = 0; t < Trees; ++t) {
        const FlatNode& node = nodes[at[t]];
        at[t] = step_down<Missing>(node, values[node.feature]);
      }
    }
    for (std::size_t t = 0; t < Trees; ++t) total += values_[at[t]];
  }

  std::size_t feature_count_;
  std::vector<FlatNode> nodes_;
  std::vector<Value> values_;
  std::vector<TreeSpan> trees_;
};

}  // namespace vigie::scoring
