#include "decision/shipped_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cmath>

#include "base/file.h"
#include "base/number.h"
#include "base/random.h"
#include "decision/fraud_variables.h"
#include "history/embedded_history.h"
#include "rules/ruleset.h"
#include "schema/transaction.h"

namespace vigie::decision {
namespace {

using testing::ElementsAre;

constexpr double kAbsent = std::numeric_limits<double>::quiet_NaN();
const WallTime kNoon = std::chrono::sys_days(std::chrono::year(2026) / 11 / 20) + std::chrono::hours(12);
const WallTime kThree = std::chrono::sys_days(std::chrono::year(2026) / 11 / 20) + std::chrono::hours(3);

using Past = std::array<double, history::kFeatures>;

// A client's first transaction.
Past first() {
  Past past{};
  for (const std::size_t window : {0, 1, 2, 3}) past[history::kCount + window] = 1;
  for (const std::size_t window : {0, 1, 2}) past[history::kRatio + window] = kAbsent;
  past[history::kDeviations] = kAbsent;
  past[history::kSinceLast] = kAbsent;
  return past;
}
Past with(std::initializer_list<std::pair<std::size_t, double>> values) {
  Past past = first();
  for (const auto& [place, value] : values) past[place] = value;
  return past;
}

domain::Transaction transaction(double amount) {
  return {.id = "TX1", .client = "C1", .amount = amount, .type = 0, .time = kNoon};
}

std::vector<std::string> fired(const domain::Transaction& transaction, const Past& past = first(),
                               const FraudThresholds& thresholds = {}) {
  static const auto set = rules::Ruleset::parse(shipped_rules(), "shipped", fraud_variables());
  if (!set) return {set.error().front().to_string()};
  FraudSlots slots(thresholds);
  rules::Scratch scratch;
  rules::Verdict verdict;
  set->evaluate(slots.fill(transaction, past), kNoon, scratch, verdict);
  std::vector<std::string> names;
  for (const rules::Hit& hit : verdict.hits) names.push_back(set->rules()[hit.rule].name);
  for (const rules::RuleError& error : verdict.errors) names.push_back(describe(error, *set, false));
  return names;
}

TEST(ShippedRules, AnOrdinaryTransactionFiresNone) {
  EXPECT_THAT(fired(transaction(2'000)), ElementsAre());
  auto here = transaction(2'000);
  here.country = "FR";
  here.terminal = "T1";
  here.unpaid = 0;
  EXPECT_THAT(fired(here), ElementsAre());
}

TEST(ShippedRules, AnAmountAboveTheThreshold) {
  EXPECT_THAT(fired(transaction(10'000)), ElementsAre());
  EXPECT_THAT(fired(transaction(10'000.01)), ElementsAre("montant_eleve"));
  EXPECT_THAT(fired(transaction(600), first(), {.high_amount = 500}), ElementsAre("montant_eleve"));
}

TEST(ShippedRules, MoreTransactionsInADayThanTheThreshold) {
  EXPECT_THAT(fired(transaction(10), with({{history::kCount + 1, 5}})), ElementsAre());
  EXPECT_THAT(fired(transaction(10), with({{history::kCount + 1, 6}})), ElementsAre("frequence_elevee"));
  EXPECT_THAT(fired(transaction(10), with({{history::kCount + 1, 3}}), {.transactions_a_day = 2}),
              ElementsAre("frequence_elevee"));
}

TEST(ShippedRules, ACountryThatIsListed) {
  auto there = transaction(10);
  for (const std::string_view country : {"NG", "RU", "KP"}) {
    there.country = country;
    EXPECT_THAT(fired(there), ElementsAre("pays_suspect")) << country;
    EXPECT_THAT(fired(there, first(), {.suspicious_countries = {}}), ElementsAre()) << country;
  }
  there.country = "FR";
  EXPECT_THAT(fired(there, first(), {.suspicious_countries = {"IT", "FR"}}), ElementsAre("pays_suspect"));
}

TEST(ShippedRules, UnpaidDebts) {
  auto unpaid = transaction(10);
  unpaid.unpaid = 1;
  EXPECT_THAT(fired(unpaid), ElementsAre("impayes"));
}

TEST(ShippedRules, AnAmountFarAboveTheClientsHabits) {
  EXPECT_THAT(fired(transaction(600), with({{history::kCount + 3, 6}, {history::kRatio + 2, 5.1}})),
              ElementsAre("montant_inhabituel"));
  EXPECT_THAT(fired(transaction(600), with({{history::kCount + 3, 6}, {history::kRatio + 2, 4.9}})), ElementsAre());
  EXPECT_THAT(fired(transaction(600), with({{history::kCount + 3, 5}, {history::kRatio + 2, 5.1}})), ElementsAre());
}

TEST(ShippedRules, AHighAmountAtNight) {
  auto night = transaction(10'001);
  night.time = kThree;
  EXPECT_THAT(fired(night), ElementsAre("montant_eleve", "montant_eleve_la_nuit"));
  night.amount = 100;
  EXPECT_THAT(fired(night), ElementsAre());
}

TEST(ShippedRules, ACountryThatIsNewToAKnownClient) {
  auto abroad = transaction(10);
  abroad.country = "IT";
  EXPECT_THAT(fired(abroad, with({{history::kCount + 3, 2}, {history::kNewCountry, 1}})), ElementsAre("nouveau_pays"));
  EXPECT_THAT(fired(abroad, with({{history::kNewCountry, 1}})), ElementsAre()) << "all is new to a first transaction";
}

TEST(ShippedRules, ATerminalWithFrauds) {
  auto shop = transaction(10);
  shop.terminal = "T1";
  EXPECT_THAT(fired(shop, with({{history::kTerminalRisk + 2, 0.3}})), ElementsAre("terminal_a_risque"));
  EXPECT_THAT(fired(shop, with({{history::kTerminalRisk + 2, 0.1}})), ElementsAre());
}

TEST(FraudVariables, AreAllInTheTable) {
  const std::string table = fraud_variable_table();
  for (const rules::Variable& variable : fraud_variables().all()) {
    EXPECT_NE(table.find("`" + variable.name + "`"), std::string::npos) << variable.name;
  }
  EXPECT_EQ(fraud_variables().size(), schema::kTransactionFields + 4 + history::kFeatures);
}

TEST(FraudVariables, AreOptionalWhereTheHistoryMayHaveNothing) {
  const std::shared_ptr<history::History> history = *history::EmbeddedHistory::make({});
  Random random(5);
  std::array<bool, history::kFeatures> absent{};
  for (std::uint64_t i = 1; i <= 2'000; ++i) {
    const domain::Event event{.id = i,
                              .client = 1 + random.below(200),
                              .terminal = random.below(5),  // 0: none
                              .cents = 1 + random.below(100'000),
                              .time = 1'767'225'600 + static_cast<std::int64_t>(i * 7'200),
                              .country = static_cast<std::uint16_t>(random.below(3)),
                              .type = static_cast<std::uint8_t>(random.below(5))};
    std::array<double, history::kFeatures> row{};
    ASSERT_TRUE(history->observe(event, event.time, row));
    for (std::size_t k = 0; k < row.size(); ++k) absent[k] = absent[k] || std::isnan(row[k]);
  }
  for (std::size_t k = 0; k < absent.size(); ++k) {
    const auto slot = fraud_variables().find("historique." + std::string(history::features()[k].name));
    ASSERT_TRUE(slot);
    EXPECT_EQ(fraud_variables()[*slot].optional, absent[k]) << fraud_variables()[*slot].name;
  }
}

TEST(FraudVariables, TheRulesThatShipReadNothingUnguarded) {
  const auto set = rules::Ruleset::parse(shipped_rules(), "shipped", fraud_variables());
  EXPECT_TRUE(set->warnings().empty()) << set->warnings()[0].to_string();
  const auto careless = rules::Ruleset::parse(
      "rules: [{name: a, text: {fr: a, en: a}, when: score > 0.5 || canal == 'mobile', weight: 0.1}]", "rules.yaml",
      fraud_variables());
  ASSERT_TRUE(careless);
  ASSERT_EQ(careless->warnings().size(), 2);
  EXPECT_EQ(careless->warnings()[1].remedy, "write has(canal) && ...");
}

TEST(FraudVariables, AreInTheDocumentAndSoAreTheRulesThatShip) {
  const auto page = read_file("docs/rules.md");
  if (!page) GTEST_SKIP() << page.error().to_string();
  EXPECT_NE(page->find(fraud_variable_table()), std::string::npos) << "docs/rules.md should have this table:\n"
                                                                   << fraud_variable_table();
  const auto set = rules::Ruleset::parse(shipped_rules(), "shipped", fraud_variables());
  for (const rules::Rule& rule : set->rules()) {
    const std::string line = "| `" + rule.name + "` | `" + rule.when + "` | " + format_double(*rule.weight) + " |\n";
    EXPECT_NE(page->find(line), std::string::npos) << line;
  }
}

TEST(FraudVariables, HaveTheValuesOfTheTransaction) {
  const domain::Transaction all{.id = "TX9",
                                .client = "C9",
                                .amount = 12.5,
                                .type = 3,
                                .time = kThree,
                                .currency = "EUR",
                                .country = "FR",
                                .terminal = "T9",
                                .channel = "mobile",
                                .unpaid = 2};
  const std::string when =
      "transaction_id == 'TX9' && client_id == 'C9' && montant == 12.5 && type == 'dépôt' && devise == 'EUR' "
      "&& pays == 'FR' && terminal_id == 'T9' && canal == 'mobile' && historique_impaye == 2 && score == 0.25 "
      "&& heure(date_transaction) == 3 && historique.nouveau_terminal && historique.nb_transactions_24h == 1 "
      "&& !has(historique.montant_ratio_7j) && seuils.montant_eleve == 10000 && seuils.nb_transactions_24h == 5";
  rules::Rule rule;
  rule.name = "all";
  rule.when = when;
  rule.weight = 0.5;
  const auto set = rules::Ruleset::make({rule}, fraud_variables());
  ASSERT_TRUE(set) << set.error().front().to_string();
  FraudSlots slots({});
  rules::Scratch scratch;
  rules::Verdict verdict;
  set->evaluate(slots.fill(all, with({{history::kNewTerminal, 1}}), 0.25), kNoon, scratch, verdict);
  EXPECT_TRUE(verdict.errors.empty());
  EXPECT_EQ(verdict.hits.size(), 1);
}

}  // namespace
}  // namespace vigie::decision
