#include "scoring/shap_tree.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <mutex>
#include <numbers>

#include "model/forest.h"

namespace vigie::scoring {
namespace {

// What a row does at a split. kGone: it left the path at an earlier split on the same feature.
enum Turn : std::uint8_t { kRight = 0, kLeft = 1, kGone = 2 };

// Point `index` of the Gauss-Legendre rule of `count` points on [0, 1], by Newton's method on the Legendre polynomial
// (Abramowitz and Stegun 25.4.29). Good to a few units in the last place for the counts that occur here, up to 256.
struct QuadraturePoint {
  double at;
  double weight;
};
QuadraturePoint gauss_legendre(std::size_t index, std::size_t count) {
  const auto n = static_cast<double>(count);
  double x = std::cos(std::numbers::pi * (static_cast<double>(index) + 0.75) / (n + 0.5));
  double slope = 1;
  constexpr int kSteps = 8;  // the first guess is good to 1e-2 at least, and each step doubles the digits
  for (int step = 0; step < kSteps; ++step) {
    double before = 0;
    double value = 1;
    for (std::size_t k = 1; k <= count; ++k) {
      const auto degree = static_cast<double>(k);
      const double next = ((2 * degree - 1) * x * value - (degree - 1) * before) / degree;
      before = value;
      value = next;
    }
    slope = n * (x * value - before) / (x * x - 1);
    x -= value / slope;
  }
  return {(1 - x) / 2, 1 / ((1 - x * x) * slope * slope)};
}

}  // namespace

double expected_output(std::span<const ShapNode> nodes) {
  std::vector<double> expected(nodes.size());
  for (std::size_t i = nodes.size(); i-- > 0;) {  // children come after their parent
    const ShapNode& node = nodes[i];
    expected[i] = node.is_leaf() ? node.value
                                 : node.left_share * expected[node.left] + (1 - node.left_share) * expected[node.right];
  }
  return expected[0];
}

TreeShapley::TreeShapley(std::span<const ShapNode> nodes) {
  const std::uint32_t features = link(nodes);
  points_ = rule((features + 2 * kLanes - 1) / (2 * kLanes));
}

// Makes splits and leaves of the nodes. Returns the largest number of features on a path.
std::uint32_t TreeShapley::link(std::span<const ShapNode> nodes) {
  std::vector<std::int32_t> place(nodes.size());  // split, or ~leaf
  std::vector<std::uint32_t> features;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const ShapNode& node = nodes[i];
    if (node.is_leaf()) {
      place[i] = ~static_cast<std::int32_t>(leaves_.size());
      leaves_.push_back(node.value);
    } else {
      place[i] = static_cast<std::int32_t>(splits_.size());
      splits_.push_back({-1, -1, -1, node.feature, node.left_share, 1, false});
      features.push_back(node.feature);
    }
  }
  std::sort(features.begin(), features.end());
  features.erase(std::unique(features.begin(), features.end()), features.end());

  // Depth first, with the last split on each feature at hand.
  struct Last {
    std::int32_t split = -1;
    bool left = false;  // the side of it that is being visited
  };
  std::vector<Last> lasts(features.size());
  std::uint32_t most = 0;
  const auto visit = [&](const auto& self, std::size_t index, std::uint32_t count) -> void {
    most = std::max(most, count);
    const ShapNode& node = nodes[index];
    if (node.is_leaf()) return;
    Last& last = lasts[static_cast<std::size_t>(std::lower_bound(features.begin(), features.end(), node.feature) -
                                                features.begin())];
    const Last before = last;
    const std::int32_t own = place[index];
    Split& split = splits_[own];
    split.left = place[node.left];
    split.right = place[node.right];
    split.prior = before.split;
    split.left_of_prior = before.left;
    if (split.prior >= 0) {
      const Split& prior = splits_[split.prior];
      split.prior_share = prior.prior_share * (before.left ? prior.left_share : 1 - prior.left_share);
    }
    const std::uint32_t below = count + (split.prior < 0 ? 1 : 0);
    last = {own, true};
    self(self, static_cast<std::size_t>(node.left), below);
    last = {own, false};
    self(self, static_cast<std::size_t>(node.right), below);
    last = before;
  };
  visit(visit, 0, 0);
  return most;
}

