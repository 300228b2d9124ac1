// What a set of rules would have done with transactions that are over and labelled: alerts, frauds caught, what that
// costs and saves, and what changes against another set.
//
//   const auto report = VIGIE_TRY(backtest_rules(rows, {{set, settings}, {present}}, options, progress));
//   report.sets[0].alerts.frauds; report.newly.transactions;
//
// The past of clients and terminals is rebuilt in time order by the history that serves requests; a fraud becomes known
// `label_delay` after it happened.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "dataset/transaction_rows.h"
#include "decision/fraud_service.h"
#include "decision/transaction_scorer.h"
#include "history/feature.h"
#include "rules/ruleset.h"

namespace vigie::decision {

// Rules, and what they are judged with.
struct BacktestSet {
  std::shared_ptr<const rules::Ruleset> rules;
  FraudOptions fraud{};
};

struct BacktestOptions {
  // Whose score joins the weights of the rules, and is what they read as `score`; without one there is no score.
  std::shared_ptr<const TransactionScorer> model{};
  std::int64_t label_delay = history::kRiskDelay;  // s, at least 0
  // Which transactions count, by their times; all of them are the past of later ones.
  std::optional<WallTime> from{};  // the first moment
  std::optional<WallTime> to{};    // the first moment after
};

// Some of the transactions. Amounts as they stand in the records, whatever their currencies.
struct Tally {
  std::uint64_t transactions = 0;
  std::uint64_t frauds = 0;
  double amount = 0;
  double fraud_amount = 0;

  void add(double of, bool fraud) {
    ++transactions;
    amount += of;
    if (!fraud) return;
    ++frauds;
    fraud_amount += of;
  }
  // NaN where there is nothing to divide by.
  double precision() const { return static_cast<double>(frauds) / static_cast<double>(transactions); }
  double recall(const Tally& all) const { return static_cast<double>(frauds) / static_cast<double>(all.frauds); }
};

struct RuleTally {
  Tally fired{};
  Tally alone{};  // where no other rule fired that is no shadow
  std::uint64_t errors = 0;
  std::uint64_t not_valid = 0;  // transactions before its `from`, or from its `to` on
};

struct SetTally {
  Tally alerts{};                  // to be verified or refused
  Tally refused{};                 // of the alerts
  std::vector<RuleTally> rules{};  // in the order of the set
};

struct BacktestReport {
  std::int64_t first = 0;  // us since 1970-01-01 UTC, of what counts
  std::int64_t last = 0;
  Tally all{};
  std::uint64_t before = 0;      // transactions that were the past only
  std::uint64_t repeated = 0;    // by the history: an id that came twice
  std::vector<SetTally> sets{};  // as they were given
  // The first set's alerts against the second's, where there are two.
  Tally newly{};
  Tally no_longer{};
  Tally both{};
};

// `sets`: one, or two to compare. kFailedPrecondition where no transaction counts; else errors of the history.
Result<BacktestReport> backtest_rules(const dataset::TransactionRows& rows, const std::vector<BacktestSet>& sets,
                                      const BacktestOptions& options, Progress& progress = no_progress());

}  // namespace vigie::decision
