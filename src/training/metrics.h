// Weighted figures of one scorer on labelled rows, with bootstrap intervals and the curves that the model card draws.
//
//   auto evaluation = VIGIE_TRY(evaluate_scorer("xgboost", scores, labels, weights, 0.4, {.replicates = 200}));
//
// An alarm is score > threshold. Definitions: docs/metrics.md.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "model/evaluation.h"
#include "training/ranking.h"

namespace vigie::training {

struct EvaluationOptions {
  std::uint32_t replicates = 200;  // of the bootstrap; 0 for no intervals
  std::uint64_t seed = 0;
  std::size_t threads = 1;
};

// `weights`: one a row, or empty for all 1. Intervals run from the 2.5 % to the 97.5 % quantile of Poisson bootstrap
// replicates. Errors: kInvalidData where a class has no weight or a value is not usable.
Result<model::ScorerEvaluation> evaluate_scorer(std::string_view scorer, std::span<const double> scores,
                                                std::span<const std::uint8_t> labels, std::span<const double> weights,
                                                double threshold, const EvaluationOptions& options);

// Probability that a positive outscores a negative, ties counting half.
double roc_auc(const Ranking& ranking);

// Sum over distinct scores of precision times gained recall, without interpolation: scikit-learn's
// average_precision_score.
double average_precision(const Ranking& ranking);

}  // namespace vigie::training
