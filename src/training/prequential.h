// The Fraud Detection Handbook's way to judge a detector (chapter 5, "Prequential validation"): train on some days,
// wait until their frauds are known, try on the next days; then all of it again, a test's length earlier.
//
//   const auto folds = VIGIE_TRY(prequential_folds(rows, {.start = kBookStartDay}));
//   ... fit on folds[0].train, score folds[0].test ...
//   const auto figures = VIGIE_TRY(prequential_figures(rows, folds[0].test, scores, 100));
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "dataset/transaction_rows.h"
#include "model/prequential.h"

namespace vigie::training {

struct PrequentialOptions {
  std::optional<std::int64_t> start{};  // first day that the latest fold trains on, days since 1970-01-01 UTC
  std::uint32_t folds = 4;
  std::uint32_t train_days = 7;
  std::uint32_t delay_days = 7;
  std::uint32_t test_days = 7;
  std::uint32_t cards = 100;
};

// 2018-08-15: chapter 5 tries models on the four weeks from 2018-08-08 to 2018-09-04.
inline constexpr std::int64_t kBookStartDay = 17'758;

// Row `row`'s day since 1970-01-01 UTC.
std::int64_t day_of(const dataset::TransactionRows& rows, std::size_t row);

// The rows of days [from, to), which are in order of time.
struct RowRange {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};
RowRange rows_of_days(const dataset::TransactionRows& rows, std::int64_t from, std::int64_t to);

// "2018-08-15" of days since 1970-01-01.
std::string date_of(std::int64_t day);

struct PrequentialSplit {
  std::int64_t train_from = 0;
  std::int64_t test_from = 0;
  std::vector<std::uint32_t> train;
  // Without clients that are known to be compromised: those with a fraud in the training days, or `delay_days` + 1 to
  // the test's own day before it.
  std::vector<std::uint32_t> test;
};

// Latest first. Without a start the book's own is taken where the rows reach over all its days, else the latest whose
// test days the rows reach over. Errors: kInvalidArgument for options out of range, kInvalidData where a fold has no
// days, or a class without rows.
Result<std::vector<PrequentialSplit>> prequential_folds(const dataset::TransactionRows& rows,
                                                        const PrequentialOptions& options);

// scores[i] belongs to row test[i]; rows in order of time. Errors: kInvalidData where a class has no rows.
Result<model::PrequentialFigures> prequential_figures(const dataset::TransactionRows& rows,
                                                      std::span<const std::uint32_t> test,
                                                      std::span<const double> scores, std::uint32_t cards);

// Mean over days of the share of clients with a fraud that day among the `cards` clients with the highest scores that
// day, clients so found on a day before left out of the days after. Equal scores go by who came first.
double card_precision(const dataset::TransactionRows& rows, std::span<const std::uint32_t> test,
                      std::span<const double> scores, std::uint32_t cards);

// Fills mean and deviation from the folds.
void summarise(model::PrequentialScorer& scorer);

}  // namespace vigie::training
