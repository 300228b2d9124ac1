// A small card model with plausible figures, for tests: two real forests over the 35 inputs, measured on scores drawn
// from two bell curves.
#pragma once

#include <cstdint>

#include "model/package.h"

namespace vigie::model {

CardModel sample_card_model(std::uint64_t seed = 1);

}  // namespace vigie::model
