#include "features/recorded_past.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cmath>
#include <string>

#include "base/clock.h"
#include "dataset/bytes.h"
#include "features/transaction.h"
#include "features/transaction_rows.h"
#include "history/embedded_history.h"

namespace vigie::features {
namespace {

const history::EventKeys kKeys{KeyedHash({1, 2})};

Result<dataset::TransactionRows> read_rows(const std::string& text, dataset::Labels labels) {
  const auto form = text.starts_with('{') ? dataset::FileForm::kNdjson : dataset::FileForm::kCsv;
  return dataset::read_transaction_rows(dataset::bytes_in_memory(text, "past.csv"), form, {.labels = labels});
}

dataset::TransactionRows rows_of(const std::string& text) {
  auto rows = read_rows(text, dataset::Labels::kOptional);
  EXPECT_TRUE(rows) << rows.error().to_string();
  return rows ? *std::move(rows) : dataset::TransactionRows();
}

constexpr const char* kPast =
    "transaction_id,client_id,montant,type,date_transaction,terminal_id\n"
    "TX3,C1,30,paiement,2026-01-20T12:00:00Z,T1\n"
    "TX1,C1,10,paiement,2026-01-01T12:00:00Z,T1\n"
    "TX2,C2,20,paiement,2026-01-02T12:00:00Z,T1\n";

double feature(history::History& history, const std::string& client, const std::string& day, const char* name) {
  const auto rows = rows_of("transaction_id,client_id,montant,type,date_transaction,terminal_id\nTX9," + client +
                            ",5,paiement," + day + ",T1\n");
  const domain::Transaction transaction = transaction_at(rows, 0);
  std::array<double, kTransactionInputs> row{};
  fill_own_part(transaction, row);
  EXPECT_TRUE(history.read(kKeys.event(transaction), history_part(row)));
  for (std::size_t i = 0; i < kTransactionInputs; ++i) {
    if (transaction_inputs()[i].name == name) return row[i];
  }
  ADD_FAILURE() << "no feature " << name;
  return NAN;
}

TEST(RecordedPast, IsThePastOfWhatComesNext) {
  const auto history = history::EmbeddedHistory::make({}).value();
  const auto told = tell_past(rows_of(kPast), kKeys, *history, history->clock());
  ASSERT_TRUE(told);
  EXPECT_EQ(told->counted, 3);
  EXPECT_EQ(feature(*history, "C1", "2026-01-21T12:00:00Z", "nb_transactions_30j"), 3) << "two, and itself";
  EXPECT_EQ(feature(*history, "C2", "2026-01-21T12:00:00Z", "nb_transactions_30j"), 2);
}

TEST(RecordedPast, ToldAgainOrOlderChangesWhatItShould) {
  const auto history = history::EmbeddedHistory::make({}).value();
  ASSERT_TRUE(tell_past(rows_of(kPast), kKeys, *history, history->clock()));
  const auto again = tell_past(rows_of(kPast), kKeys, *history, history->clock());
  EXPECT_EQ(again->counted, 0);
  EXPECT_EQ(again->there_already, 3);
  const auto older = tell_past(rows_of("transaction_id,client_id,montant,type,date_transaction\n"
                                       "TX0,C1,30,paiement,2025-12-30T12:00:00Z\n"),
                               kKeys, *history, history->clock());
  EXPECT_EQ(older->counted, 1) << "weeks before what is there";
  EXPECT_EQ(feature(*history, "C1", "2026-01-21T12:00:00Z", "nb_transactions_30j"), 4);
}

TEST(RecordedPast, FraudsCountAtTheirTerminals) {
  const auto history = history::EmbeddedHistory::make({}).value();
  const auto told = tell_past(rows_of("transaction_id,client_id,montant,type,date_transaction,terminal_id,fraude\n"
                                      "TX1,C1,10,paiement,2026-01-01T12:00:00Z,T1,1\n"
                                      "TX2,C2,20,paiement,2026-01-02T12:00:00Z,T1,0\n"
                                      "TX3,C2,20,virement,2026-01-02T12:00:00Z,,1\n"),
                              kKeys, *history, 0);
  EXPECT_EQ(told->labels, 1) << "the other fraud was at no terminal";
  EXPECT_EQ(feature(*history, "C3", "2026-01-20T12:00:00Z", "terminal_risque_30j"), 0.5);
}

// By the slow way: everything is observed. Telling all of it twice is as telling it once.
TEST(RecordedPast, WhatNoWindowReachesIsLeftOut) {
  std::string csv = "transaction_id,client_id,montant,type,date_transaction,terminal_id\n";
  for (int hour = 0; hour < 24 * 60; hour += 5) {
    const WallTime time = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1) + std::chrono::hours(hour);
    csv +=
        "TX" + std::to_string(hour) + ",C" + std::to_string(hour % 3) + ",10,paiement," + format_time(time) + ",T1\n";
  }
  const auto rows = rows_of(csv);
  const auto all = history::EmbeddedHistory::make({}).value();
  std::array<double, history::kFeatures> unused;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    const domain::Event event = kKeys.event(transaction_at(rows, row));
    ASSERT_TRUE(all->observe(event, event.time, unused));
  }
  const auto history = history::EmbeddedHistory::make({}).value();
  const auto told = tell_past(rows, kKeys, *history, 0);
  EXPECT_GT(told->too_old, 90);
  EXPECT_EQ(told->too_old + told->counted, rows.rows());
  const auto again = tell_past(rows, kKeys, *history, history->clock());
  EXPECT_EQ(again->counted, 0);
  for (const char* const name : {"nb_transactions_30j", "terminal_nb_30j", "montant_total_30j"}) {
    EXPECT_EQ(feature(*history, "C1", "2026-03-01T23:00:00Z", name), feature(*all, "C1", "2026-03-01T23:00:00Z", name))
        << name;
  }
}

TEST(RecordedPast, LabelsAreNeededOnlyWhereTheyAreLearntFrom) {
  const auto rows = read_rows(kPast, dataset::Labels::kNeeded);
  ASSERT_FALSE(rows);
  EXPECT_NE(rows.error().message.find("fraude"), std::string::npos) << rows.error().message;
  EXPECT_EQ(rows_of(R"({"transaction_id": "TX1", "client_id": "C1", "montant": 3, "type": "retrait",)"
                    R"( "date_transaction": "2026-01-01"})"
                    "\n")
                .rows(),
            1);
}

}  // namespace
}  // namespace vigie::features
