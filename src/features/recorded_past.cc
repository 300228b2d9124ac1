#include "features/recorded_past.h"

#include <algorithm>
#include <array>

#include "features/transaction_rows.h"
#include "history/embedded_history.h"
#include "history/feature.h"

namespace vigie::features {
namespace {

constexpr std::size_t kReportEvery = 4'096;  // rows

}  // namespace

Result<PastTold> tell_past(const dataset::TransactionRows& rows, const history::EventKeys& keys,
                           history::History& history, std::optional<std::int64_t> clock, Progress& progress) {
  PastTold told;
  if (rows.rows() == 0) return told;
  const auto second = [&](std::size_t row) { return keys.event(transaction_at(rows, row)).time; };
  // A terminal's window reaches further back than a client's, whose events tell what came twice.
  const std::int64_t reach = history::kLongestWindow + history::Bounds{}.late + (clock == 0 ? history::kRiskDelay : 0);
  const std::int64_t since = std::max(second(rows.rows() - 1), clock.value_or(0)) - reach;
  std::array<double, history::kFeatures> unused;
  progress.begin("history", rows.rows(), "transactions");
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    if (row % kReportEvery == 0) progress.advance_to(row);
    const domain::Event event = keys.event(transaction_at(rows, row));
    if (event.time <= since) {
      ++told.too_old;
      continue;
    }
    const history::Outcome outcome = VIGIE_TRY(history.observe(event, event.time, unused));
    ++(outcome == history::Outcome::kCounted ? told.counted : told.there_already);
  }
  for (std::size_t row = told.too_old; row < rows.rows(); ++row) {
    if (rows.labels[row] == 0) continue;
    const domain::Event event = keys.event(transaction_at(rows, row));
    if (event.terminal == 0) continue;
    const auto outcome =
        VIGIE_TRY(history.label({.id = event.id, .terminal = event.terminal, .time = event.time, .fraud = true}));
    if (outcome == history::LabelOutcome::kTaken) ++told.labels;
  }
  progress.end();
  return told;
}

}  // namespace vigie::features