// The rule of groups * kLanes points, which is made once: a large one takes longer than a small tree.
std::span<const TreeShapley::Points> TreeShapley::rule(std::size_t groups) {
  constexpr std::size_t kMaxGroups = model::kMaxDepth / (2 * kLanes);
  static std::array<std::once_flag, kMaxGroups + 1> made;
  static std::array<std::vector<Points>, kMaxGroups + 1> rules;
  assert(groups <= kMaxGroups);
  std::call_once(made[groups], [&] {
    rules[groups].resize(groups);
    for (std::size_t i = 0; i < groups * kLanes; ++i) {
      Points& points = rules[groups][i / kLanes];
      const std::size_t q = i % kLanes;
      const QuadraturePoint point = gauss_legendre(i, groups * kLanes);
      points.at[q] = point.at;
      points.rest[q] = 1 - point.at;
      points.weight[q] = point.weight;
    }
  });
  return rules[groups];
}

void TreeShapley::add(std::span<const std::uint8_t> goes_left, std::span<double> contributions,
                      Scratch& scratch) const {
  assert(goes_left.size() == splits_.size());
  if (scratch.work.size() < splits_.size()) scratch.work.resize(splits_.size());
  if (scratch.turns.size() < splits_.size()) scratch.turns.resize(splits_.size());
  auto& turns = scratch.turns;
  for (std::size_t i = 0; i < splits_.size(); ++i) {
    const Split& split = splits_[i];
    const bool on_path = split.prior < 0 || turns[split.prior] == (split.left_of_prior ? kLeft : kRight);
    turns[i] = on_path ? goes_left[i] : std::uint8_t{kGone};
  }
  for (const Points& points : points_) add_points(points, contributions, scratch);
}

inline TreeShapley::Weights TreeShapley::weigh(const Split& split, std::uint8_t turn, const Points& points) {
  Weights weights;
  if (turn == kGone) {
    weights.left.fill(split.left_share);
    weights.feature.fill(0);
    return weights;
  }
  // +-z u, computed without a branch on the turn, which nobody can predict.
  const double taken = turn;
  const double other = split.prior_share * (taken - split.left_share);
  if (split.prior < 0) {  // f is 1: most splits are spared the divisions
    for (std::size_t q = 0; q < kLanes; ++q) {
      weights.left[q] = taken - other * points.rest[q];
      weights.feature[q] = other;
    }
    return weights;
  }
  for (std::size_t q = 0; q < kLanes; ++q) {
    const double inverse = 1 / (split.prior_share * points.rest[q] + points.at[q]);
    weights.left[q] = taken - other * inverse * points.rest[q];
    weights.feature[q] = other * inverse * inverse;
  }
  return weights;
}

inline TreeShapley::Lanes TreeShapley::mean_of(std::int32_t child, const std::vector<Work>& work) const {
  if (child >= 0) return work[child].product;
  Lanes mean;
  mean.fill(leaves_[~child]);
  return mean;
}

void TreeShapley::add_points(const Points& points, std::span<double> contributions, Scratch& scratch) const {
  auto& work = scratch.work;
  for (std::size_t i = splits_.size(); i-- > 0;) {
    const Split& split = splits_[i];
    const Weights weights = weigh(split, scratch.turns[i], points);
    const Lanes left = mean_of(split.left, work);
    const Lanes right = mean_of(split.right, work);
    Work& own = work[i];
    for (std::size_t q = 0; q < kLanes; ++q) {
      const double difference = left[q] - right[q];
      own.product[q] = right[q] + weights.left[q] * difference;
      own.left[q] = weights.left[q];
      own.jump[q] = weights.feature[q] * difference;
    }
  }
  work[0].product = points.weight;
  for (std::size_t i = 0; i < splits_.size(); ++i) {
    const Split& split = splits_[i];
    const Work own = work[i];
    double sum = 0;
    for (std::size_t q = 0; q < kLanes; ++q) sum += own.product[q] * own.jump[q];
    contributions[split.feature] += sum;
    Lanes left;
    for (std::size_t q = 0; q < kLanes; ++q) left[q] = own.product[q] * own.left[q];
    if (split.right >= 0) {
      for (std::size_t q = 0; q < kLanes; ++q) work[split.right].product[q] = own.product[q] - left[q];
    }
    if (split.left >= 0) work[split.left].product = left;
  }
}

}  // namespace vigie::scoring
