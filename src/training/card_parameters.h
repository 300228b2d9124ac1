// The options of a card training as the package records them, and the check that they make sense.
#pragma once

#include <vector>

#include "base/result.h"
#include "model/package.h"
#include "training/card_training.h"

namespace vigie::training {

// kInvalidArgument naming the option and its range.
Status check_card_options(const CardTrainingOptions& options);

// In a fixed order; threads are left out: they change nothing.
std::vector<model::Parameter> card_parameters(const CardTrainingOptions& options);

}  // namespace vigie::training
