#include "dataset/transaction_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <string>

#include "base/file.h"
#include "base/sha256.h"
#include "dataset/read.h"
#include "dataset/simulate_transactions.h"

namespace vigie::dataset {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kBook =
    "TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_TIME_SECONDS,TX_TIME_DAYS,TX_FRAUD\n";
constexpr std::string_view kOwn =
    "fraude,montant,transaction_id,client_id,type,date_transaction,pays,historique_impaye\n";

class TransactionRowsTest : public ::testing::Test {
 protected:
  TransactionRowsTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "vigie-transaction-rows-XXXXXX").native();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~TransactionRowsTest() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(const std::string& name, const std::string& text) {
    const auto path = folder_ / name;
    EXPECT_TRUE(write_file(path, text));
    return path;
  }

  std::filesystem::path folder_;
};

std::string text_of(const Error& error) { return error.to_string(); }

TEST_F(TransactionRowsTest, TheHandbooksColumnsArePayments) {
  const std::string text = std::string(kBook) + "0,2018-04-01 00:00:31,596,3156,57.16,31,0,0\n" +
                           "1,2018-04-01 00:02:10,4961,,0.0,130,0,1\n";
  const auto rows = read_transaction_rows(write("a.csv", text));
  ASSERT_TRUE(rows) << text_of(rows.error());
  ASSERT_EQ(rows->rows(), 2u);
  EXPECT_EQ(rows->form, TransactionForm::kHandbook);
  EXPECT_EQ(rows->id.at(0), "0");
  EXPECT_EQ(rows->client.at(1), "4961");
  EXPECT_EQ(rows->terminal.at(0), "3156");
  EXPECT_EQ(rows->terminal.codes()[1], kMissingText);
  EXPECT_THAT(rows->amount, ElementsAre(57.16, 0));
  EXPECT_THAT(rows->type, ElementsAre(1, 1)) << "paiement";
  EXPECT_THAT(rows->time, ElementsAre(1'522'540'831'000'000, 1'522'540'930'000'000));
  EXPECT_THAT(rows->labels, ElementsAre(0, 1));
  EXPECT_TRUE(std::isnan(rows->unpaid[0]));
  EXPECT_FALSE(rows->sorted_here);
  EXPECT_EQ(rows->sha256, sha256_hex(text));
}

