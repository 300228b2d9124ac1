#include "decision/rule_backtest.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>

#include "features/transaction_rows.h"
#include "history/embedded_history.h"

namespace vigie::decision {
namespace {

constexpr std::size_t kReportEvery = 4'096;

std::int64_t second_of(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

// One of the sets, and what it did so far.
class Candidate {
 public:
  Candidate(std::shared_ptr<history::History> history, const history::EventKeys& keys, const BacktestSet& set)
      : service_(std::move(history), keys, set.rules, {}, set.fraud), work_(service_) {
    const std::vector<rules::Rule>& rules = set.rules->rules();
    tally_.rules.resize(rules.size());
    for (std::uint32_t i = 0; i < rules.size(); ++i) {
      if (rules[i].from || rules[i].to) dated_.push_back(i);
    }
  }

  // Whether it is an alert.
  bool judge(const domain::Transaction& transaction, features::TransactionRow row, std::optional<double> score,
             bool fraud) {
    std::ranges::copy(row, work_.row().begin());
    const FraudDecision decision = service_.judge(transaction, transaction.time, work_, score);
    const rules::Verdict& verdict = work_.verdict();
    const auto firing = std::ranges::count(verdict.hits, false, &rules::Hit::shadow);
    for (const rules::Hit& hit : verdict.hits) {
      RuleTally& rule = tally_.rules[hit.rule];
      rule.fired.add(transaction.amount, fraud);
      if (firing == (hit.shadow ? 0 : 1)) rule.alone.add(transaction.amount, fraud);
    }
    for (const rules::RuleError& error : verdict.errors) ++tally_.rules[error.rule].errors;
    for (const std::uint32_t rule : dated_) {
      if (!service_.ruleset().rules()[rule].valid_at(transaction.time)) ++tally_.rules[rule].not_valid;
    }
    if (decision.alert) tally_.alerts.add(transaction.amount, fraud);
    if (decision.outcome == rules::Outcome::kRefuse) tally_.refused.add(transaction.amount, fraud);
    return decision.alert;
  }

  SetTally take() && { return std::move(tally_); }

 private:
  FraudService service_;
  FraudWork work_;
  SetTally tally_;
  std::vector<std::uint32_t> dated_;  // rules that are not always valid
};

// Frauds as they become known while time goes on.
class LateLabels {
 public:
  LateLabels(const dataset::TransactionRows& rows, const history::EventKeys& keys, std::int64_t delay)
      : rows_(rows), keys_(keys), delay_(delay) {}

  // Of the first `seen` rows.
  Status tell_until(std::int64_t now, std::size_t seen, history::History& history) {
    for (; next_ < seen; ++next_) {
      if (second_of(WallTime(std::chrono::microseconds(rows_.time[next_]))) + delay_ > now) return {};
      if (rows_.labels[next_] == 0 || rows_.terminal.at(next_).empty()) continue;
      const domain::Event event = keys_.event(features::transaction_at(rows_, next_));
      VIGIE_TRY(history.label({.id = event.id, .terminal = event.terminal, .time = event.time, .fraud = true}));
    }
    return {};
  }

 private:
  const dataset::TransactionRows& rows_;
  const history::EventKeys& keys_;
  std::int64_t delay_;
  std::size_t next_ = 0;  // the first that nobody knows of
};

}  // namespace

Result<BacktestReport> backtest_rules(const dataset::TransactionRows& rows, const std::vector<BacktestSet>& sets,
                                      const BacktestOptions& options, Progress& progress) {
  const history::EventKeys keys(KeyedHash({1, 2}));  // of a history that nobody else ever sees
  const std::shared_ptr<history::History> history = VIGIE_TRY(history::EmbeddedHistory::make({}));
  std::deque<Candidate> candidates;
  for (const BacktestSet& set : sets) candidates.emplace_back(history, keys, set);

  BacktestReport report;
  LateLabels labels(rows, keys, options.label_delay);
  std::array<double, features::kTransactionInputs> row{};
  progress.begin("replay", rows.rows(), "transactions");
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const domain::Transaction transaction = features::transaction_at(rows, i);
    if (options.to && transaction.time >= *options.to) break;
    const std::int64_t now = second_of(transaction.time);
    VIGIE_TRY(labels.tell_until(now, i, *history));
    features::fill_own_part(transaction, row);
    const history::Outcome outcome =
        VIGIE_TRY(history->observe(keys.event(transaction), now, features::history_part(row)));
    if (outcome != history::Outcome::kCounted) ++report.repeated;
    if (i % kReportEvery == 0) progress.advance_to(i);
    if (options.from && transaction.time < *options.from) {
      ++report.before;
      continue;
    }
    const bool fraud = rows.labels[i] != 0;
    if (report.all.transactions == 0) report.first = rows.time[i];
    report.last = rows.time[i];
    report.all.add(transaction.amount, fraud);
    const std::optional<double> score = options.model ? std::optional(options.model->score(row)) : std::nullopt;
    const bool alert = candidates[0].judge(transaction, row, score, fraud);
    if (candidates.size() < 2) continue;
    const bool other = candidates[1].judge(transaction, row, score, fraud);
    if (alert && other) report.both.add(transaction.amount, fraud);
    if (alert && !other) report.newly.add(transaction.amount, fraud);
    if (!alert && other) report.no_longer.add(transaction.amount, fraud);
  }
  progress.end();
  if (report.all.transactions == 0) {
    return fail(Code::kFailedPrecondition, "no transaction is in the time that counts", {},
                "give another --from and --to");
  }
  for (Candidate& candidate : candidates) report.sets.push_back(std::move(candidate).take());
  return report;
}

}  // namespace vigie::decision
