#include "scoring/scorer.h"

#include <array>
#include <cassert>
#include <cmath>

#include "scoring/flat_forest.h"
#include "scoring/output.h"

namespace vigie::scoring {
namespace {

// Rows whose totals and inputs stay in the first-level cache while all trees pass over them.
constexpr std::size_t kBlock = 64;

// Calls score_block(rows, out) for blocks of at most kBlock rows.
template <typename ScoreBlock>
void for_blocks(std::span<const float> rows, std::size_t features, std::span<double> out, ScoreBlock score_block) {
  assert(rows.size() == out.size() * features);
  for (std::size_t first = 0; first < out.size(); first += kBlock) {
    const std::size_t count = std::min(kBlock, out.size() - first);
    score_block(rows.subspan(first * features, count * features), out.subspan(first, count));
  }
}

class BoostedScorer : public Scorer {
 public:
  explicit BoostedScorer(const model::BoostedForest& model)
      : forest_(model.forest, [](const model::Node& leaf, std::uint32_t) { return leaf.value; }),
        base_margin_(model.base_margin) {}

  std::size_t feature_count() const override { return forest_.feature_count(); }

  void score(std::span<const float> rows, std::span<double> out) const override {
    for_blocks(rows, feature_count(), out, [&](std::span<const float> block, std::span<double> scores) {
      std::array<float, kBlock> margins;
      margins.fill(base_margin_);
      forest_.accumulate(block, std::span(margins).first(scores.size()));
      for (std::size_t i = 0; i < scores.size(); ++i) scores[i] = static_cast<double>(logistic(margins[i]));
    });
  }

 private:
  FlatForest<float> forest_;
  float base_margin_;
};

class IsolationScorer : public Scorer {
 public:
  explicit IsolationScorer(const model::IsolationForest& model)
      : forest_(model.forest,
                [](const model::Node& leaf, std::uint32_t depth) {
                  return model::isolation_path_length(depth, static_cast<double>(leaf.cover));
                }),
        tree_count_(static_cast<double>(model.forest.trees.size())),
        expected_length_(model::average_path_length(model.sample_size)) {}

  std::size_t feature_count() const override { return forest_.feature_count(); }

  void score(std::span<const float> rows, std::span<double> out) const override {
    for_blocks(rows, feature_count(), out, [&](std::span<const float> block, std::span<double> scores) {
      std::array<double, kBlock> lengths{};
      forest_.accumulate(block, std::span(lengths).first(scores.size()));
      for (std::size_t i = 0; i < scores.size(); ++i) {
        scores[i] = isolation_score(lengths[i], tree_count_, expected_length_);
      }
    });
  }

 private:
  FlatForest<double> forest_;
  double tree_count_;
  double expected_length_;
};

Status check_sample(const model::IsolationForest& model) {
  if (model.sample_size < 2) {
    return fail(Code::kInvalidData, "an isolation forest needs trees grown on at least 2 rows",
                {.field = "sample_size"}, "train it again with more rows");
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Scorer>> make_boosted_scorer(const model::BoostedForest& model) {
  VIGIE_TRY(model::validate(model.forest));
  return std::make_unique<BoostedScorer>(model);
}

Result<std::unique_ptr<Scorer>> make_isolation_scorer(const model::IsolationForest& model) {
  VIGIE_TRY(model::validate(model.forest));
  VIGIE_TRY(check_sample(model));
  return std::make_unique<IsolationScorer>(model);
}

}  // namespace vigie::scoring
