#include "training/transaction_replay.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <deque>

#include "features/transaction_rows.h"
#include "history/embedded_history.h"
#include "history/event_keys.h"
#include "training/random_transactions.h"

namespace vigie::training {
namespace {

using Row = std::array<double, features::kTransactionInputs>;

// As a server does it, one request after the other: keys under a secret of its own, and a clock that also runs between
// requests. Frauds are told when their delay is over, by whoever comes first then.
class Server {
 public:
  explicit Server(std::int64_t delay)
      : keys_(KeyedHash({0x0123456789abcdef, 0xfedcba9876543210})),
        history_(*history::EmbeddedHistory::make({})),
        delay_(delay) {}

  Row serve(const domain::Transaction& transaction, bool fraud) {
    const domain::Event event = keys_.event(transaction);
    while (!frauds_.empty() && frauds_.front().time + delay_ <= event.time) {
      EXPECT_TRUE(history_->label(frauds_.front()));
      frauds_.pop_front();
    }
    Row row;
    row.fill(-1);
    features::fill_own_part(transaction, row);
    EXPECT_TRUE(history_->observe(event, event.time, features::history_part(row)));
    if (fraud && event.terminal != 0) {
      frauds_.push_back({.id = event.id, .terminal = event.terminal, .time = event.time, .fraud = true});
    }
    return row;
  }

 private:
  history::EventKeys keys_;
  std::unique_ptr<history::EmbeddedHistory> history_;
  std::deque<domain::Label> frauds_;
  std::int64_t delay_;
};

void expect_same_bits(features::TransactionView replayed, const Row& served, std::size_t row) {
  for (std::size_t input = 0; input < served.size(); ++input) {
    ASSERT_EQ(std::bit_cast<std::uint64_t>(replayed[input]), std::bit_cast<std::uint64_t>(served[input]))
        << features::transaction_inputs()[input].name << " of row " << row;
  }
}

TEST(TransactionReplay, GivesTheInputsThatServingGivesBitForBit) {
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    Random random(seed);
    const auto rows = random_transactions(6'000, 50, random);
    const std::int64_t delay = seed == 3 ? 0 : 7 * 86'400;
    Server server(delay);
    std::size_t seen = 0;
    const auto replayed = replay_transactions(rows, delay, [&](std::size_t row, features::TransactionView inputs) {
      ASSERT_EQ(row, seen++);
      expect_same_bits(inputs, server.serve(features::transaction_at(rows, row), rows.labels[row] != 0), row);
    });
    ASSERT_TRUE(replayed) << replayed.error().to_string();
    EXPECT_EQ(seen, rows.rows());
  }
}

// What the replay gives a row cannot depend on anything later: cut off behind it, it gives the same.
TEST(TransactionReplay, NothingOfARowsFutureReachesIt) {
  Random random(4);
  const auto rows = random_transactions(3'000, 40, random);
  std::vector<Row> whole;
  ASSERT_TRUE(replay_transactions(rows, 7 * 86'400, [&](std::size_t, features::TransactionView inputs) {
    std::ranges::copy(inputs, whole.emplace_back().begin());
  }));
  auto changed = rows;
  for (std::size_t row = 1'500; row < rows.rows(); ++row) {
    changed.amount[row] = 1;
    changed.labels[row] = 1;
  }
  ASSERT_TRUE(replay_transactions(changed, 7 * 86'400, [&](std::size_t row, features::TransactionView inputs) {
    if (row < 1'500) expect_same_bits(inputs, whole[row], row);
  }));
}

TEST(TransactionReplay, AFraudIsKnownNoSoonerThanItsDelay) {
  Random random(5);
  const auto rows = random_transactions(4'000, 60, random);
  const std::size_t risk = features::find_transaction_input("terminal_risque_30j").value();
  double known = 0;
  double later = 0;
  for (const std::int64_t days : {7, 100}) {
    ASSERT_TRUE(replay_transactions(rows, days * 86'400, [&](std::size_t, features::TransactionView inputs) {
      if (!std::isnan(inputs[risk])) (days == 7 ? known : later) += inputs[risk];
    }));
  }
  EXPECT_GT(known, 0);
  EXPECT_EQ(later, 0);
  EXPECT_FALSE(replay_transactions(rows, -1, [](std::size_t, features::TransactionView) {}));
}

TEST(TransactionMatrix, HoldsTheInputsAskedForFromTheRowAskedFor) {
  Random random(6);
  const auto rows = random_transactions(500, 20, random);
  const std::vector<std::size_t> inputs = {features::find_transaction_input("nb_transactions_7j").value(),
                                           features::find_transaction_input("montant").value()};
  const auto matrix = transaction_matrix(rows, 7 * 86'400, inputs, 200);
  ASSERT_TRUE(matrix);
  EXPECT_EQ(matrix->values.size(), 300u * 2);
  ASSERT_TRUE(replay_transactions(rows, 7 * 86'400, [&](std::size_t row, features::TransactionView values) {
    if (row < 200) return;
    ASSERT_EQ(matrix->row(row)[0], static_cast<float>(values[inputs[0]]));
    ASSERT_EQ(matrix->row(row)[1], static_cast<float>(rows.amount[row]));
  }));
}

}  // namespace
}  // namespace vigie::training
