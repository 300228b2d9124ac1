// The past of clients and terminals out of recorded transactions, so that a history does not begin with nothing.
//
//   const auto rows = VIGIE_TRY(dataset::read_transaction_rows("transactions.csv", {.labels = Labels::kOptional}));
//   const auto told = VIGIE_TRY(tell_past(rows, keys, *history, 0, progress));
#pragma once

#include <cstdint>
#include <optional>

#include "base/progress.h"
#include "base/result.h"
#include "dataset/transaction_rows.h"
#include "history/event_keys.h"
#include "history/history.h"

namespace vigie::features {

struct PastTold {
  std::uint64_t counted = 0;
  std::uint64_t there_already = 0;  // told again
  std::uint64_t too_old = 0;        // in no window any more
  std::uint64_t labels = 0;         // frauds that count in their terminal's risk
};

// Observes each row at its own time, then says which were frauds, as all that is known by now. `clock`: up to when the
// history has events already, s since 1970-01-01 UTC; 0: it is empty; nothing: nobody knows. Rows that no window
// reaches by the later of that and the last row are left out, and so nothing counts twice where the same rows come
// again. Errors are the history's.
Result<PastTold> tell_past(const dataset::TransactionRows& rows, const history::EventKeys& keys,
                           history::History& history, std::optional<std::int64_t> clock,
                           Progress& progress = no_progress());

}  // namespace vigie::features
