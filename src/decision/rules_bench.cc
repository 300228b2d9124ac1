// What the rules that ship cost a transaction: decided on with features that are known, beside the floor of reading the
// same rows, and with the history that a replay rebuilds. Each run decides on all rows, and checks its alerts against
// those of a plain evaluation before any time is taken. Medians of nine.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "base/random.h"
#include "decision/fraud_service.h"
#include "decision/rule_backtest.h"
#include "decision/shipped_rules.h"
#include "features/transaction_rows.h"
#include "history/embedded_history.h"

namespace vigie::decision {
namespace {

constexpr std::size_t kRows = 100'000;

void require(bool condition, const char* what) {
  if (condition) return;
  std::cerr << "rules_bench: " << what << '\n';
  std::abort();
}

// A month of 5,000 clients at 2,000 terminals.
dataset::TransactionRows make_rows() {
  constexpr std::array<const char*, 5> kCountries = {"FR", "IT", "DE", "NG", "ES"};
  dataset::TransactionRows rows;
  Random random(1);
  for (std::size_t i = 0; i < kRows; ++i) {
    rows.id.append("TX" + std::to_string(i));
    rows.client.append("C" + std::to_string(random.below(5'000)));
    rows.terminal.append("T" + std::to_string(random.below(2'000)));
    rows.country.append(random.below(20) == 0 ? kCountries[1 + random.below(4)] : "FR");
    rows.currency.append("EUR");
    rows.channel.append("mobile");
    rows.amount.push_back(static_cast<double>(1 + random.below(random.below(50) == 0 ? 20'000 : 200)));
    rows.type.push_back(static_cast<std::uint8_t>(random.below(5)));
    rows.time.push_back((1'767'225'600 + static_cast<std::int64_t>(i) * 26) * 1'000'000);
    rows.unpaid.push_back(random.below(100) == 0 ? 1 : 0);
    rows.labels.push_back(random.below(100) == 0 ? 1 : 0);
  }
  return rows;
}

using Row = std::array<double, features::kTransactionInputs>;

struct Data {
  dataset::TransactionRows rows = make_rows();
  std::vector<domain::Transaction> transactions;
  std::vector<Row> features;
  std::shared_ptr<const rules::Ruleset> set;
  history::EventKeys keys{KeyedHash({1, 2})};
  std::size_t alerts = 0;

  Data() : features(kRows) {
    set = std::make_shared<const rules::Ruleset>(*rules::Ruleset::parse(shipped_rules(), "shipped", fraud_variables()));
    const auto history = *history::EmbeddedHistory::make({});
    for (std::size_t i = 0; i < kRows; ++i) {
      transactions.push_back(features::transaction_at(rows, i));
      features::fill_own_part(transactions[i], features[i]);
      const domain::Event event = keys.event(transactions[i]);
      require(history->observe(event, event.time, features::history_part(features[i])).has_value(), "no history");
    }
    alerts = plain_alerts();
    require(alerts > kRows / 200 && alerts < kRows / 5, "the rows are not what rules meet");
  }

  // By slots and verdicts of each row's own.
  std::size_t plain_alerts() {
    std::size_t count = 0;
    for (std::size_t i = 0; i < kRows; ++i) {
      FraudSlots slots({});
      rules::Scratch scratch;
      rules::Verdict verdict;
      set->evaluate(slots.fill(transactions[i], features::history_part(features[i])), transactions[i].time, scratch,
                    verdict);
      count += verdict.weight >= RiskBands().high ? 1 : 0;
    }
    return count;
  }
};

Data& data() {
  static Data made;
  return made;
}

void report(benchmark::State& state) {
  state.counters["transactions/s"] =
      benchmark::Counter(static_cast<double>(state.iterations() * kRows), benchmark::Counter::kIsRate);
}

void BM_FloorReadRows(benchmark::State& state) {
  const Data& all = data();
  for (auto _ : state) {
    double sum = 0;
    for (std::size_t i = 0; i < kRows; ++i) {
      for (const double value : all.features[i]) sum += value;
      sum += all.transactions[i].amount;
    }
    benchmark::DoNotOptimize(sum);
  }
  report(state);
}
BENCHMARK(BM_FloorReadRows)->Unit(benchmark::kMillisecond)->Repetitions(9)->ReportAggregatesOnly();

void BM_ShippedRules(benchmark::State& state) {
  const Data& all = data();
  const FraudService service(nullptr, all.keys, all.set, {}, {});
  FraudWork work(service);
  for (auto _ : state) {
    std::size_t alerts = 0;
    for (std::size_t i = 0; i < kRows; ++i) {
      std::ranges::copy(all.features[i], work.row().begin());
      alerts += service.judge(all.transactions[i], all.transactions[i].time, work).alert ? 1 : 0;
    }
    require(alerts == all.alerts, "other alerts than a plain evaluation has");
  }
  report(state);
}
BENCHMARK(BM_ShippedRules)->Unit(benchmark::kMillisecond)->Repetitions(9)->ReportAggregatesOnly();

void BM_ReplayWithHistory(benchmark::State& state) {
  const Data& all = data();
  for (auto _ : state) {
    const auto done = backtest_rules(all.rows, {{all.set}}, {});
    require(done.has_value() && done->all.transactions == kRows, "not all rows were replayed");
  }
  report(state);
}
BENCHMARK(BM_ReplayWithHistory)->Unit(benchmark::kMillisecond)->Repetitions(9)->ReportAggregatesOnly();

}  // namespace
}  // namespace vigie::decision
