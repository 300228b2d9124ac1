// What happens to card rows before any model sees them: checks, duplicates, weights.
#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "training/card_members.h"

namespace vigie::training {

// Refuses sizes that do not agree, values that are not finite, labels other than 0 and 1, unusable weights, fewer than
// two rows of either class.
Status check_card_rows(const CardData& data);

// The rows that are the first with their 30 values and label, ascending.
std::vector<std::uint32_t> distinct_card_rows(const CardData& data);

// Each row's weight times what brings the weighted share of positives to `prevalence`: positives keep theirs. Without a
// prevalence, the weights as they are.
Result<std::vector<double>> card_weights(const CardData& data, std::optional<double> prevalence);

}  // namespace vigie::training
