// Recorded transactions with what became of them, out of files, in order of time: what models learn from and what rules
// are tried on. CSV or NDJSON, plain or compressed, in one of two forms that the names of the columns tell apart:
//
//   own       transaction_id, client_id, montant, type, date_transaction, fraude, and where there are such columns
//             devise, pays, terminal_id, historique_impaye, canal (schema/transaction.h)
//   handbook  TRANSACTION_ID, TX_DATETIME, CUSTOMER_ID, TX_AMOUNT, TX_FRAUD, and where there is one TERMINAL_ID: the
//             columns of the Fraud Detection Handbook, which has card payments only, so that every type is paiement
//
// Columns may stand in any order; others are ignored. features/transaction_rows.h makes domain::Transactions of them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "dataset/bad_row.h"
#include "dataset/bytes.h"
#include "dataset/read.h"
#include "dataset/table.h"

namespace vigie::dataset {

enum class TransactionForm : std::uint8_t { kOwn, kHandbook };
std::string_view to_string(TransactionForm form);  // "own", "handbook"

// One value a row in each; rows in order of time, those of one moment in the file's order.
struct TransactionRows {
  TransactionForm form = TransactionForm::kOwn;
  TextColumn id;
  TextColumn client;
  TextColumn terminal;  // here and below missing where not given
  TextColumn country;
  TextColumn currency;
  TextColumn channel;
  std::vector<double> amount;        // at least 0: records have transactions over nothing, requests do not
  std::vector<std::uint8_t> type;    // place in the choices of schema's "type"
  std::vector<std::int64_t> time;    // microseconds since 1970-01-01 UTC
  std::vector<double> unpaid;        // NaN where not given
  std::vector<std::uint8_t> labels;  // 1 is a fraud
  bool sorted_here = false;          // the file was in another order
  std::uint64_t rejected = 0;
  std::string sha256;  // of the file's bytes as they are on disk; empty for a pipe

  std::size_t rows() const { return labels.size(); }
};

enum class Labels : std::uint8_t { kNeeded, kOptional };  // kOptional: what has none is no fraud as far as is known

struct TransactionRowsOptions {
  Labels labels = Labels::kNeeded;
  OnBadRow on_bad_row = OnBadRow::kFail;
  std::filesystem::path rejects{};  // with kReject: where bad rows go; empty: only counted
};

// Errors carry file, line, column and field. About 150 bytes a row in memory.
Result<TransactionRows> read_transaction_rows(const std::filesystem::path& path,
                                              const TransactionRowsOptions& options = {},
                                              Progress& progress = no_progress());
// The same of bytes in hand; without a hash.
Result<TransactionRows> read_transaction_rows(std::unique_ptr<ByteSource> source, FileForm form,
                                              const TransactionRowsOptions& options = {},
                                              Progress& progress = no_progress());

}  // namespace vigie::dataset
