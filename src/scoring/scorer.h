// Runs a canonical forest on rows of float inputs.
//
//   auto scorer = VIGIE_TRY(make_boosted_scorer(std::move(boosted)));
//   scorer->score(rows, scores);   // rows: row-major, feature_count a row
//
// A factory validates its model and says at load what it cannot serve; score() cannot fail. A scorer is immutable:
// any number of threads may share it. Engines give equal bits, so the best one that the CPU has is taken.
#pragma once

#include <memory>
#include <span>

#include "base/result.h"
#include "model/forest.h"
#include "scoring/engine.h"
#include "scoring/packed_forest.h"

namespace vigie::scoring {

// Fewer rows than this are better scored one at a time: a block costs the same however full it is.
inline constexpr std::size_t kFewRows = 16;

class Scorer {
 public:
  virtual ~Scorer() = default;
  virtual std::size_t feature_count() const = 0;
  // out.size() rows; rows.size() = out.size() * feature_count(). Scores are in [0, 1].
  virtual void score(std::span<const float> rows, std::span<double> out) const = 0;
  // A block of up to kBlockRows rows, column by column: value f of row r is columns[f * kBlockRows + r]. `columns` is
  // aligned to 64 bytes and has kBlockRows values for every feature; those of rows that are not there are not NaN.
  virtual void score_block(const float* columns, std::span<double> out) const = 0;
};

// XGBoost's binary:logistic probability, bit for bit what libxgboost's predict gives (as float, widened).
Result<std::unique_ptr<Scorer>> make_boosted_scorer(const model::BoostedForest& model, Engine engine = best_engine());

// scikit-learn's -score_samples: 2^(-mean path length / c(sample_size)).
Result<std::unique_ptr<Scorer>> make_isolation_scorer(const model::IsolationForest& model,
                                                      Engine engine = best_engine());

// The slow obvious scorers that every faster one must equal: one row, straight from the definition.
double reference_score(const model::BoostedForest& model, std::span<const float> row);
double reference_score(const model::IsolationForest& model, std::span<const float> row);

}  // namespace vigie::scoring
