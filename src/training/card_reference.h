// What training data looked like, for drift: a histogram and quantiles of every field and of the ensemble's score.
#pragma once

#include <span>

#include "model/package.h"
#include "training/card_members.h"

namespace vigie::training {

// All 37 fields, unscaled, with each input's share of the boosted trees' gain; and the score. `score_rows` are the rows
// that `scores` belongs to. All figures are weighted. Means, ranges and counts are of all rows; quantiles, and the bins
// drawn from them, of at most 16,384 rows at equal distance.
model::Reference card_reference(const CardData& data, const schema::AmountStatistics& amount,
                                const model::BoostedForest& boosted, std::span<const std::uint32_t> score_rows,
                                std::span<const double> scores, std::size_t threads);

}  // namespace vigie::training
