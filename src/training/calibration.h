// Platt's scaling: a score to a probability by a line in logit space, fitted by weighted maximum likelihood.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "model/combination.h"

namespace vigie::training {

// A Transform of kind kLogistic whose slope is at least 0: a score that ranks positives below negatives, or that does
// not vary, gives slope 0 and the base rate. Targets are smoothed as Platt (1999) did, so that separable scores have a
// finite fit. `scores` in [0, 1]; `weights`: one a row, or empty for all 1; both classes have weight.
model::Transform fit_platt(std::span<const double> scores, std::span<const std::uint8_t> labels,
                           std::span<const double> weights, std::size_t threads = 1);

}  // namespace vigie::training
