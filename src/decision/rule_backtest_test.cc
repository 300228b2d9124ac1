#include "decision/rule_backtest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/random.h"
#include "decision/random_transaction_model.h"
#include "decision/shipped_rules.h"
#include "features/transaction_rows.h"
#include "history/embedded_history.h"

namespace vigie::decision {
namespace {

using Set = std::shared_ptr<const rules::Ruleset>;

constexpr std::int64_t kMicros = 1'000'000;
constexpr std::int64_t kStart = 1'767'225'600;  // 2026-01-01

Set set_of(std::string_view yaml) {
  auto set = rules::Ruleset::parse(yaml, "rules.yaml", fraud_variables());
  if (!set) throw std::runtime_error(set.error().front().to_string());
  return std::make_shared<const rules::Ruleset>(*std::move(set));
}

struct Recorded {
  double amount;
  bool fraud;
  std::string country = "FR";
  std::string terminal = "T1";
  std::string client = "C1";
};

// A row an hour.
dataset::TransactionRows rows_of(const std::vector<Recorded>& given, std::int64_t step = 3'600) {
  dataset::TransactionRows rows;
  for (const Recorded& one : given) {
    const auto number = static_cast<std::int64_t>(rows.rows());
    rows.id.append("TX" + std::to_string(number));
    rows.client.append(one.client);
    rows.terminal.append(one.terminal);
    rows.country.append(one.country);
    rows.currency.append_missing();
    rows.channel.append_missing();
    rows.amount.push_back(one.amount);
    rows.type.push_back(1);
    rows.time.push_back((kStart + number * step) * kMicros);
    rows.unpaid.push_back(std::numeric_limits<double>::quiet_NaN());
    rows.labels.push_back(one.fraud ? 1 : 0);
  }
  return rows;
}

constexpr std::string_view kTwoRules =
    "rules:\n- {name: high, text: {fr: a, en: a}, when: montant > 100, outcome: verifier}\n"
    "- {name: there, text: {fr: b, en: b}, when: pays == 'NG', outcome: refuser}\n"
    "- {name: tried, text: {fr: c, en: c}, when: montant > 10, outcome: refuser, state: shadow}\n";

TEST(RuleBacktest, CountsAlertsFraudsAndMoney) {
  const auto rows = rows_of({{200, true}, {300, false}, {50, true, "NG"}, {500, true, "NG"}, {20, true}, {5, false}});
  const auto report = backtest_rules(rows, {{set_of(kTwoRules)}}, {}).value();
  EXPECT_EQ(report.all.transactions, 6);
  EXPECT_EQ(report.all.frauds, 4);
  EXPECT_EQ(report.all.fraud_amount, 770);
  ASSERT_EQ(report.sets.size(), 1);
  const SetTally& set = report.sets[0];
  EXPECT_EQ(set.alerts.transactions, 4);
  EXPECT_EQ(set.alerts.frauds, 3);
  EXPECT_EQ(set.alerts.precision(), 0.75);
  EXPECT_EQ(set.alerts.recall(report.all), 0.75);
  EXPECT_EQ(set.alerts.fraud_amount, 750) << "money saved";
  EXPECT_EQ(set.refused.transactions, 2);
  EXPECT_EQ(set.rules[0].fired.transactions, 3);
  EXPECT_EQ(set.rules[0].alone.transactions, 2);
  EXPECT_EQ(set.rules[0].alone.frauds, 1);
  EXPECT_EQ(set.rules[1].fired.frauds, 2);
  EXPECT_EQ(set.rules[1].alone.frauds, 1);
  EXPECT_EQ(set.rules[2].fired.transactions, 5) << "a shadow alerts nobody, and is counted";
  EXPECT_EQ(set.rules[2].alone.transactions, 1);
}

TEST(RuleBacktest, SaysWhatChanges) {
  const Set present = set_of("rules:\n- {name: high, text: {fr: a, en: a}, when: montant > 250, outcome: verifier}\n");
  const auto rows = rows_of({{200, true}, {300, false}, {50, true, "NG"}, {500, true, "NG"}, {20, true}, {5, false}});
  const auto report = backtest_rules(rows, {{set_of(kTwoRules)}, {present}}, {}).value();
  EXPECT_EQ(report.newly.transactions, 2);
  EXPECT_EQ(report.newly.frauds, 2);
  EXPECT_EQ(report.newly.fraud_amount, 250);
  EXPECT_EQ(report.no_longer.transactions, 0);
  EXPECT_EQ(report.both.transactions, 2);
  const auto back = backtest_rules(rows, {{present}, {set_of(kTwoRules)}}, {}).value();
  EXPECT_EQ(back.no_longer.transactions, 2);
  EXPECT_EQ(back.newly.transactions, 0);
}

TEST(RuleBacktest, FraudsBecomeKnownLate) {
  // A fraud at a terminal, then one transaction a day there.
  std::vector<Recorded> given(30, {10, false});
  given[0].fraud = true;
  const auto rows = rows_of(given, history::kDay);
  const Set set = set_of(
      "rules:\n- {name: risky, text: {fr: a, en: a}, when: historique.terminal_risque_30j > 0, outcome: verifier}\n");
  const auto alerts = [&](std::int64_t days) {
    return backtest_rules(rows, {{set}}, {.label_delay = days * history::kDay}).value().sets[0].alerts.transactions;
  };
  EXPECT_EQ(alerts(7), 23) << "from the eighth day on";
  EXPECT_EQ(alerts(0), 23) << "the risk itself looks a week back";
  EXPECT_EQ(alerts(20), 10);
}

TEST(RuleBacktest, CountsAPartOfTheTimeAndKeepsTheRestAsItsPast) {
  const auto rows = rows_of(std::vector<Recorded>(10, {10, false}));
  const Set set = set_of(
      "rules:\n- {name: often, text: {fr: a, en: a}, when: historique.nb_transactions_24h > 6, outcome: verifier}\n");
  BacktestOptions options;
  options.from = WallTime(std::chrono::seconds(kStart + 5 * 3'600));
  options.to = WallTime(std::chrono::seconds(kStart + 8 * 3'600));
  const auto report = backtest_rules(rows, {{set}}, options).value();
  EXPECT_EQ(report.before, 5);
  EXPECT_EQ(report.all.transactions, 3);
  EXPECT_EQ(report.sets[0].alerts.transactions, 2) << "the seventh and the eighth";
  EXPECT_EQ(report.first, rows.time[5]);
  EXPECT_EQ(report.last, rows.time[7]);

  options.from = options.to;
  options.to = options.from;
  const auto none = backtest_rules(rows, {{set}}, options);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Code::kFailedPrecondition);
}

TEST(RuleBacktest, ARuleThatCannotBeEvaluatedIsCounted) {
  const Set set = set_of("rules:\n- {name: e, text: {fr: e, en: e}, when: canal == 'mobile', outcome: refuser}\n");
  const auto report = backtest_rules(rows_of({{1, false}, {2, true}}), {{set}}, {}).value();
  EXPECT_EQ(report.sets[0].rules[0].errors, 2);
  EXPECT_EQ(report.sets[0].alerts.transactions, 0);
}

TEST(RuleBacktest, EachSetIsJudgedWithItsOwnThresholdsAndBands) {
  const Set set =
      set_of("rules:\n- {name: high, text: {fr: a, en: a}, when: montant > seuils.montant_eleve, weight: 0.4}\n");
  const auto rows = rows_of({{200, true}, {300, false}, {50, true}});
  FraudOptions low;
  low.thresholds.high_amount = 100;
  FraudOptions strict = low;
  strict.bands = {.middle = 0.1, .high = 0.3, .refuse = 0.4};
  const auto report = backtest_rules(rows, {{set, strict}, {set, low}}, {}).value();
  EXPECT_EQ(report.sets[0].alerts.transactions, 2);
  EXPECT_EQ(report.sets[0].refused.transactions, 2);
  EXPECT_EQ(report.sets[1].rules[0].fired.transactions, 2);
  EXPECT_EQ(report.sets[1].alerts.transactions, 0);
  EXPECT_EQ(report.newly.transactions, 2);
  EXPECT_EQ(backtest_rules(rows, {{set}}, {}).value().sets[0].rules[0].fired.transactions, 0);
}

TEST(RuleBacktest, SaysWhereARuleWasNotValid) {
  const Set set = set_of(
      "rules:\n- {name: later, text: {fr: a, en: a}, when: montant > 1, weight: 0.4, from: 2027-01-01}\n"
      "- {name: day, text: {fr: a, en: a}, when: montant > 1, weight: 0.4, from: 2026-01-01, to: 2026-01-01}\n"
      "- {name: always, text: {fr: a, en: a}, when: montant > 1, weight: 0.4}\n");
  const auto rows = rows_of(std::vector<Recorded>(5, {10, false}), 12 * 3'600);
  const SetTally tally = backtest_rules(rows, {{set}}, {}).value().sets[0];
  EXPECT_EQ(tally.rules[0].not_valid, 5);
  EXPECT_EQ(tally.rules[0].fired.transactions, 0);
  EXPECT_EQ(tally.rules[1].not_valid, 3);
  EXPECT_EQ(tally.rules[1].fired.transactions, 2);
  EXPECT_EQ(tally.rules[2].not_valid, 0);
}

// For each transaction a new history of all before it, with the labels that were known then.
void expect_the_same_alone(const std::shared_ptr<const TransactionScorer>& model, std::string_view rules) {
  Random random(7);
  std::vector<Recorded> given;
  for (int i = 0; i < 300; ++i) {
    given.push_back({.amount = static_cast<double>(1 + random.below(random.below(8) == 0 ? 20'000 : 200)),
                     .fraud = random.below(5) == 0,
                     .country = random.below(10) == 0  ? "NG"
                                : random.below(3) == 0 ? "IT"
                                                       : "FR",
                     .terminal = "T" + std::to_string(random.below(4)),
                     .client = "C" + std::to_string(random.below(12))});
  }
  const auto rows = rows_of(given, 4 * 3'600);
  const Set set = set_of(rules);
  const std::int64_t delay = 9 * history::kDay;
  const auto report = backtest_rules(rows, {{set}}, {.model = model, .label_delay = delay}).value();

  const history::EventKeys keys(KeyedHash({3, 4}));
  SetTally tally;
  std::map<std::uint32_t, Tally> fired;
  for (std::size_t now = 0; now < rows.rows(); ++now) {
    const std::shared_ptr<history::History> history = *history::EmbeddedHistory::make({});
    const auto transaction = features::transaction_at(rows, now);
    std::array<double, history::kFeatures> ignored;
    for (std::size_t i = 0; i < now; ++i) {
      const domain::Event event = keys.event(features::transaction_at(rows, i));
      ASSERT_TRUE(history->observe(event, event.time, ignored));
    }
    for (std::size_t i = 0; i < now; ++i) {
      const domain::Event event = keys.event(features::transaction_at(rows, i));
      if (rows.time[i] + delay * kMicros > rows.time[now]) continue;
      ASSERT_TRUE(history->label(
          {.id = event.id, .terminal = event.terminal, .time = event.time, .fraud = rows.labels[i] != 0}));
    }
    const FraudService service(history, keys, set, {.scorer = model}, {});
    FraudWork work(service);
    const auto decision = service.decide(transaction, transaction.time, work).value();
    if (decision.alert) tally.alerts.add(rows.amount[now], rows.labels[now] != 0);
    for (const rules::Hit& hit : work.verdict().hits) fired[hit.rule].add(rows.amount[now], rows.labels[now] != 0);
  }
  EXPECT_EQ(report.sets[0].alerts.transactions, tally.alerts.transactions);
  EXPECT_EQ(report.sets[0].alerts.frauds, tally.alerts.frauds);
  EXPECT_EQ(report.sets[0].alerts.amount, tally.alerts.amount);
  EXPECT_EQ(report.sets[0].alerts.fraud_amount, tally.alerts.fraud_amount);
  std::size_t different = 0;
  for (std::uint32_t rule = 0; rule < set->rules().size(); ++rule) {
    EXPECT_EQ(report.sets[0].rules[rule].fired.transactions, fired[rule].transactions) << set->rules()[rule].name;
    EXPECT_EQ(report.sets[0].rules[rule].fired.frauds, fired[rule].frauds) << set->rules()[rule].name;
    different += fired[rule].transactions > 0 ? 1 : 0;
  }
  EXPECT_GE(different, 5u) << "the random transactions were to fire most rules";
  EXPECT_GT(tally.alerts.transactions, 10u);
}

TEST(RuleBacktest, IsTheSameAsDecidingOnEachTransactionAlone) { expect_the_same_alone(nullptr, shipped_rules()); }

TEST(RuleBacktest, AModelsScoreJoinsTheRulesAndIsWhatTheyRead) {
  const auto model = TransactionScorer::make(
      random_transaction_model({"montant", "nb_transactions_24h", "montant_ratio_30j", "terminal_risque_30j"}, 11));
  ASSERT_TRUE(model) << model.error().to_string();
  const std::string rules = std::string(shipped_rules()) +
                            "  - {name: likely, text: {fr: a, en: a}, when: has(score) && score > 0.5, weight: 0.3}\n";
  expect_the_same_alone(*model, rules);
  const auto rows = rows_of({{200, true}, {3, false}, {50, true, "NG"}, {500, true, "NG"}, {20, true}, {5, false}});
  const Set unguarded = set_of("rules:\n- {name: any, text: {fr: a, en: a}, when: score >= 0.0, outcome: verifier}\n");
  EXPECT_EQ(backtest_rules(rows, {{unguarded}}, {}).value().sets[0].rules[0].errors, 6);
  const auto scored = backtest_rules(rows, {{unguarded}}, {.model = *model}).value();
  EXPECT_EQ(scored.sets[0].rules[0].errors, 0);
  EXPECT_EQ(scored.sets[0].alerts.transactions, 6);
}

}  // namespace
}  // namespace vigie::decision
