#include "identity/bounded_table.h"

#include <gtest/gtest.h>

#include <map>

#include "base/random.h"

namespace vigie::identity {
namespace {

struct Entry {
  std::uint64_t key;
  std::int64_t until;
  std::int64_t expiry() const { return until; }
};

// Keys that begin at few places, so that their runs meet, wrap around and are cut; compared with a map after each step.
void compare_with_a_map(std::size_t capacity, std::uint64_t seed) {
  Random random(seed);
  BoundedTable<Entry> table(capacity);
  std::map<std::uint64_t, std::int64_t> slow;
  for (int step = 0; step < 4'000; ++step) {
    const std::uint64_t key = (random.below(4) << 61 | random.below(3) << 32) - 1 + random.below(2 * capacity);
    const auto until = static_cast<std::int64_t>(random.below(1'000));
    Entry* const found = table.find(key);
    ASSERT_EQ(found != nullptr, slow.contains(key)) << step;
    if (found != nullptr) {
      ASSERT_EQ(found->key, key);
      ASSERT_EQ(found->until, slow[key]);
      found->until += until;
      slow[key] = found->until;
      continue;
    }
    if (table.full()) {
      ASSERT_EQ(slow.size(), capacity);
      std::int64_t least = slow.begin()->second;
      for (const auto& [other, expiry] : slow) least = std::min(least, expiry);
      ASSERT_EQ(table.soonest(), least);
      const Entry dropped = table.drop_soonest();
      ASSERT_EQ(dropped.until, least);
      ASSERT_EQ(slow.erase(dropped.key), 1U);
    }
    table.insert(key, {key, until});
    slow[key] = until;
    ASSERT_EQ(table.size(), slow.size());
  }
  std::map<std::uint64_t, std::int64_t> all;
  table.for_each([&](const Entry& entry) { all[entry.key] = entry.until; });
  EXPECT_EQ(all, slow);
}

TEST(BoundedTableTest, DoesWhatAMapDoes) {
  for (const std::size_t capacity : {1, 2, 3, 7, 8, 9, 64, 100}) {
    SCOPED_TRACE(capacity);
    for (std::uint64_t seed = 0; seed < 5; ++seed) compare_with_a_map(capacity, seed);
  }
}

TEST(BoundedTableTest, GivesBackWhatItDrops) {
  BoundedTable<Entry> table(3);
  for (const std::uint64_t key : {5, 6, 7}) table.insert(key, {key, static_cast<std::int64_t>(10 * key)});
  table.find(5)->until = 100;  // it would have been the first
  EXPECT_EQ(table.drop_soonest().key, 6U);
  EXPECT_EQ(table.find(6), nullptr);
  EXPECT_EQ(table.insert(8, {8, 1}).key, 8U);
  EXPECT_EQ(table.drop_soonest().key, 8U);
  table.insert(9, {9, 2});
  EXPECT_TRUE(table.full());
  EXPECT_EQ(table.find(5)->until, 100);
}

}  // namespace
}  // namespace vigie::identity
