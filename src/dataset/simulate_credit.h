// People who asked for credit and what became of it, made up: for demonstrations, tests and the model that /score has
// before anybody trained one. docs/data.md tells the rule in full.
//
//   const Table table = VIGIE_TRY(simulate_credit({.seed = 7, .rows = 50'000}));
//
// The whole table is in memory, 64 bytes a row. A longer table begins with the rows of the shorter one.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "dataset/table.h"

namespace vigie::dataset {

struct CreditSimulation {
  std::uint64_t seed = 0;
  std::uint64_t rows = 50'000;  // 1 to 100 million
};

// Columns: the numbers of schema::applicant_fields() by name, then "defaut" (0 or 1). Optional ones are missing now and
// then, as they are in life. kInvalidArgument for an option out of range.
Result<Table> simulate_credit(const CreditSimulation& options);

// ln(P(default) / P(no default)) by the rule. An optional value (from `amount` on) that is NaN counts as average.
double simulated_default_margin(double age, double income, double unpaid, double amount, double debt_ratio,
                                double credits, double dependants);

}  // namespace vigie::dataset
