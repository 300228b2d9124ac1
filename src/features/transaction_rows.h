// Recorded transactions (dataset/transaction_rows.h) as the ones that a server is asked about: for training, and for
// trying rules on what was.
#pragma once

#include <cstddef>

#include "dataset/transaction_rows.h"
#include "domain/transaction.h"

namespace vigie::features {

// Row `row` of `rows`, whose texts it sees.
domain::Transaction transaction_at(const dataset::TransactionRows& rows, std::size_t row);

}  // namespace vigie::features
