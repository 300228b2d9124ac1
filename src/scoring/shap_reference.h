// Shapley values from their definition, over all subsets of the features: what the Explainer must equal, for tests.
#pragma once

#include <span>
#include <vector>

#include "model/forest.h"

namespace vigie::scoring {

// What is expected of the margin, or of the mean path length, when the features of which `known` says true are known to
// have the row's values: trees go on both ways at the others, by cover (Lundberg et al. 2020, algorithm 1). With all
// known it is the row's output, with none the Explainer's base.
double reference_expectation(const model::BoostedForest& model, std::span<const float> row,
                             const std::vector<bool>& known);
double reference_expectation(const model::IsolationForest& model, std::span<const float> row,
                             const std::vector<bool>& known);

// One contribution a feature. Time doubles with every feature.
std::vector<double> reference_contributions(const model::BoostedForest& model, std::span<const float> row);
std::vector<double> reference_contributions(const model::IsolationForest& model, std::span<const float> row);

}  // namespace vigie::scoring
