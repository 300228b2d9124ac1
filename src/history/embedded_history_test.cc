#include "history/embedded_history.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <thread>
#include <vector>

#include "base/random.h"

namespace vigie::history {
namespace {

using domain::Event;
using Row = std::array<double, kFeatures>;

constexpr std::int64_t kNow = 1'700'000'000;

std::unique_ptr<EmbeddedHistory> make(const Bounds& bounds = {}) { return *EmbeddedHistory::make(bounds); }

Outcome observe(EmbeddedHistory& history, const Event& event, std::int64_t now) {
  Row row;
  return *history.observe(event, now, row);
}

double count_in(const EmbeddedHistory& history, std::uint64_t client, std::int64_t time, std::size_t window = 3) {
  Row row;
  EXPECT_TRUE(history.read({.id = 0, .client = client, .time = time}, row));
  return row[kCount + window] - 1;
}

TEST(EmbeddedHistory, ScoresFirstAndObservesSecond) {
  const auto history = make();
  Row row;
  for (int i = 0; i < 3; ++i) {
    const Event event{
        .id = 1U + static_cast<std::uint64_t>(i), .client = 7, .terminal = 5, .cents = 100, .time = kNow + i};
    EXPECT_EQ(*history->observe(event, kNow + i, row), Outcome::kCounted);
    EXPECT_EQ(row[kCount], i + 1);
    EXPECT_EQ(row[kTerminalVisits], i);
  }
  EXPECT_EQ(history->clients(), 1U);
  EXPECT_EQ(history->terminals(), 1U);
}

TEST(EmbeddedHistory, ReadingCountsNothing) {
  const auto history = make();
  const Event event{.id = 1, .client = 7, .terminal = 5, .cents = 100, .time = kNow};
  Row row;
  ASSERT_TRUE(history->read(event, row));
  ASSERT_TRUE(history->read(event, row));
  EXPECT_EQ(row[kCount], 1);
  EXPECT_EQ(history->clients(), 0U);
}

TEST(EmbeddedHistory, CountsAnIdOnceAndAnswersItAsTheFirstTime) {
  const auto history = make();
  const Event event{.id = 4, .client = 7, .terminal = 5, .cents = 900, .time = kNow};
  observe(*history, {.id = 3, .client = 7, .cents = 300, .time = kNow - 5}, kNow);
  Row first;
  Row second;
  EXPECT_EQ(*history->observe(event, kNow, first), Outcome::kCounted);
  EXPECT_EQ(*history->observe(event, kNow + 60, second), Outcome::kDuplicate);
  EXPECT_EQ(std::memcmp(first.data(), second.data(), sizeof first), 0);
  EXPECT_EQ(count_in(*history, 7, kNow), 2);
  EXPECT_EQ(observe(*history, {.id = 4, .client = 8, .time = kNow}, kNow), Outcome::kCounted) << "another client's id";
}

TEST(EmbeddedHistory, WaitsForLateEventsAsLongAsItSays) {
  const auto history = make({.late = 600});
  observe(*history, {.id = 1, .client = 1, .time = kNow}, kNow);
  EXPECT_EQ(observe(*history, {.id = 2, .client = 2, .time = kNow - 600}, kNow), Outcome::kCounted);
  EXPECT_EQ(observe(*history, {.id = 3, .client = 2, .time = kNow - 601}, kNow), Outcome::kLate);
  EXPECT_EQ(observe(*history, {.id = 4, .client = 2, .time = kNow - 601}, kNow - 300), Outcome::kLate)
      << "the history's clock does not go back for clocks that differ a little";
  EXPECT_EQ(count_in(*history, 2, kNow), 1);
  Row row;
  ASSERT_TRUE(history->read({.id = 9, .client = 2, .time = kNow - 601}, row));
  EXPECT_EQ(row[kIncomplete], 1) << "what a late one would have had in its windows may be gone";
}

TEST(EmbeddedHistory, AClockThatWasWrongForAMomentIsForgotten) {
  const auto history = make();
  observe(*history, {.id = 1, .client = 1, .time = kNow}, kNow);
  observe(*history, {.id = 2, .client = 2, .time = kNow + 400 * kDay}, kNow + 400 * kDay);
  EXPECT_EQ(observe(*history, {.id = 3, .client = 1, .time = kNow + 60}, kNow + 60), Outcome::kCounted);
  EXPECT_EQ(history->clock(), kNow + 60);
  EXPECT_EQ(count_in(*history, 1, kNow + 60), 2);
}

TEST(EmbeddedHistory, DoesNotBelieveTheFuture) {
  const auto history = make({.ahead = 300});
  EXPECT_EQ(observe(*history, {.id = 1, .client = 1, .time = kNow + 300}, kNow), Outcome::kCounted);
  EXPECT_EQ(observe(*history, {.id = 2, .client = 1, .time = kNow + 301}, kNow), Outcome::kAhead);
  EXPECT_EQ(observe(*history, {.id = 3, .client = 1, .time = domain::kLatestTime}, kNow), Outcome::kAhead);
  EXPECT_EQ(history->clock(), kNow) << "only `now` moves the clock";
  EXPECT_EQ(count_in(*history, 1, kNow + 299), 0) << "not yet, at its own time";
  EXPECT_EQ(count_in(*history, 1, kNow + 300), 1);
}

TEST(EmbeddedHistory, RefusesValuesOutOfRange) {
  const auto history = make();
  Row row;
  const auto field_of = [&](const Event& event, std::int64_t now = kNow) {
    const auto outcome = history->observe(event, now, row);
    EXPECT_EQ(outcome.error().code, Code::kInvalidArgument);
    return outcome.error().place.field;
  };
  EXPECT_EQ(field_of({.time = -1}), "time");
  EXPECT_EQ(field_of({.time = domain::kLatestTime + 1}), "time");
  EXPECT_EQ(field_of({.cents = domain::kMostCents + 1}), "cents");
  EXPECT_EQ(field_of({.country = 677}), "country");
  EXPECT_EQ(field_of({.type = 16}), "type");
  EXPECT_EQ(field_of({}, -1), "now");
  EXPECT_EQ(EmbeddedHistory::make({.clients = 0}).error().place.field, "clients");
  EXPECT_EQ(EmbeddedHistory::make({.terminals = 0}).error().place.field, "terminals");
  EXPECT_EQ(EmbeddedHistory::make({.late = 8 * kDay}).error().place.field, "late");
  EXPECT_EQ(EmbeddedHistory::make({.ahead = -1}).error().place.field, "ahead");
  EXPECT_EQ(history->clients(), 0U);
}

TEST(EmbeddedHistory, TakesTheEdgesOfItsRanges) {
  const auto history = make();
  EXPECT_EQ(observe(*history, {.id = 1, .client = 1, .terminal = 1, .time = 0}, 0), Outcome::kCounted);
  const Event last{.id = 2, .client = 1, .terminal = 1, .cents = domain::kMostCents, .time = domain::kLatestTime};
  EXPECT_EQ(observe(*history, last, domain::kLatestTime), Outcome::kCounted);
  EXPECT_EQ(count_in(*history, 1, domain::kLatestTime), 1);
}

// Keys of one shard, where the order of going is told.
std::vector<std::uint64_t> keys_of_a_shard(std::size_t count) {
  std::vector<std::uint64_t> keys;
  for (std::uint64_t key = 1; keys.size() < count; ++key) {
    if (shard_of(key) == 3) keys.push_back(key);
  }
  return keys;
}

TEST(EmbeddedHistory, BeyondItsCapacityGoesWhoWasNotSeenForTheLongest) {
  const auto history = make({.clients = 3 * kShards, .terminals = 3 * kShards});
  const auto keys = keys_of_a_shard(4);
  auto see = [&, id = std::uint64_t{0}](std::size_t i) mutable {
    observe(*history, {.id = ++id, .client = keys[i], .terminal = keys[i], .time = kNow}, kNow);
  };
  for (const std::size_t i : {0U, 1U, 2U, 0U, 3U}) see(i);
  EXPECT_EQ(history->clients(), 3U);
  EXPECT_EQ(history->terminals(), 3U);
  EXPECT_EQ(count_in(*history, keys[0], kNow), 2);
  EXPECT_EQ(count_in(*history, keys[1], kNow), 0) << "the one that was not seen for the longest";
  EXPECT_EQ(count_in(*history, keys[2], kNow), 1);
  EXPECT_EQ(*history->label({.id = 2, .terminal = keys[1], .time = kNow, .fraud = true}), LabelOutcome::kUnknown);
}

TEST(EmbeddedHistory, LetsGoOfWhoCannotBeInAWindow) {
  const auto history = make();
  const auto keys = keys_of_a_shard(40);
  for (std::size_t i = 0; i < 20; ++i) {
    observe(*history, {.id = 1, .client = keys[i], .terminal = keys[i], .time = kNow}, kNow);
  }
  const std::int64_t later = kNow + kLongestWindow + kRiskDelay + 2 * kDay;
  for (std::size_t i = 20; i < 40; ++i) {
    observe(*history, {.id = 1, .client = keys[i], .terminal = keys[i], .time = later}, later);
  }
  EXPECT_EQ(history->clients(), 20U);
  EXPECT_EQ(history->terminals(), 20U);
}

TEST(EmbeddedHistory, ForgetsAClient) {
  const auto history = make();
  observe(*history, {.id = 1, .client = 5, .time = kNow}, kNow);
  EXPECT_TRUE(*history->forget(5));
  EXPECT_FALSE(*history->forget(5));
  EXPECT_EQ(count_in(*history, 5, kNow), 0);
  EXPECT_EQ(history->clients(), 0U);
}

TEST(EmbeddedHistory, StaysBelowTheBoundThatItStates) {
  const Bounds bounds{.clients = 200, .terminals = 100};
  const auto history = make(bounds);
  Random random(1);
  for (std::int64_t i = 0; i < 300'000; ++i) {
    const Event event{
        .id = random.next(), .client = random.below(220), .terminal = random.below(110), .time = kNow + 5 * i};
    observe(*history, event, event.time);
    if (i % 10 == 0) {
      EXPECT_TRUE(history->label({.id = event.id, .terminal = event.terminal, .time = event.time, .fraud = true}));
    }
  }
  EXPECT_LE(history->bytes(), memory_bound(bounds) + sizeof(EmbeddedHistory));
  EXPECT_GE(history->bytes(), memory_bound(bounds) / 4) << "the stream was to fill it";
}

TEST(EmbeddedHistory, ManyThreadsLoseNothing) {
  const auto history = make();
  constexpr std::uint64_t kThreads = 4;
  constexpr std::uint64_t kEach = 5'000;
  constexpr std::uint64_t kClients = 50;  // 400 events each
  std::array<std::vector<double>, kThreads> counts;
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        Row row;
        for (std::uint64_t i = 0; i < kEach; ++i) {
          const Event event{
              .id = 1 + t * kEach + i, .client = i % kClients, .terminal = 1 + i % 3, .cents = 1, .time = kNow};
          (void)*history->observe(event, kNow, row);
          if (event.client == 0) counts[t].push_back(row[kCount]);
          (void)*history->label({.id = event.id, .terminal = event.terminal, .time = kNow, .fraud = true});
        }
      });
    }
  }
  for (std::uint64_t client = 0; client < kClients; ++client) {
    ASSERT_EQ(count_in(*history, client, kNow), kThreads * kEach / kClients);
  }
  // Update and read are one step: no two decisions on a client saw the same past.
  std::vector<double> seen;
  for (const auto& each : counts) seen.insert(seen.end(), each.begin(), each.end());
  std::ranges::sort(seen);
  for (std::size_t i = 0; i < seen.size(); ++i) ASSERT_EQ(seen[i], static_cast<double>(i + 1));
  Row row;
  ASSERT_TRUE(history->read({.id = 0, .client = 999, .terminal = 1, .time = kNow + kRiskDelay}, row));
  EXPECT_EQ(row[kTerminalCount], 6'668) << "1,667 of each thread";
}

}  // namespace
}  // namespace vigie::history
