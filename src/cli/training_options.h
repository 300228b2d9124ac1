// Reads what `vigie train` is told in words: "0.4,0.6", "precision=0.9", "max_depth=6", "amount_log=1".
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "training/card_training.h"
#include "training/transaction_training.h"

namespace vigie::cli {

// "A,B" with A, B >= 0 and A + B > 0, scaled to sum 1; nothing for "auto". Errors are kInvalidArgument, here and below.
Result<std::optional<std::array<double, 2>>> parse_weights(std::string_view text);

// "f1", "precision=P", "recall=R", "alerts=N", "cost", or a number.
Status set_threshold(training::CardTrainingOptions& options, std::string_view text);
Status set_threshold(training::TransactionTrainingOptions& options, std::string_view text);

// "NAME=VALUE" by XGBoost's name; what the value may be is for training::set_boosted_parameter.
Status set_boosted(training::BoostedOptions& options, std::string_view setting);

// "FIELD=1", "FIELD=-1" or "FIELD=0" with FIELD one of the 35 model inputs.
Status set_monotone(training::BoostedOptions& options, std::string_view setting);

}  // namespace vigie::cli
