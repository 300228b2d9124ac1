// What moves a card model's score, over many rows: see contributions.h.
#pragma once

#include <cstddef>

#include "base/result.h"
#include "model/combination.h"
#include "model/package.h"
#include "training/card_members.h"

namespace vigie::training {

// On rows of each class at equal distance, weighted so that each class weighs what all its rows do. The combination is
// of these members. The same whatever `threads` is. Errors: those of EnsembleExplainer.
Result<model::Contributions> measure_contributions(const CardMembers& members, const model::Combination& combination,
                                                   const CardData& data, std::size_t threads);

}  // namespace vigie::training
