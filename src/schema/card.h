// The fields of a card transaction: the public ULB data set's columns (Dal Pozzolo et al., 2015) and what is computed
// from them. The order is the contract's (GET /features).
#pragma once

#include <span>

#include "schema/field.h"

namespace vigie::schema {

inline constexpr std::size_t kCardRaw = 30;         // Time, Amount, V1..V28
inline constexpr std::size_t kCardEngineered = 7;   // amount_zscore .. mean_abs_v
inline constexpr std::size_t kCardComponents = 28;  // V1..V28
inline constexpr std::size_t kCardInputs = kCardComponents + kCardEngineered;

// All 37, raw first.
std::span<const Field> card_fields();
// The first 30: what a request or a file must have.
std::span<const Field> card_raw_fields();
// V1..V28, then the seven engineered: the columns of the model's input, in order.
std::span<const Field> card_input_fields();
// "Class": 1 is a fraud.
const Field& card_label();

}  // namespace vigie::schema