TEST_F(TransactionRowsTest, OurOwnColumnsInAnyOrder) {
  const auto rows = read_transaction_rows(write("a.csv", std::string(kOwn) +
                                                             "1,2000,TX1,C1,Dépôt,2026-11-21T10:15:00.5+01:00,FR,2\n" +
                                                             "0,3.5,TX2,C2,virement,2026-11-21 12:00:00,,\n"));
  ASSERT_TRUE(rows) << text_of(rows.error());
  EXPECT_EQ(rows->form, TransactionForm::kOwn);
  EXPECT_EQ(rows->id.at(0), "TX1");
  EXPECT_THAT(rows->type, ElementsAre(3, 0));
  EXPECT_EQ(rows->country.at(0), "FR");
  EXPECT_EQ(rows->country.codes()[1], kMissingText);
  EXPECT_EQ(rows->unpaid[0], 2);
  EXPECT_TRUE(std::isnan(rows->unpaid[1]));
  EXPECT_EQ(rows->time[0] % 1'000'000, 500'000);
  EXPECT_THAT(rows->labels, ElementsAre(1, 0));
}

TEST_F(TransactionRowsTest, AFileOutOfOrderIsSortedByTimeAndOnlyByTime) {
  const auto rows = read_transaction_rows(write("a.csv", std::string(kBook) + "0,2018-04-02,1,1,1,0,0,0\n"
                                                                              "1,2018-04-01,2,1,2,0,0,1\n"
                                                                              "2,2018-04-02,3,1,3,0,0,0\n"
                                                                              "3,2018-04-01,4,1,4,0,0,0\n"));
  ASSERT_TRUE(rows) << text_of(rows.error());
  EXPECT_TRUE(rows->sorted_here);
  EXPECT_THAT(rows->amount, ElementsAre(2, 4, 1, 3));
  EXPECT_THAT(rows->labels, ElementsAre(1, 0, 0, 0));
  EXPECT_EQ(rows->id.at(0), "1");
  EXPECT_EQ(rows->client.at(3), "3");
}

TEST_F(TransactionRowsTest, NdjsonGivesTheSameRows) {
  const auto csv = read_transaction_rows(
      write("a.csv", std::string(kOwn) + "1,2000,01,C1,retrait,2026-11-21,FR,2\n0,3.5,TX2,C2,virement,2026-11-22,,\n"));
  const auto json = read_transaction_rows(write(
      "a.ndjson",
      R"({"transaction_id": "01", "client_id": "C1", "montant": 2000, "type": "retrait", "date_transaction": "2026-11-21", "pays": "FR", "historique_impaye": "2", "fraude": true})"
      "\n"
      R"({"transaction_id": "TX2", "client_id": "C2", "montant": 3.5, "type": "virement", "date_transaction": "2026-11-22", "pays": null, "fraude": 0, "more": [1]})"
      "\n"));
  ASSERT_TRUE(csv) << text_of(csv.error());
  ASSERT_TRUE(json) << text_of(json.error());
  EXPECT_EQ(json->form, csv->form);
  EXPECT_EQ(json->amount, csv->amount);
  EXPECT_EQ(json->time, csv->time);
  EXPECT_EQ(json->type, csv->type);
  EXPECT_EQ(json->labels, csv->labels);
  EXPECT_EQ(json->id.at(0), "01");
  EXPECT_EQ(json->country.at(0), "FR");
  EXPECT_EQ(json->unpaid[0], 2);
}

TEST_F(TransactionRowsTest, WhatVigieSimulatesCanBeRead) {
  auto table = simulate_transactions({.customers = 20, .terminals = 50, .days = 5});
  ASSERT_TRUE(table);
  for (const std::string name : {"a.csv.zst", "a.ndjson"}) {
    ASSERT_TRUE(write_table(*table, folder_ / name));
    const auto rows = read_transaction_rows(folder_ / name);
    ASSERT_TRUE(rows) << text_of(rows.error());
    EXPECT_EQ(rows->rows(), table->rows());
    EXPECT_FALSE(rows->sorted_here);
    EXPECT_TRUE(std::ranges::equal(rows->amount, table->find("TX_AMOUNT")->numbers()));
    EXPECT_TRUE(std::ranges::equal(rows->time, table->find("TX_DATETIME")->integers()));
  }
}

TEST_F(TransactionRowsTest, ABadRowIsTheErrorOrIsPutAside) {
  struct Case {
    std::string row;
    std::string field;
    std::string reason;
  };
  const Case cases[] = {
      {"0,2018-04-01,1,1,-5,0,0,0\n", "TX_AMOUNT", "at least 0"},
      {"0,2018-04-01,1,1,abc,0,0,0\n", "TX_AMOUNT", "\"abc\" is not a finite number"},
      {"0,2018-04-01,1,1,,0,0,0\n", "TX_AMOUNT", "missing"},
      {"0,2018-04-01,1,1,1e400,0,0,0\n", "TX_AMOUNT", "is not a finite number"},
      {"0,yesterday,1,1,5,0,0,0\n", "TX_DATETIME", "\"yesterday\" is not a date and time"},
      {"0,,1,1,5,0,0,0\n", "TX_DATETIME", "missing"},
      {"0,1969-12-31,1,1,5,0,0,0\n", "TX_DATETIME", "is not a date"},
      {"0,2018-04-01,a b,1,5,0,0,0\n", "CUSTOMER_ID", "1 to 64 letters"},
      {"0,2018-04-01,,1,5,0,0,0\n", "CUSTOMER_ID", "missing"},
      {"0,2018-04-01,1,1,5,0,0,2\n", "TX_FRAUD", "is not 0 or 1"},
      {"0,2018-04-01,1,1,5,0,0,\n", "TX_FRAUD", "missing"},
  };
  for (const Case& bad : cases) {
    const auto path = write("a.csv", std::string(kBook) + "9,2018-04-01,1,1,5,0,0,0\n" + bad.row);
    const auto refused = read_transaction_rows(path);
    ASSERT_FALSE(refused) << bad.row;
    EXPECT_EQ(refused.error().place.field, bad.field) << bad.row;
    EXPECT_EQ(refused.error().place.line, 3u) << bad.row;
    EXPECT_THAT(refused.error().message, HasSubstr(bad.reason));
    const auto kept =
        read_transaction_rows(path, {.on_bad_row = OnBadRow::kReject, .rejects = folder_ / "rejects.csv"});
    ASSERT_TRUE(kept) << text_of(kept.error());
    EXPECT_EQ(kept->rows(), 1u);
    EXPECT_EQ(kept->rejected, 1u);
    EXPECT_THAT(*read_file(folder_ / "rejects.csv"), HasSubstr("\n3," + bad.field + ","));
  }
}

TEST_F(TransactionRowsTest, HostileJsonIsPutAside) {
  const std::string good =
      R"({"transaction_id": "T", "client_id": "C", "montant": 1, "type": "depot", "date_transaction": "2026-11-21", "fraude": 0})"
      "\n";
  for (const std::string bad :
       {"{\"transaction_id\": \"T\"", "[]", "7", "{\"transaction_id\": \"T\", \"transaction_id\": \"T\"}",
        "{\"transaction_id\": {}}", "{\"montant\": [1]}", "{}", "\xFF\xFE", "{\"client_id\": \"\\u0000\"}"}) {
    const auto rows =
        read_transaction_rows(write("a.ndjson", good + bad + "\n" + good), {.on_bad_row = OnBadRow::kReject});
    ASSERT_TRUE(rows) << bad << text_of(rows.error());
    EXPECT_EQ(rows->rows(), 2u) << bad;
    EXPECT_EQ(rows->rejected, 1u) << bad;
    const auto refused = read_transaction_rows(folder_ / "a.ndjson");
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().place.line, 2u) << bad;
  }
}

TEST_F(TransactionRowsTest, ColumnsThatAreMissingAreNamed) {
  const auto neither = read_transaction_rows(write("a.csv", "id,amount\n1,2\n"));
  ASSERT_FALSE(neither);
  EXPECT_THAT(text_of(neither.error()), HasSubstr("neither a transaction_id nor a TRANSACTION_ID"));
  const auto book = read_transaction_rows(write("a.csv", "TRANSACTION_ID,TX_AMOUNT\n1,2\n"));
  ASSERT_FALSE(book);
  EXPECT_THAT(book.error().message, HasSubstr("columns CUSTOMER_ID, TX_DATETIME, TX_FRAUD are missing"));
  const auto own = read_transaction_rows(write("a.csv", "transaction_id,client_id,montant,date_transaction,fraude\n"));
  ASSERT_FALSE(own);
  EXPECT_THAT(own.error().message, HasSubstr("column type is missing"));
  EXPECT_FALSE(read_transaction_rows(write("a.csv", std::string(kBook))));
  EXPECT_FALSE(read_transaction_rows(write("a.ndjson", "")));
  EXPECT_FALSE(read_transaction_rows(folder_ / "absent.csv"));
}

}  // namespace
}  // namespace vigie::dataset
