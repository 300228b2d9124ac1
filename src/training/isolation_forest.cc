#include "training/isolation_forest.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "base/parallel.h"
#include "base/random.h"
#include "training/ranking.h"
#include "training/weighted_sample.h"

namespace vigie::training {
namespace {

constexpr float kConstantWithin = 1e-7f;  // scikit-learn's FEATURE_THRESHOLD: a narrower range counts as constant

// Grows one tree on a sample that it holds column by column, so that every scan is over neighbouring floats.
class TreeGrower {
 public:
  TreeGrower(std::span<const float> rows, std::uint32_t features, std::span<const std::uint32_t> sample, Random& random)
      : features_(features), size_(static_cast<std::uint32_t>(sample.size())), random_(random) {
    columns_.resize(std::size_t{features} * size_);
    // The sample lies all over memory: ask for every row before the first is waited for.
    constexpr std::size_t kLine = 64 / sizeof(float);
    for (const std::uint32_t index : sample) {
      const float* row = rows.data() + std::size_t{index} * features;
      for (std::size_t f = 0; f < features; f += kLine) __builtin_prefetch(row + f);
    }
    for (std::uint32_t i = 0; i < size_; ++i) {
      const float* row = rows.data() + std::size_t{sample[i]} * features;
      for (std::uint32_t f = 0; f < features; ++f) columns_[std::size_t{f} * size_ + i] = row[f];
    }
    order_.resize(size_);
    std::iota(order_.begin(), order_.end(), 0u);
    candidates_.resize(features);
    std::iota(candidates_.begin(), candidates_.end(), 0u);
  }

  model::Tree grow() {
    const auto limit = static_cast<std::uint32_t>(std::bit_width(std::max(size_, 2u) - 1));  // ceil(log2(sample))
    model::Tree tree;
    tree.nodes.reserve(2u * size_ - 1);
    tree.nodes.emplace_back();
    pending_.assign(1, {0, 0, size_, 0});
    while (!pending_.empty()) {
      const Part part = pending_.back();
      pending_.pop_back();
      tree.nodes[part.node].cover = static_cast<float>(part.end - part.begin);
      if (part.end - part.begin < 2 || part.depth >= limit) continue;
      const auto split = choose_split(part);
      if (!split.found) continue;
      const float* column = columns_.data() + std::size_t{split.feature} * size_;
      const auto middle = std::partition(order_.begin() + part.begin, order_.begin() + part.end,
                                         [&](std::uint32_t i) { return column[i] <= split.threshold; });
      const auto cut = static_cast<std::uint32_t>(middle - order_.begin());
      const auto left = static_cast<std::uint32_t>(tree.nodes.size());
      model::Node& node = tree.nodes[part.node];
      node.left = static_cast<std::int32_t>(left);
      node.right = static_cast<std::int32_t>(left + 1);
      node.feature = static_cast<std::int32_t>(split.feature);
      node.threshold = split.threshold;
      tree.nodes.resize(tree.nodes.size() + 2);
      pending_.push_back({left + 1, cut, part.end, part.depth + 1});
      pending_.push_back({left, part.begin, cut, part.depth + 1});
    }
    return tree;
  }

 private:
  struct Part {
    std::uint32_t node;
    std::uint32_t begin;
    std::uint32_t end;
    std::uint32_t depth;
  };
  struct Split {
    bool found = false;
    std::uint32_t feature = 0;
    float threshold = 0;
  };

  // A uniform choice among the features that vary here: features are drawn without replacement until one does.
  Split choose_split(const Part& part) {
    for (std::uint32_t left = features_; left > 0; --left) {
      std::swap(candidates_[left - 1], candidates_[random_.below(left)]);
      const std::uint32_t feature = candidates_[left - 1];
      const float* column = columns_.data() + std::size_t{feature} * size_;
      float low = column[order_[part.begin]];
      float high = low;
      for (std::uint32_t i = part.begin + 1; i < part.end; ++i) {
        const float value = column[order_[i]];
        low = std::min(low, value);
        high = std::max(high, value);
      }
      if (!(high > low + kConstantWithin)) continue;
      const double share = random_.uniform();
      auto threshold = static_cast<float>(static_cast<double>(low) * (1 - share) + static_cast<double>(high) * share);
      if (!(threshold < high)) threshold = low;  // rounding must not send every row left
      return {true, feature, std::max(threshold, low)};
    }
    return {};
  }

  std::uint32_t features_;
  std::uint32_t size_;
  Random& random_;
  std::vector<float> columns_;
  std::vector<std::uint32_t> order_;
  std::vector<std::uint32_t> candidates_;
  std::vector<Part> pending_;
};

}  // namespace

Result<model::IsolationForest> fit_isolation_forest(std::span<const float> rows, std::uint32_t feature_count,
                                                    std::span<const double> weights, const IsolationOptions& options) {
  if (options.trees == 0 || options.trees > model::kMaxTrees) {
    return fail(Code::kInvalidArgument, "an isolation forest cannot have " + std::to_string(options.trees) + " trees",
                {.field = "trees"}, "give 1 to " + std::to_string(model::kMaxTrees));
  }
  if (feature_count == 0) return fail(Code::kInvalidArgument, "an isolation forest needs at least one feature");
  const auto count = static_cast<std::uint32_t>(rows.size() / feature_count);
  const WeightedSampler sampler(count, weights);
  if (sampler.population() == 0) {
    return fail(Code::kInvalidArgument, "no row to grow an isolation forest on", {}, "give rows of positive weight");
  }
  const std::uint32_t sample =
      options.sample_size == 0 ? sampler.population() : std::min(options.sample_size, sampler.population());
  if (2ull * sample > model::kMaxNodesPerTree || 2ull * sample * options.trees > model::kMaxNodes) {
    return fail(Code::kInvalidArgument, "trees of " + std::to_string(sample) + " rows would be too large to serve",
                {.field = "sample_size"}, "give fewer rows a tree or fewer trees");
  }

  model::IsolationForest forest;
  forest.sample_size = sample;
  forest.forest.feature_count = feature_count;
  forest.forest.comparison = model::Comparison::kLessEqual;
  forest.forest.trees.resize(options.trees);
  parallel_for(options.threads, options.trees, [&](std::size_t t) {
    Random random(options.seed, t);
    const auto chosen = sampler.draw(random, sample);
    forest.forest.trees[t] = TreeGrower(rows, feature_count, chosen, random).grow();
  });
  return forest;
}

void set_own_threshold(model::IsolationForest& forest, double contamination, std::span<const double> scores,
                       std::span<const double> weights) {
  const std::vector<std::uint8_t> labels(scores.size());
  const Ranking ranking = rank(scores, labels, weights);
  // The lowest score with no more than the wanted weight strictly above it.
  const double allowed = contamination * ranking.negatives * (1 + 1e-12);
  double above = 0;
  std::size_t i = 0;
  while (i + 1 < ranking.size() && above + ranking.weight[i] <= allowed) above += ranking.weight[i++];
  forest.contamination = contamination;
  forest.own_threshold = ranking.score[i];
}

}  // namespace vigie::training
