#include "scoring/shap_reference.h"

#include <bit>
#include <cmath>

namespace vigie::scoring {
namespace {

struct Question {
  std::span<const float> row;
  const std::vector<bool>& known;
  model::Comparison comparison;
};

bool goes_left(const model::Node& node, const Question& question) {
  const float value = question.row[static_cast<std::size_t>(node.feature)];
  if (std::isnan(value)) return node.missing_left;
  return question.comparison == model::Comparison::kLess ? value < node.threshold : value <= node.threshold;
}

template <typename LeafValue>
double expectation(const model::Tree& tree, const Question& question, std::size_t at, std::uint32_t depth,
                   LeafValue leaf_value) {
  const model::Node& node = tree.nodes[at];
  if (node.is_leaf()) return leaf_value(node, depth);
  const auto left = static_cast<std::size_t>(node.left);
  const auto right = static_cast<std::size_t>(node.right);
  if (question.known[static_cast<std::size_t>(node.feature)]) {
    return expectation(tree, question, goes_left(node, question) ? left : right, depth + 1, leaf_value);
  }
  const auto left_cover = static_cast<double>(tree.nodes[left].cover);
  const auto right_cover = static_cast<double>(tree.nodes[right].cover);
  const double share = left_cover + right_cover > 0 ? left_cover / (left_cover + right_cover) : 0.5;
  return share * expectation(tree, question, left, depth + 1, leaf_value) +
         (1 - share) * expectation(tree, question, right, depth + 1, leaf_value);
}

template <typename Model>
std::vector<double> contributions(const Model& model, std::span<const float> row) {
  const std::size_t count = row.size();
  const std::size_t subsets = std::size_t{1} << count;
  std::vector<double> expected(subsets);
  for (std::size_t subset = 0; subset < subsets; ++subset) {
    std::vector<bool> known(count);
    for (std::size_t f = 0; f < count; ++f) known[f] = ((subset >> f) & 1u) != 0;
    expected[subset] = reference_expectation(model, row, known);
  }
  std::vector<double> out(count, 0);
  for (std::size_t f = 0; f < count; ++f) {
    for (std::size_t subset = 0; subset < subsets; ++subset) {
      if (((subset >> f) & 1u) != 0) continue;
      // |S|! (n - |S| - 1)! / n!
      const auto size = static_cast<double>(std::popcount(subset));
      const auto features = static_cast<double>(count);
      const double weight = std::tgamma(size + 1) * std::tgamma(features - size) / std::tgamma(features + 1);
      out[f] += weight * (expected[subset | (std::size_t{1} << f)] - expected[subset]);
    }
  }
  return out;
}

}  // namespace

double reference_expectation(const model::BoostedForest& model, std::span<const float> row,
                             const std::vector<bool>& known) {
  auto total = static_cast<double>(model.base_margin);
  for (const model::Tree& tree : model.forest.trees) {
    total +=
        expectation(tree, {row, known, model.forest.comparison}, 0, 0,
                    [](const model::Node& leaf, std::uint32_t /*depth*/) { return static_cast<double>(leaf.value); });
  }
  return total;
}

double reference_expectation(const model::IsolationForest& model, std::span<const float> row,
                             const std::vector<bool>& known) {
  double total = 0;
  for (const model::Tree& tree : model.forest.trees) {
    total += expectation(tree, {row, known, model.forest.comparison}, 0, 0,
                         [](const model::Node& leaf, std::uint32_t depth) {
                           return model::isolation_path_length(depth, static_cast<double>(leaf.cover));
                         });
  }
  return total / static_cast<double>(model.forest.trees.size());
}

std::vector<double> reference_contributions(const model::BoostedForest& model, std::span<const float> row) {
  return contributions(model, row);
}

std::vector<double> reference_contributions(const model::IsolationForest& model, std::span<const float> row) {
  return contributions(model, row);
}

}  // namespace vigie::scoring
