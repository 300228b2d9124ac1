// What one column of training rows looks like, for drift and for explanations.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "model/package.h"

namespace vigie::training {

// As describe_columns.h says, of the values that are not NaN; all 0 where there are none. One label a value.
model::FeatureReference column_reference(std::string name, std::span<const double> values,
                                         std::span<const std::uint8_t> labels);

}  // namespace vigie::training
