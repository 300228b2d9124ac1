#include "history/recency_table.h"

#include <gtest/gtest.h>

#include <list>
#include <unordered_map>

#include "base/random.h"

namespace vigie::history {
namespace {

TEST(RecencyTable, IsAMapAndAListOfWhoWasTouched) {
  Random random(3);
  RecencyTable<int> table;
  std::unordered_map<std::uint64_t, int> map;
  std::list<std::uint64_t> order;
  for (int step = 0; step < 50'000; ++step) {
    const std::uint64_t key = random.below(step < 25'000 ? 400 : 40);
    if (random.bernoulli(0.6)) {
      order.remove(key);
      order.push_back(key);
      map[key] = step;
      table.touch(key) = step;
    } else if (random.bernoulli(0.7) || map.empty()) {
      order.remove(key);
      ASSERT_EQ(table.erase(key), map.erase(key) == 1);
    } else {
      ASSERT_EQ(table.oldest().key, order.front());
    }
    ASSERT_EQ(table.size(), map.size());
    const int* const found = table.find(key);
    ASSERT_EQ(found != nullptr, map.contains(key));
    if (found != nullptr) {
      ASSERT_EQ(*found, map[key]);
    }
  }
  auto expected = order.begin();
  table.each([&](std::uint64_t key, int record) {
    EXPECT_EQ(key, *expected++);
    EXPECT_EQ(record, map[key]);
  });
}

TEST(RecencyTable, ReusesWhatWasErased) {
  RecencyTable<int> table;
  for (std::uint64_t key = 0; key < 1'000; ++key) table.touch(key);
  const std::size_t bytes = table.bytes();
  for (std::uint64_t key = 1'000; key < 100'000; ++key) {
    table.touch(key);
    table.erase(table.oldest().key);
  }
  EXPECT_LE(table.bytes(), bytes + 64);
  EXPECT_EQ(table.oldest().key, 99'000U);
}

}  // namespace
}  // namespace vigie::history
