// The nearest sequence that keeps a trend, by weighted squares.
#pragma once

#include <span>

#include "model/scorecard.h"

namespace vigie::training {

// Changes `values` to the closest ones that rise, fall, or turn once (kPeak, kValley: at the turn that costs least).
// Pool adjacent violators (Ayer and others, 1955). weights[i] > 0. Equal neighbours are allowed.
void keep_trend(std::span<double> values, std::span<const double> weights, model::Trend trend);

}  // namespace vigie::training
