#include "features/transaction_rows.h"

#include <gtest/gtest.h>

#include <chrono>

namespace vigie::features {
namespace {

TEST(TransactionAt, IsWhatTheRecordSays) {
  dataset::TransactionRows rows;
  for (const std::string_view id : {"T1", "T2"}) {
    rows.id.append(id);
    rows.client.append("C1");
    rows.currency.append("EUR");
    rows.channel.append("mobile");
    rows.amount.push_back(12.5);
    rows.type.push_back(4);
    rows.time.push_back(1'000'000);
    rows.labels.push_back(0);
  }
  rows.terminal.append("S9");
  rows.terminal.append_missing();
  rows.country.append("FR");
  rows.country.append_missing();
  rows.unpaid = {3, dataset::kMissingNumber};

  const auto first = transaction_at(rows, 0);
  EXPECT_EQ(first.id, "T1");
  EXPECT_EQ(first.client, "C1");
  EXPECT_EQ(first.amount, 12.5);
  EXPECT_EQ(first.type, 4);
  EXPECT_EQ(first.time, WallTime(std::chrono::seconds(1)));
  EXPECT_EQ(first.currency, "EUR");
  EXPECT_EQ(first.country, "FR");
  EXPECT_EQ(first.terminal, "S9");
  EXPECT_EQ(first.channel, "mobile");
  EXPECT_EQ(first.unpaid, 3);

  const auto second = transaction_at(rows, 1);
  EXPECT_EQ(second.id, "T2");
  EXPECT_TRUE(second.terminal.empty());
  EXPECT_TRUE(second.country.empty());
  EXPECT_FALSE(second.unpaid);
}

}  // namespace
}  // namespace vigie::features
