// The days of a transaction model: which it learns from, is chosen on and is measured on, a label's delay apart.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "dataset/transaction_rows.h"
#include "training/prequential.h"

namespace vigie::training {

// What the shipped model learns from, is chosen on and is measured on.
struct TransactionCalendar {
  std::int64_t first = 0;  // learns from here on
  std::int64_t choice = 0;
  std::int64_t test = 0;
  std::vector<std::uint32_t> early;   // days before the choice's delay
  std::vector<std::uint32_t> choose;  // without clients that are known to be compromised, as below
  std::vector<std::uint32_t> learn;   // days before the test's delay
  std::vector<std::uint32_t> tests;
};

// From the rows' last day backwards: transaction_training.h says how. The protocol's folds and start do not matter.
// Errors: kInvalidData for too few days, or a part of them of one class only.
Result<TransactionCalendar> make_calendar(const dataset::TransactionRows& rows, const PrequentialOptions& protocol);

std::vector<std::uint8_t> labels_of(const dataset::TransactionRows& rows, std::span<const std::uint32_t> chosen);
std::uint64_t positives_of(std::span<const std::uint8_t> labels);

}  // namespace vigie::training
