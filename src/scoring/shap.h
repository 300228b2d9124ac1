// Says how much each input moved a forest's output: exact Shapley values of its trees, path-dependent as Lundberg et
// al. (2020, "From local explanations to global understanding with explainable AI for trees") define them. For boosted
// trees they are what libxgboost's pred_contribs gives, in double instead of float.
//
//   const auto explainer = VIGIE_TRY(Explainer::boosted(model));
//   explainer.contributions(row, out);   // explainer.base() + sum of out = margin of the row
//
// A factory validates its model and does the work of all rows at load; contributions() cannot fail. An Explainer is
// immutable: any number of threads may share it. Sums are made in one order: the same row gives the same bits.
//
// What counts is how a tree divides its cover: a split's left share is left cover / (left cover + right cover), and one
// half where both are 0. The cover that the split itself claims is not looked at, so that shares always add up to 1.
// (libxgboost divides by the claimed cover; in what it trains, the two agree to float precision.)
//
// Memory: at most 64 MiB of tables (shap_tables.h), of which 100 boosted trees of depth 5 take about 1 and 100
// isolation trees grown on 256 rows about 20; and about 100 bytes a split for trees that get none: those deeper than 8
// splits, and what comes when the tables are full. They are explained too, some five times slower.
// Tables::kNone gives none to any tree: building them pays from some thousand rows on.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "model/forest.h"
#include "scoring/shap_tables.h"
#include "scoring/shap_tree.h"

namespace vigie::scoring {

enum class Tables : std::uint8_t { kBuild, kNone };

class Explainer {
 public:
  Explainer(const Explainer&) = delete;  // tables are large
  Explainer& operator=(const Explainer&) = delete;
  Explainer(Explainer&&) = default;
  Explainer& operator=(Explainer&&) = default;
  ~Explainer() = default;

  // Explains the margin: log-odds, before the logistic function.
  static Result<Explainer> boosted(const model::BoostedForest& model, Tables tables = Tables::kBuild);

  // Explains the mean path length E[h(x)]: positive contributions make a row look more normal.
  static Result<Explainer> isolation(const model::IsolationForest& model, Tables tables = Tables::kBuild);

  std::size_t feature_count() const { return feature_count_; }

  // The mean output by cover: what a row is expected to have before its values are known.
  double base() const { return base_; }

  // row: feature_count() values; NaN follows each split's missing_left. out: feature_count() contributions; those of
  // features that no split asks for are 0. base() and all of them add up to the row's output, up to rounding in double.
  void contributions(std::span<const float> row, std::span<double> out) const;

 private:
  struct DeepTree {
    TreeShapley shapley;
    std::vector<RowTest> tests;  // one a split
  };

  explicit Explainer(std::size_t feature_count) : feature_count_(feature_count) {}

  template <typename LeafValue>
  static Result<Explainer> make(const model::Forest& forest, Tables tables, LeafValue leaf_value);
  void add_deep(const DeepTree& tree, const float* columns, std::span<double> out) const;

  std::size_t feature_count_;
  double base_ = 0;
  double scale_ = 1;  // of a tree's output in the forest's
  ShapTables tables_;
  std::vector<DeepTree> deep_;
};

}  // namespace vigie::scoring
