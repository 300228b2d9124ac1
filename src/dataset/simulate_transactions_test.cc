#include "dataset/simulate_transactions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "dataset/csv.h"

namespace vigie::dataset {
namespace {

const TransactionSimulation kSmall{.seed = 3, .customers = 400, .terminals = 800, .days = 40, .reach = 12};

std::string as_text(const Table& table) {
  std::string text;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    for (const auto& column : table.columns()) {
      column.append_text(row, text);
      text += ',';
    }
    text += '\n';
  }
  return text;
}

std::span<const std::int64_t> integers(const Table& table, std::string_view name) {
  return table.find(name)->integers();
}

TEST(SimulateTransactions, HasTheHandbooksColumnsInItsOrder) {
  const auto table = simulate_transactions(kSmall);
  ASSERT_TRUE(table);
  std::vector<std::string> names;
  for (const auto& column : table->columns()) names.push_back(column.name());
  EXPECT_EQ(names, (std::vector<std::string>{"TRANSACTION_ID", "TX_DATETIME", "CUSTOMER_ID", "TERMINAL_ID", "TX_AMOUNT",
                                             "TX_TIME_SECONDS", "TX_TIME_DAYS", "TX_FRAUD", "TX_FRAUD_SCENARIO"}));
}

TEST(SimulateTransactions, TheSameSeedGivesTheSameTable) {
  const std::string once = as_text(*simulate_transactions(kSmall));
  EXPECT_EQ(once, as_text(*simulate_transactions(kSmall)));
  TransactionSimulation other = kSmall;
  other.seed = 4;
  EXPECT_NE(once, as_text(*simulate_transactions(other)));
}

TEST(SimulateTransactions, ColumnsAgreeWithEachOther) {
  const auto table = *simulate_transactions(kSmall);
  const auto id = integers(table, "TRANSACTION_ID");
  const auto moment = integers(table, "TX_DATETIME");
  const auto second = integers(table, "TX_TIME_SECONDS");
  const auto day = integers(table, "TX_TIME_DAYS");
  const auto fraud = integers(table, "TX_FRAUD");
  const auto scenario = integers(table, "TX_FRAUD_SCENARIO");
  const auto customer = integers(table, "CUSTOMER_ID");
  const auto terminal = integers(table, "TERMINAL_ID");
  const auto amount = table.find("TX_AMOUNT")->numbers();
  EXPECT_GT(table.rows(), 20'000u);
  EXPECT_TRUE(std::is_sorted(second.begin(), second.end()));
  for (std::size_t row = 0; row < table.rows(); ++row) {
    ASSERT_EQ(id[row], static_cast<std::int64_t>(row));
    ASSERT_EQ(moment[row], kSmall.start + second[row] * 1'000'000);
    ASSERT_EQ(day[row], second[row] / 86'400);
    ASSERT_LT(day[row], 40);
    ASSERT_GT(second[row] % 86'400, 0);
    ASSERT_EQ(fraud[row], scenario[row] != 0 ? 1 : 0);
    ASSERT_TRUE(customer[row] >= 0 && customer[row] < 400);
    ASSERT_TRUE(terminal[row] >= 0 && terminal[row] < 800);
    ASSERT_GE(amount[row], 0);
    ASSERT_EQ(amount[row], std::round(amount[row] * 100) / 100);
    ASSERT_TRUE(scenario[row] != 0 || amount[row] <= 220);
    ASSERT_TRUE(scenario[row] != 1 || amount[row] > 220);
  }
}

TEST(SimulateTransactions, ACompromisedTerminalIsFraudulentForFourWeeksOnEnd) {
  // One terminal only, so it is among the two of every day: every row is a fraud of scenario 2, or 3 on top of it.
  const auto all = *simulate_transactions({.seed = 1, .customers = 50, .terminals = 1, .days = 5, .reach = 150});
  for (const auto scenario : integers(all, "TX_FRAUD_SCENARIO")) ASSERT_GE(scenario, 2);

  // Without scenario 3 in the way (one customer in 400 is hit a day), runs of scenario 2 at a terminal last 28 days.
  TransactionSimulation options = kSmall;
  options.days = 120;
  const auto table = *simulate_transactions(options);
  const auto scenario = integers(table, "TX_FRAUD_SCENARIO");
  const auto terminal = integers(table, "TERMINAL_ID");
  const auto day = integers(table, "TX_TIME_DAYS");
  std::map<std::int64_t, std::set<std::int64_t>> honest;
  std::map<std::int64_t, std::set<std::int64_t>> dishonest;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (scenario[row] == 2) dishonest[terminal[row]].insert(day[row]);
    if (scenario[row] == 0) honest[terminal[row]].insert(day[row]);
  }
  EXPECT_GT(dishonest.size(), 100u);
  for (const auto& [at, days] : dishonest) {
    for (const auto honest_day : honest[at]) EXPECT_EQ(days.count(honest_day), 0u) << "half a day of fraud at " << at;
  }
}

TEST(SimulateTransactions, CustomersKeepToTheirNeighbourhood) {
  const auto table = *simulate_transactions({.seed = 2, .customers = 300, .terminals = 10'000, .days = 183});
  const auto customer = integers(table, "CUSTOMER_ID");
  const auto terminal = integers(table, "TERMINAL_ID");
  std::map<std::int64_t, std::set<std::int64_t>> used;
  for (std::size_t row = 0; row < table.rows(); ++row) used[customer[row]].insert(terminal[row]);
  std::size_t most = 0;
  for (const auto& [who, where] : used) most = std::max(most, where.size());
  // pi * 5^2 terminals lie in reach on average: 79; were any terminal used, several hundred would be.
  EXPECT_GT(most, 60u);
  EXPECT_LT(most, 125u);
}

TEST(SimulateTransactions, StartAndSizeAreTheCallers) {
  TransactionSimulation options = kSmall;
  options.start = 0;
  options.days = 1;
  const auto table = *simulate_transactions(options);
  std::string first;
  table.find("TX_DATETIME")->append_text(0, first);
  EXPECT_EQ(first.substr(0, 10), "1970-01-01");
}

TEST(SimulateTransactions, SaysWhatItCannotDo) {
  const auto code = [](const TransactionSimulation& options) { return simulate_transactions(options).error().code; };
  EXPECT_EQ(code({.customers = 0}), Code::kInvalidArgument);
  EXPECT_EQ(code({.terminals = 0}), Code::kInvalidArgument);
  EXPECT_EQ(code({.days = 0}), Code::kInvalidArgument);
  EXPECT_EQ(code({.days = 4'000}), Code::kInvalidArgument);
  EXPECT_EQ(code({.reach = 0}), Code::kInvalidArgument);
  EXPECT_EQ(code({.reach = std::nan("")}), Code::kInvalidArgument);
  EXPECT_EQ(code({.customers = 10'000'000, .days = 3'650}), Code::kResourceExhausted);
  EXPECT_EQ(code({.customers = 1, .terminals = 1, .days = 1, .reach = 1e-9}), Code::kInvalidData);
}

struct Summary {
  double rows_a_day;
  double amount;
  double deviation;
  double second;
  std::array<double, 4> scenarios;  // shares of all rows
};

Summary summarize(const Table& table, std::int64_t days) {
  Summary result{};
  const auto amount = *table.find("TX_AMOUNT")->to_numbers();
  const auto second = integers(table, "TX_TIME_SECONDS");
  const auto scenario = integers(table, "TX_FRAUD_SCENARIO");
  double rows = 0;
  double squares = 0;
  for (std::size_t row = 0; row < table.rows() && second[row] < days * 86'400; ++row) {
    ++rows;
    result.amount += amount[row];
    squares += amount[row] * amount[row];
    result.second += static_cast<double>(second[row] % 86'400);
    ++result.scenarios[static_cast<std::size_t>(scenario[row])];
  }
  result.rows_a_day = rows / static_cast<double>(days);
  result.amount /= rows;
  result.deviation = std::sqrt(squares / rows - result.amount * result.amount);
  result.second /= rows;
  for (auto& share : result.scenarios) share /= rows;
  return result;
}

TEST(SimulateTransactions, LooksLikeTheHandbooksOwnFile) {
  const char* folder = std::getenv("VIGIE_DATA_DIR");
  const auto path =
      std::filesystem::path(folder != nullptr ? folder : "../shared/data") / "transaction/handbook-transactions.csv.xz";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there; set VIGIE_DATA_DIR";
  const auto theirs = read_csv(path, {.columns = {"TX_AMOUNT", "TX_TIME_SECONDS", "TX_FRAUD_SCENARIO"}});
  ASSERT_TRUE(theirs) << theirs.error().to_string();
  constexpr std::int64_t kDays = 157;  // that the file has
  const Summary book = summarize(theirs->table, kDays);
  const Summary ours = summarize(*simulate_transactions({.seed = 1}), kDays);
  EXPECT_NEAR(ours.rows_a_day / book.rows_a_day, 1, 0.05);
  EXPECT_NEAR(ours.amount / book.amount, 1, 0.04);
  EXPECT_NEAR(ours.deviation / book.deviation, 1, 0.04);
  EXPECT_NEAR(ours.second, book.second, 300);
  // Scenarios hit a few hundred terminals and customers, so their shares differ more from run to run.
  EXPECT_NEAR(ours.scenarios[1] / book.scenarios[1], 1, 0.35);
  EXPECT_NEAR(ours.scenarios[2] / book.scenarios[2], 1, 0.2);
  EXPECT_NEAR(ours.scenarios[3] / book.scenarios[3], 1, 0.2);
}

}  // namespace
}  // namespace vigie::dataset
