// Recorded transactions through the history of their clients and terminals, one by one in order of time, as a server
// would have seen them: the inputs of a transaction model, by the code that serves them.
//
// Nothing of a row's future reaches its inputs: a transaction is scored before it is observed, and that it was a fraud
// becomes known `label_delay` after it.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "dataset/transaction_rows.h"
#include "features/transaction.h"

namespace vigie::training {

// Calls visit(row, inputs) for every row, in order; `inputs` is overwritten by the next. `label_delay` in seconds, at
// least 0. Errors: those of history::History.
Status replay_transactions(const dataset::TransactionRows& rows, std::int64_t label_delay,
                           const std::function<void(std::size_t, features::TransactionView)>& visit,
                           Progress& progress = no_progress());

// Some inputs of some consecutive rows, as models take them.
struct TransactionMatrix {
  std::vector<std::size_t> inputs;  // places in features::transaction_inputs()
  std::size_t first = 0;            // row that values begin with
  std::vector<float> values;        // row-major, inputs.size() a row; NaN where there is no value

  std::size_t width() const { return inputs.size(); }
  std::span<const float> row(std::size_t row) const {
    return std::span(values).subspan((row - first) * width(), width());
  }
};

// Of the rows from `first` on; the rows before it are replayed all the same.
Result<TransactionMatrix> transaction_matrix(const dataset::TransactionRows& rows, std::int64_t label_delay,
                                             std::vector<std::size_t> inputs, std::size_t first,
                                             Progress& progress = no_progress());

}  // namespace vigie::training
