// A model's figures for a terminal: shared by train, evaluate and model show.
#pragma once

#include <span>
#include <string>

#include "model/evaluation.h"
#include "model/package.h"

namespace vigie::cli {

// A line a scorer, a column a metric, then intervals and the ensemble's confusion matrix.
std::string evaluation_text(const model::Evaluation& evaluation);

// Mean ± deviation over seeds: a line a scorer.
std::string seeds_text(std::span<const model::SeedSummary> seeds);

// The five inputs with the largest mean |contribution|: a line over all rows, a line over frauds. `inputs`: their
// names.
std::string contributions_text(const model::Contributions& contributions, std::span<const std::string> inputs);

// A line a scorer and fold, then its mean ± deviation; a column a metric.
std::string prequential_text(const model::Prequential& prequential);

}  // namespace vigie::cli
