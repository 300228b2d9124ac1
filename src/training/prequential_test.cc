#include "training/prequential.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "training/random_transactions.h"

namespace vigie::training {
namespace {

using testing::HasSubstr;

// 2018-07-01, when random_transactions() begin.
constexpr std::int64_t kFirstDay = 17'713;

// The book's get_train_test_set(), a day and a client at a time.
std::vector<std::uint32_t> slow_test_rows(const dataset::TransactionRows& rows, std::int64_t start, int train,
                                          int delay, int test) {
  std::vector<std::uint32_t> out;
  for (int day = 0; day < test; ++day) {
    for (std::uint32_t row = 0; row < rows.rows(); ++row) {
      if (day_of(rows, row) != start + train + delay + day) continue;
      bool known = false;
      for (std::uint32_t other = 0; other < rows.rows() && !known; ++other) {
        if (rows.labels[other] == 0 || rows.client.at(other) != rows.client.at(row)) continue;
        const std::int64_t when = day_of(rows, other);
        known =
            (when >= start && when < start + train) || (when >= start + train - 1 && when <= start + train + day - 1);
      }
      if (!known) out.push_back(row);
    }
  }
  return out;
}

// The book's card_precision_top_k(), by sets and maps.
double slow_card_precision(const dataset::TransactionRows& rows, std::span<const std::uint32_t> test,
                           std::span<const double> scores, std::size_t cards) {
  std::map<std::int64_t, std::map<std::string, std::pair<double, bool>>> days;
  for (std::size_t i = 0; i < test.size(); ++i) {
    auto& card =
        days[day_of(rows, test[i])].try_emplace(std::string(rows.client.at(test[i])), -1.0, false).first->second;
    card.first = std::max(card.first, scores[i]);
    card.second = card.second || rows.labels[test[i]] == 1;
  }
  std::set<std::string> found;
  double sum = 0;
  for (const auto& [day, clients] : days) {
    std::vector<std::pair<double, std::string>> order;
    for (const auto& [client, card] : clients) {
      if (!found.contains(client)) order.emplace_back(-card.first, client);
    }
    std::ranges::sort(order);
    double hits = 0;
    for (std::size_t i = 0; i < std::min(cards, order.size()); ++i) {
      if (!clients.at(order[i].second).second) continue;
      ++hits;
      found.insert(order[i].second);
    }
    sum += hits / static_cast<double>(cards);
  }
  return sum / static_cast<double>(days.size());
}

TEST(PrequentialFolds, AreTheBooks) {
  Random random(1);
  auto rows = random_transactions(3'000, 45, random);
  for (auto& label : rows.labels) label = label != 0 && random.bernoulli(0.3) ? 1 : 0;
  const auto folds =
      prequential_folds(rows, {.start = kFirstDay + 20, .folds = 3, .train_days = 7, .delay_days = 6, .test_days = 5});
  ASSERT_TRUE(folds) << folds.error().to_string();
  ASSERT_EQ(folds->size(), 3u);
  for (std::size_t f = 0; f < 3; ++f) {
    const PrequentialSplit& fold = (*folds)[f];
    const std::int64_t start = kFirstDay + 20 - 5 * static_cast<std::int64_t>(f);
    EXPECT_EQ(fold.train_from, start);
    EXPECT_EQ(fold.test_from, start + 13);
    for (const std::uint32_t row : fold.train) {
      EXPECT_GE(day_of(rows, row), start);
      EXPECT_LT(day_of(rows, row), start + 7);
    }
    EXPECT_EQ(fold.test, slow_test_rows(rows, start, 7, 6, 5));
  }
}

TEST(PrequentialFolds, AreTheLatestThatTheRowsReachOver) {
  Random random(2);
  const auto rows = random_transactions(2'000, 30, random);
  const auto folds = prequential_folds(rows, {.folds = 2});
  ASSERT_TRUE(folds) << folds.error().to_string();
  EXPECT_EQ(folds->front().test_from + 6, day_of(rows, rows.rows() - 1));
  const auto book = prequential_folds(random_transactions(9'000, 80, random), {});
  ASSERT_TRUE(book) << book.error().to_string();
  EXPECT_EQ(book->front().train_from, kBookStartDay) << "where the rows have its days";
  const auto few = prequential_folds(rows, {});
  ASSERT_FALSE(few);
  EXPECT_THAT(few.error().to_string(), HasSubstr("from 2018-07-01 to 2018-07-30, and 4 folds need 42 days"));
  EXPECT_FALSE(prequential_folds(rows, {.folds = 0}));
  EXPECT_FALSE(prequential_folds(rows, {.start = kFirstDay + 100, .folds = 1}));
}

TEST(CardPrecision, IsTheBooks) {
  Random random(3);
  for (int round = 0; round < 30; ++round) {
    const auto rows = random_transactions(800, 10, random);
    std::vector<std::uint32_t> test;
    std::vector<double> scores;
    for (std::uint32_t row = 0; row < rows.rows(); ++row) {
      if (random.bernoulli(0.3)) continue;
      test.push_back(row);
      scores.push_back(random.uniform() + 0.3 * rows.labels[row]);
    }
    for (const std::uint32_t cards : {1u, 5u, 100u}) {
      EXPECT_NEAR(card_precision(rows, test, scores, cards), slow_card_precision(rows, test, scores, cards), 1e-12);
    }
  }
  EXPECT_EQ(card_precision({}, {}, {}, 100), 0);
}

TEST(PrequentialScorer, IsSummedUpOverItsFolds) {
  model::PrequentialScorer scorer{.name = "x"};
  scorer.folds = {{.roc_auc = 0.8, .average_precision = 0.5, .card_precision = 0.3},
                  {.roc_auc = 0.9, .average_precision = 0.5, .card_precision = 0.1}};
  summarise(scorer);
  EXPECT_DOUBLE_EQ(scorer.mean.roc_auc, 0.85);
  EXPECT_DOUBLE_EQ(scorer.mean.card_precision, 0.2);
  EXPECT_DOUBLE_EQ(scorer.deviation.average_precision, 0);
  EXPECT_NEAR(scorer.deviation.roc_auc, 0.1 / std::sqrt(2), 1e-12);
}

}  // namespace
}  // namespace vigie::training
