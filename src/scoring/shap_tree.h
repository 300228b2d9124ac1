// Exact path-dependent Shapley values (Lundberg et al. 2020, "tree_path_dependent") of one tree, by quadrature.
//
// Take a leaf of value v whose path has conditions on d features. For feature j, z_j is the share of the cover that
// stays on the path at its splits, and o_j is 1 where the row satisfies all its conditions, else 0. The Shapley weight
// |S|! (d - |S| - 1)! / d! is the integral of t^|S| (1 - t)^(d - |S| - 1) over [0, 1], so the leaf gives feature i
//
//   v (o_i - z_i) * integral over t in [0, 1] of the product over j != i of (z_j (1 - t) + o_j t).
//
// Points.  The integrand is a polynomial of degree < d: a Gauss-Legendre rule of d / 2 points, rounded up, is exact.
// All
//          factors lie in [0, 1], so nothing cancels however deep the tree, which is what division in the textbook
//          recursion and in polynomial forms (Yu et al. 2022) suffers from.
// Sums.    At a fixed t the factors of all leaves sum along the tree. A split has a mean of its two children,
//          mean = a * left + (1 - a) * right with a = a(t, row) in [0, 1], and gives its feature P * k * (left -
//          right), where P is the product of the weights a and 1 - a above it. With f = z (1 - t) + t, z the share of
//          the earlier splits on the same feature (1 where there are none), and u the share of the side that the row
//          does not take:
//            k = +-z u / f^2 and the weight of that side is z u (1 - t) / f;
//          where the row left the path at an earlier split on the same feature: k = 0, a = the left side's share.
//
// One pass up and one down for every kLanes points: O(nodes * d) time, about 100 bytes a split of scratch.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace vigie::scoring {

// A split's question: does columns[column] < below? (Which columns there are is the Explainer's matter.)
struct RowTest {
  float below = 0;
  std::uint32_t column = 0;

  bool operator()(const float* columns) const { return columns[column] < below; }
};

// A node of a tree that is explained. Node 0 is the root; children come after their parent.
struct ShapNode {
  std::int32_t left = -1;  // -1 marks a leaf
  std::int32_t right = -1;
  std::uint32_t feature = 0;
  RowTest goes_left{};
  double left_share = 0.5;  // of the cover below: in [0, 1]; the right side has the rest
  double value = 0;         // leaf: its output

  bool is_leaf() const { return left < 0; }
};

// The mean output of the tree by cover.
double expected_output(std::span<const ShapNode> nodes);

class TreeShapley {
 public:
  static constexpr std::size_t kLanes = 4;  // points that are worked at once
  using Lanes = std::array<double, kLanes>;

  // Reused from call to call, by one thread at a time.
  struct Work {
    Lanes product;  // on the way up the mean, on the way down P
    Lanes left;     // a
    Lanes jump;     // k * (left - right)
  };
  struct Scratch {
    std::vector<Work> work;
    std::vector<std::uint8_t> turns;
  };

  // At least one node, at most model::kMaxDepth deep.
  explicit TreeShapley(std::span<const ShapNode> nodes);

  // Adds each feature's contribution to contributions[feature]. goes_left[i]: the outcome of split i, 0 or 1, in the
  // order of the nodes. Any outcomes are legal, also ones that no value gives: NaN follows each split's own direction.
  // Together they add the tree's output less expected_output(), up to rounding.
  void add(std::span<const std::uint8_t> goes_left, std::span<double> contributions, Scratch& scratch) const;

 private:
  struct Split {
    std::int32_t left;  // split, or ~leaf
    std::int32_t right;
    std::int32_t prior;  // the nearest split above on the same feature; -1: none
    std::uint32_t feature;
    double left_share;
    double prior_share;  // z: of all earlier splits on the same feature
    bool left_of_prior;  // which side of it this one is on
  };
  struct Points {
    Lanes at;      // t
    Lanes rest;    // 1 - t
    Lanes weight;  // of the rule
  };
  struct Weights {
    Lanes left;     // a
    Lanes feature;  // k
  };

  std::uint32_t link(std::span<const ShapNode> nodes);
  static std::span<const Points> rule(std::size_t groups);
  static Weights weigh(const Split& split, std::uint8_t turn, const Points& points);
  Lanes mean_of(std::int32_t child, const std::vector<Work>& work) const;
  void add_points(const Points& points, std::span<double> contributions, Scratch& scratch) const;

  std::vector<Split> splits_;
  std::vector<double> leaves_;
  std::span<const Points> points_;  // lives as long as the program
};

}  // namespace vigie::scoring
