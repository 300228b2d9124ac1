// Weights that bring under-sampled data back to its true base rate.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"

namespace vigie::training {

// Positives weigh 1 and negatives n_pos (1 - P) / (P n_neg), so that the weighted share of positives is P.
// Without P: no weights (an empty vector). Errors: P outside (0, 1) is kInvalidArgument; with P, rows of one class only
// are kInvalidData.
Result<std::vector<double>> prevalence_weights(std::span<const std::uint8_t> labels, std::optional<double> prevalence);

}  // namespace vigie::training
