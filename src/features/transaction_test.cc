#include "features/transaction.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <set>

#include "schema/transaction.h"

namespace vigie::features {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::sys_days;
using std::chrono::year;

double value(const domain::Transaction& transaction, std::string_view name) {
  std::array<double, kTransactionInputs> row{};
  fill_own_part(transaction, row);
  return row[find_transaction_input(name).value()];
}

TEST(TransactionInputs, HaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const TransactionInput& input : transaction_inputs()) {
    EXPECT_TRUE(names.insert(input.name).second) << input.name;
    EXPECT_FALSE(input.text_en.empty()) << input.name;
    EXPECT_FALSE(input.text_fr.empty()) << input.name;
  }
  EXPECT_FALSE(find_transaction_input("montants"));
}

TEST(TransactionInputs, TheHistoryStandsBehindTheTransactionsOwn) {
  for (std::size_t i = 0; i < history::kFeatures; ++i) {
    EXPECT_EQ(find_transaction_input(history::features()[i].name), kTransactionOwn + i);
  }
  std::array<double, kTransactionInputs> row{};
  history_part(row)[history::kCount] = 7;
  EXPECT_EQ(row[find_transaction_input(history::features()[history::kCount].name).value()], 7);
}

TEST(TransactionInputs, AreWhatTheTransactionSays) {
  const domain::Transaction friday_night{.id = "TX1",
                                         .client = "C1",
                                         .amount = 12.5,
                                         .type = 3,
                                         .time = sys_days(year(2026) / 11 / 20) + hours(23) + minutes(59),
                                         .unpaid = 2};
  EXPECT_EQ(value(friday_night, "montant"), 12.5);
  EXPECT_EQ(value(friday_night, "heure"), 23);
  EXPECT_EQ(value(friday_night, "jour_semaine"), 5);
  EXPECT_EQ(value(friday_night, "historique_impaye"), 2);
  EXPECT_EQ(value(friday_night, "type_depot"), 1);
  EXPECT_EQ(value(friday_night, "type_virement"), 0);
  EXPECT_TRUE(std::isnan(value({.id = "TX1", .client = "C1", .amount = 1}, "historique_impaye")));
}

TEST(TransactionInputs, HaveAFlagForEachTypeOfTheSchema) {
  const auto& choices = schema::transaction_fields()[schema::kType].choices;
  ASSERT_EQ(choices.size(), schema::kTransactionTypes);
  for (std::size_t type = 0; type < choices.size(); ++type) {
    std::string name = "type_" + std::string(choices[type]);
    if (const auto at = name.find("dépôt"); at != std::string::npos) name = "type_depot";
    EXPECT_EQ(value({.id = "T", .client = "C", .amount = 1, .type = static_cast<std::uint8_t>(type)}, name), 1) << name;
  }
}

}  // namespace
}  // namespace vigie::features
