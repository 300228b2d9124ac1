// Decision forests in the one form that importers, trainers, the reference scorer and the compiler share. Values are
// float because the models it carries are: XGBoost's inputs and thresholds are float, and so are ours.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace vigie::model {

struct Node {
  std::int32_t left = -1;  // -1 marks a leaf
  std::int32_t right = -1;
  std::int32_t feature = 0;
  float threshold = 0;
  bool missing_left = true;  // where NaN goes
  float value = 0;           // leaf: its output; isolation trees derive theirs from `cover` and depth
  float cover = 0;           // training weight that passed (boosted: sum of hessians; isolation: rows)
  float gain = 0;            // split: what it won

  bool is_leaf() const { return left < 0; }
  bool operator==(const Node&) const = default;
};

// Node 0 is the root; children come after their parent.
struct Tree {
  std::vector<Node> nodes;

  bool operator==(const Tree&) const = default;
};

// Which way a row goes at a split: left when value < threshold (XGBoost) or value <= threshold (scikit-learn).
enum class Comparison : std::uint8_t { kLess, kLessEqual };

struct Forest {
  std::uint32_t feature_count = 0;
  Comparison comparison = Comparison::kLess;
  std::vector<Tree> trees;

  bool operator==(const Forest&) const = default;
};

// Hard limits, so that a hostile file costs bounded memory and time.
inline constexpr std::size_t kMaxTrees = 100'000;
inline constexpr std::size_t kMaxNodesPerTree = 1u << 20;
inline constexpr std::size_t kMaxNodes = 1u << 26;
inline constexpr std::size_t kMaxDepth = 512;
inline constexpr std::uint32_t kMaxFeatures = 1u << 20;

// Refuses a forest with no trees, a child out of range or not after its parent, a node with two parents or none, a
// feature out of range, a threshold or value that is not finite, or anything over the limits. `Place::field` names tree
// and node.
Status validate(const Forest& forest);

// The t for which `value < t` is what a split asks: where it asks `value <= threshold`, the next float above.
float strict_threshold(Comparison comparison, float threshold);

// The number of splits on the longest path; 0 for a lone leaf. The tree must be valid.
std::uint32_t depth(const Tree& tree);

// Gradient-boosted trees with a logistic output, as XGBoost's binary:logistic defines it: the margin is
// base_margin + the sum of leaf values in tree order, all in float.
struct BoostedForest {
  Forest forest;
  float base_margin = 0;
  std::vector<std::string> feature_names;
};

// Isolation forest (Liu, Ting, Zhou 2008; scikit-learn's IsolationForest): score = 2^(-E[h(x)] / c(sample_size)).
struct IsolationForest {
  Forest forest;
  std::uint32_t sample_size = 256;  // rows a tree was grown on
  double contamination = 0;         // share of training rows above `own_threshold`
  double own_threshold = 0.5;       // the member's own alarm, on its score
  std::vector<std::string> feature_names;
};

// Average path length of an unsuccessful search in a binary search tree of `rows` keys: 2 H(n-1) - 2(n-1)/n with
// H(i) = ln(i) + Euler's constant, c(2) = 1, c(0) = c(1) = 0 (Liu et al., equation 1).
double average_path_length(double rows);

// h(x) of a leaf: its depth + c(rows), rounded to a multiple of 2^-26. Sums of such values are exact in double and in
// 64-bit integers whatever the order, so every engine gives the same bits; it costs at most 2.5e-10 of a score.
double isolation_path_length(std::uint32_t leaf_depth, double leaf_rows);

}  // namespace vigie::model
