// Transactions of customers at terminals by the rules of the "Reproducible Machine Learning for Credit Card Fraud
// Detection" handbook (Le Borgne, Siblini, Lebichot, Bontempi, 2022): for demonstrations, tests and the /fraude models.
// docs/data.md tells the rules in full.
//
//   const Table table = VIGIE_TRY(simulate_transactions({.seed = 7}, progress));   // 1.75 million rows
//
// The whole table is in memory, about 110 bytes a row. The same options give the same table everywhere.
#pragma once

#include <cstdint>

#include "base/progress.h"
#include "base/result.h"
#include "dataset/table.h"

namespace vigie::dataset {

struct TransactionSimulation {
  std::uint64_t seed = 0;
  std::uint32_t customers = 5'000;             // 1 to 10 million
  std::uint32_t terminals = 10'000;            // 1 to 10 million
  std::uint32_t days = 183;                    // 1 to 3,650
  std::int64_t start = 1'522'540'800'000'000;  // midnight, microseconds since 1970-01-01 UTC; 2018-04-01
  double reach = 5;                            // a customer uses the terminals within this distance, on a 100 x 100 map
};

// Columns in the handbook's order: TRANSACTION_ID (0, 1, ...), TX_DATETIME, CUSTOMER_ID, TERMINAL_ID, TX_AMOUNT
// (cents), TX_TIME_SECONDS and TX_TIME_DAYS (since the start), TX_FRAUD (0 or 1), TX_FRAUD_SCENARIO (0 none, 1, 2, 3).
// Rows are in order of time. kInvalidArgument for an option out of range, kInvalidData where no transaction came about,
// kResourceExhausted where more than 2^31 rows are to be expected (about 2 a customer and day).
Result<Table> simulate_transactions(const TransactionSimulation& options, Progress& progress = no_progress());

}  // namespace vigie::dataset
