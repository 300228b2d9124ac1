// What training data looked like, for drift: a histogram and quantiles of every field and of the ensemble's score.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/package.h"
#include "training/card_members.h"

namespace vigie::training {

// All figures are weighted. Means, ranges and counts are of all rows; quantiles, and the bins drawn from them, of at
// most 16,384 rows at equal distance.

// All 37 fields, unscaled. What they look like does not depend on any model.
std::vector<model::FeatureReference> field_references(const CardData& data, const schema::AmountStatistics& amount);

// scores[i] belongs to row rows[i].
model::FeatureReference score_reference(const CardData& data, std::span<const std::uint32_t> rows,
                                        std::span<const double> scores);

// Each input's share of the boosted trees' gain, to the field of its name.
void add_importance(const model::BoostedForest& boosted, std::span<model::FeatureReference> fields);

}  // namespace vigie::training
