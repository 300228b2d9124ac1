// What moves the score, over many rows: the mean size of each input's contribution, and how the largest depend on the
// input's value. Shapley values as scoring/ensemble_shap.h has them; means of their sizes as global importance, and
// dependence plots: Lundberg et al. 2020.
#pragma once

#include <cstddef>

#include "base/result.h"
#include "model/combination.h"
#include "model/package.h"
#include "training/card_members.h"

namespace vigie::training {

// So many rows of each class are explained, at most. A row takes about 0.11 ms without tables, nearly all of it for the
// isolation forest; building tables takes as long as 600 rows.
inline constexpr std::size_t kExplainedPerClass = 200;

// On rows of each class at equal distance, weighted so that each class weighs what all its rows do. The combination is
// of these members. The same whatever `threads` is. Errors: those of EnsembleExplainer.
Result<model::Contributions> measure_contributions(const CardMembers& members, const model::Combination& combination,
                                                   const CardData& data, std::size_t threads);

}  // namespace vigie::training
