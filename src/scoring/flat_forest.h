// A canonical forest laid out for walking: 16-byte nodes in one array, leaves that lead to themselves, so that every
// row takes exactly depth(tree) branch-free steps and several rows walk side by side. `value <= t` is stored as
// `value < next float above t`, which is the same question.
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
    const std::size_t count = totals.size();
    for (const TreeSpan& tree : trees_) {
      std::size_t row = 0;
      for (; row + kSideBySide <= count; row += kSideBySide) walk<kSideBySide>(tree, rows, totals, row);
      for (; row < count; ++row) walk<1>(tree, rows, totals, row);
    }
  }

 private:
  static constexpr std::size_t kSideBySide = 8;

  struct FlatNode {
    float threshold;
    std::uint32_t feature;  // the top bit set: NaN goes left
    std::uint32_t left;
    std::uint32_t right;
  };
  static_assert(sizeof(FlatNode) == 16);
  static constexpr std::uint32_t kMissingLeft = 0x80000000u;

  struct TreeSpan {
    std::uint32_t root;
    std::uint32_t steps;
  };

  template <typename LeafValue>
  void add(const model::Tree& tree, model::Comparison comparison, LeafValue& leaf_value) {
    const auto root = static_cast<std::uint32_t>(nodes_.size());
    std::vector<std::uint32_t> depths(tree.nodes.size(), 0);
    std::uint32_t deepest = 0;
    for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
      const model::Node& node = tree.nodes[i];
      const auto self = root + static_cast<std::uint32_t>(i);
      if (node.is_leaf()) {
        deepest = std::max(deepest, depths[i]);
        nodes_.push_back({0, 0, self, self});
        values_.push_back(leaf_value(node, depths[i]));
        continue;
      }
      depths[static_cast<std::size_t>(node.left)] = depths[static_cast<std::size_t>(node.right)] = depths[i] + 1;
      const float threshold = comparison == model::Comparison::kLess
                                  ? node.threshold
                                  : std::nextafter(node.threshold, std::numeric_limits<float>::infinity());
      nodes_.push_back({threshold, static_cast<std::uint32_t>(node.feature) | (node.missing_left ? kMissingLeft : 0u),
                        root + static_cast<std::uint32_t>(node.left), root + static_cast<std::uint32_t>(node.right)});
      values_.push_back({});
    }
    trees_.push_back({root, deepest});
  }

  template <std::size_t Rows>
  void walk(const TreeSpan& tree, std::span<const float> rows, std::span<Value> totals, std::size_t first) const {
    const FlatNode* const nodes = nodes_.data();
    const float* const values = rows.data() + first * feature_count_;
    std::uint32_t at[Rows];
    for (auto& node : at) node = tree.root;
    for (std::uint32_t step = 0; step < tree.steps; ++step) {
      for (std::size_t r = 0; r < Rows; ++r) {
        const FlatNode node = nodes[at[r]];
        const float value = values[r * feature_count_ + (node.feature & ~kMissingLeft)];
        const bool missing_left = (node.feature & kMissingLeft) != 0;
        const bool left = missing_left ? !(value >= node.threshold) : value < node.threshold;
        at[r] = left ? node.left : node.right;
      }
    }
    for (std::size_t r = 0; r < Rows; ++r) totals[first + r] += values_[at[r]];
  }

  std::size_t feature_count_;
  std::vector<FlatNode> nodes_;
  std::vector<Value> values_;
  std::vector<TreeSpan> trees_;
};

}  // namespace vigie::scoring
