// Small models with plausible figures, for tests: two real forests over the inputs, measured on scores drawn from two
// bell curves.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/package.h"
#include "model/transaction_model.h"

namespace vigie::model {

CardModel sample_card_model(std::uint64_t seed = 1);
TransactionModel sample_transaction_model(std::vector<std::string> inputs, std::uint64_t seed = 1);

}  // namespace vigie::model
