#include "training/transaction_calendar.h"

#include <algorithm>
#include <string>
#include <utility>

namespace vigie::training {
namespace {

// The longest window with its delay: from then on a history says all that it will ever say.
constexpr std::int64_t kWarmUpDays = 37;

std::vector<std::uint32_t> row_list(const dataset::TransactionRows& rows, std::int64_t from, std::int64_t to) {
  const RowRange range = rows_of_days(rows, from, to);
  std::vector<std::uint32_t> list;
  for (std::uint32_t row = range.begin; row < range.end; ++row) list.push_back(row);
  return list;
}

// The rows of the test days that begin with `test`, without the clients that a fold would leave out.
Result<std::vector<std::uint32_t>> tried_rows(const dataset::TransactionRows& rows, std::int64_t test,
                                              PrequentialOptions protocol) {
  protocol.folds = 1;
  protocol.start = test - protocol.delay_days - protocol.train_days;
  auto folds = VIGIE_TRY(prequential_folds(rows, protocol));
  return std::move(folds.front().test);
}

}  // namespace

std::vector<std::uint8_t> labels_of(const dataset::TransactionRows& rows, std::span<const std::uint32_t> chosen) {
  std::vector<std::uint8_t> labels;
  for (const std::uint32_t row : chosen) labels.push_back(rows.labels[row]);
  return labels;
}

std::uint64_t positives_of(std::span<const std::uint8_t> labels) {
  return static_cast<std::uint64_t>(std::ranges::count(labels, 1));
}

Result<TransactionCalendar> make_calendar(const dataset::TransactionRows& rows, const PrequentialOptions& protocol) {
  if (rows.rows() == 0) return fail(Code::kInvalidData, "there is no transaction", {}, "give some");
  const std::int64_t first = day_of(rows, 0);
  const std::int64_t end = day_of(rows, rows.rows() - 1) + 1;
  TransactionCalendar days;
  days.test = end - protocol.test_days;
  days.choice = days.test - protocol.delay_days - protocol.test_days;
  const std::int64_t early_end = days.choice - protocol.delay_days;
  const std::int64_t needed = 2 * std::int64_t{protocol.delay_days} + 2 * std::int64_t{protocol.test_days} +
                              2 * std::int64_t{protocol.train_days};
  if (end - first < needed) {
    return fail(Code::kInvalidData,
                "the rows go from " + date_of(first) + " to " + date_of(end - 1) + ", and training needs " +
                    std::to_string(needed) + " days",
                {.field = "date"}, "give more days, or shorter ones to learn from, wait for and try on");
  }
  days.first = first + std::min(kWarmUpDays, (early_end - first) / 2);
  days.early = row_list(rows, days.first, early_end);
  days.choose = VIGIE_TRY(tried_rows(rows, days.choice, protocol));
  days.learn = row_list(rows, days.first, days.test - protocol.delay_days);
  days.tests = VIGIE_TRY(tried_rows(rows, days.test, protocol));
  if (positives_of(labels_of(rows, days.early)) == 0) {
    return fail(Code::kInvalidData, "there is no fraud in the days from " + date_of(days.first) + " on to learn from",
                {.field = "fraude"}, "give more days");
  }
  return days;
}

}  // namespace vigie::training
