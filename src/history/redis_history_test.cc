// A real server each, started by the test.
#include "history/redis_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <barrier>
#include <thread>

#include "base/number.h"
#include "history/embedded_history.h"
#include "history/made_up_stream.h"
#include "history/redis_process.h"

namespace vigie::history {
namespace {

using testing::HasSubstr;
using Options = RedisHistory::Options;

std::unique_ptr<RedisHistory> open(const RedisProcess& server, Options options = {}) {
  options.endpoint = server.endpoint();
  auto history = RedisHistory::open(options);
  EXPECT_TRUE(history) << history.error().to_string();
  return history ? std::move(*history) : nullptr;
}

domain::Event event_of(std::uint64_t number) {
  return {.id = number, .client = 1 + number % 50, .terminal = 1 + number % 10, .cents = number, .time = kStart};
}

Outcome observe(History& history, const domain::Event& event) {
  Row row;
  const auto outcome = history.observe(event, kStart, row);
  EXPECT_TRUE(outcome) << outcome.error().to_string();
  return outcome.value_or(Outcome::kLate);
}

class RedisHistoryTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!RedisProcess::program()) GTEST_SKIP() << RedisProcess::kAbsent;
  }
};

TEST_F(RedisHistoryTest, GivesTheBitsOfTheEmbeddedOne) {
  RedisProcess server;
  const std::array streams = {
      Stream{.calls = 20'000},
      Stream{.clients = 40, .terminals = 30, .mean_pause = 400, .calls = 15'000},
      // Beyond the 512 events of a client and the 512 seconds of a terminal, and 256 frauds.
      Stream{.clients = 2, .terminals = 2, .mean_pause = 300, .disorder = 0.1, .calls = 15'000},
      // Months in which most has expired when the next event comes.
      Stream{.clients = 5, .mean_pause = 200'000, .calls = 5'000},
  };
  bool full = false;
  bool hourly = false;
  for (std::size_t i = 0; i < streams.size(); ++i) {
    const Bounds bounds{.late = i % 2 == 0 ? kDay : 6 * kDay, .ahead = i % 2 == 0 ? 300 : 0};
    const auto redis =
        open(server, {.prefix = "stream-" + std::to_string(i), .late = bounds.late, .ahead = bounds.ahead});
    ASSERT_NE(redis, nullptr);
    const auto embedded = EmbeddedHistory::make(bounds);
    StreamMaker maker(streams[i], 100 + i);
    for (int call = 0; call < streams[i].calls; ++call) {
      compare_one(maker, *redis, **embedded);
      if (HasFatalFailure()) FAIL() << "stream " << i << ", call " << call;
      if (call % 5 != 0) continue;
      Row row;
      Row embedded_row;
      const domain::Event& any = maker.any_before();
      ASSERT_TRUE(redis->read(any, row));
      ASSERT_TRUE((*embedded)->read(any, embedded_row));
      ASSERT_TRUE(same_bits(row, embedded_row)) << "read in stream " << i << ", call " << call;
      full |= row[kIncomplete] == 1 && row[kCount + 3] > 100;
      const auto terminal =
          read_terminal(server.ask({"GET", "{stream-" + std::to_string(i) + "}:t:0000000000000001"}), 1);
      hourly |= terminal && terminal->hourly();
    }
  }
  EXPECT_TRUE(full && hourly) << "a stream was to reach the bounds";
}

// More than are kept, out of order, said twice and taken back.
TEST_F(RedisHistoryTest, LabelsBeyondTheBound) {
  RedisProcess server;
  const auto redis = open(server);
  ASSERT_NE(redis, nullptr);
  const auto embedded = EmbeddedHistory::make({});
  Random random(3);
  std::vector<domain::Event> events;
  std::int64_t now = kStart;
  for (int call = 0; call < 6'000; ++call) {
    now += static_cast<std::int64_t>(random.exponential(1'000));
    const domain::Event event{.id = random.next(), .client = random.next(), .terminal = 1, .cents = 100, .time = now};
    events.push_back(event);
    Row row;
    Row embedded_row;
    ASSERT_EQ(*redis->observe(event, now, row), *(*embedded)->observe(event, now, embedded_row));
    ASSERT_TRUE(same_bits(row, embedded_row)) << "call " << call;
    const domain::Event& any = events[events.size() - 1 - random.below(std::min<std::size_t>(events.size(), 3'500))];
    const domain::Label label{.id = random.bernoulli(0.9) ? any.id : random.next(),
                              .terminal = 1,
                              .time = any.time - static_cast<std::int64_t>(random.bernoulli(0.1)),
                              .fraud = random.bernoulli(0.8)};
    ASSERT_EQ(*redis->label(label), *(*embedded)->label(label)) << "call " << call;
  }
  const auto terminal = read_terminal(server.ask({"GET", "{vigie}:t:0000000000000001"}), 1);
  ASSERT_TRUE(terminal);
  EXPECT_EQ(terminal->frauds().size(), kMostFrauds);
  EXPECT_TRUE(terminal->hourly());
}

// What random streams seldom meet.
TEST_F(RedisHistoryTest, EdgesToTheSecond) {
  RedisProcess server;
  const auto redis = open(server);
  ASSERT_NE(redis, nullptr);
  const auto embedded = EmbeddedHistory::make({});
  const auto agree = [&](const domain::Event& event, std::int64_t now) {
    Row row;
    Row embedded_row;
    const auto outcome = redis->observe(event, now, row);
    EXPECT_EQ(*outcome, *(*embedded)->observe(event, now, embedded_row));
    EXPECT_TRUE(same_bits(row, embedded_row)) << "event " << event.id;
    return outcome.value_or(Outcome::kLate);
  };
  const auto at = [](std::uint64_t id, std::int64_t time) {
    return domain::Event{.id = id, .client = 1, .terminal = 1, .cents = 100, .time = time};
  };
  EXPECT_EQ(agree(at(1, kStart - kDay), kStart), Outcome::kCounted);
  EXPECT_EQ(agree(at(2, kStart - kDay - 1), kStart), Outcome::kLate);
  EXPECT_EQ(agree(at(3, kStart + 300), kStart), Outcome::kCounted);
  EXPECT_EQ(agree(at(4, kStart + 301), kStart), Outcome::kAhead);
  EXPECT_EQ(agree(at(5, kStart - 60 + 301), kStart - 60), Outcome::kAhead) << "ahead of its own now, not of the clock";
  // An id is known until its event expires, to the second.
  const std::int64_t expiry = kStart + 300 + kDay + kLongestWindow;
  EXPECT_EQ(agree(at(3, expiry - 1), expiry - 1), Outcome::kDuplicate);
  EXPECT_EQ(agree(at(3, expiry), expiry), Outcome::kCounted);
  for (const std::int64_t time : {kStart, kStart + 300, kStart + 301}) {
    const domain::Label label{.id = 3, .terminal = 1, .time = time, .fraud = true};
    EXPECT_EQ(*redis->label(label), *(*embedded)->label(label)) << time;
  }
  agree(at(6, expiry + kRiskDelay - 1), expiry + kRiskDelay - 1);
  const domain::Label label{.id = 3, .terminal = 1, .time = kStart + 300, .fraud = true};
  EXPECT_EQ(*redis->label(label), LabelOutcome::kTaken);
  EXPECT_EQ(*(*embedded)->label(label), LabelOutcome::kTaken);
  agree(at(7, expiry + kRiskDelay), expiry + kRiskDelay);
  EXPECT_EQ(*redis->label(label), LabelOutcome::kTooOld);
  EXPECT_EQ(*(*embedded)->label(label), LabelOutcome::kTooOld);
  // A full record, and what is older than all in it.
  const std::int64_t later = expiry + 100 * kDay;
  for (std::uint64_t i = 0; i < kMostEvents; ++i) agree(at(100 + i, later), later);
  agree(at(50, later - 60), later);
  Row row;
  EXPECT_TRUE(redis->read(at(8, later), row));
  EXPECT_EQ(row[kIncomplete], 1);
  agree(at(8, later), later);
  // A full record that has room again, since its oldest expire.
  const std::int64_t much_later = later + 200 * kDay;
  for (std::uint64_t i = 0; i < 10; ++i) agree(at(1'000 + i, much_later), much_later);
  const std::int64_t next = much_later + kDay + 100;
  for (std::uint64_t i = 0; i < kMostEvents - 10; ++i) agree(at(2'000 + i, next), next);
  EXPECT_EQ(agree(at(9, much_later + 31 * kDay), much_later + 31 * kDay), Outcome::kCounted);
  EXPECT_TRUE(redis->read(at(10, much_later + 31 * kDay), row));
  EXPECT_EQ(row[kCount + 3], 504);
  EXPECT_EQ(row[kIncomplete], 0);
  // A server whose clock was ahead for a moment, and is not believed any longer by the next one.
  domain::Event elsewhere = at(11, much_later + 431 * kDay);
  elsewhere.client = 2;
  EXPECT_EQ(agree(elsewhere, elsewhere.time), Outcome::kCounted);
  EXPECT_EQ(agree(at(12, much_later + 31 * kDay + 60), much_later + 31 * kDay + 60), Outcome::kCounted);
  EXPECT_EQ(server.ask({"GET", "{vigie}:clock"}), std::to_string(much_later + 31 * kDay + 60));
}

TEST_F(RedisHistoryTest, SeveralServersAreOneHistory) {
  RedisProcess server;
  const auto first = open(server);
  const auto second = open(server);
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(first->keys()("C1001"), second->keys()("C1001"));
  const auto embedded = EmbeddedHistory::make({});
  const Stream stream{.calls = 4'000};
  StreamMaker maker(stream, 7);
  for (int call = 0; call < stream.calls; ++call) {
    compare_one(maker, maker.random().bernoulli(0.5) ? *first : *second, **embedded);
    if (HasFatalFailure()) FAIL() << "call " << call;
  }
}

// Threads with clients and terminals of their own; `now` goes on only while all wait, as the clock is one for all.
TEST_F(RedisHistoryTest, ThreadsDoNotDisturbEachOther) {
  RedisProcess server;
  const auto redis = open(server);
  ASSERT_NE(redis, nullptr);
  const auto embedded = EmbeddedHistory::make({});
  constexpr std::uint64_t kThreads = 4;
  constexpr int kDays = 60;
  std::barrier day(kThreads);
  std::atomic<int> differences = 0;
  const auto work = [&](std::uint64_t thread) {
    Random random(thread);
    Row row;
    Row embedded_row;
    for (int i = 0; i < kDays; ++i) {
      const std::int64_t now = kStart + i * kDay;
      for (int call = 0; call < 50; ++call) {
        const domain::Event event{.id = random.below(20'000),
                                  .client = 10 * thread + random.below(3),
                                  .terminal = 10 * thread + random.below(3),
                                  .cents = random.below(100'000),
                                  .time = now - static_cast<std::int64_t>(random.below(2 * kDay)) + 600,
                                  .country = static_cast<std::uint16_t>(random.below(3)),
                                  .type = 1};
        const auto outcome = redis->observe(event, now, row);
        const auto embedded_outcome = (*embedded)->observe(event, now, embedded_row);
        const bool same = outcome && *outcome == *embedded_outcome && same_bits(row, embedded_row);
        const domain::Label label{event.id, event.terminal, event.time, random.bernoulli(0.5)};
        const auto labelled = redis->label(label);
        if (!same || !labelled || *labelled != *(*embedded)->label(label)) ++differences;
      }
      day.arrive_and_wait();
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t thread = 1; thread <= kThreads; ++thread) threads.emplace_back(work, thread);
  }
  EXPECT_EQ(differences, 0);
}

TEST_F(RedisHistoryTest, AsksOncePerCall) {
  RedisProcess server;
  const auto history = open(server);
  ASSERT_NE(history, nullptr);
  constexpr int kCalls = 500;
  server.ask({"CONFIG", "RESETSTAT"});
  const std::int64_t reads = server.info("total_reads_processed");
  for (int i = 0; i < kCalls; ++i) observe(*history, event_of(i));
  const std::int64_t after = server.info("total_reads_processed");
  EXPECT_EQ(after - reads, kCalls + 1) << "the calls, and the INFO before them";
  EXPECT_EQ(server.info("cmdstat_evalsha", "calls"), kCalls);
  Row row;
  for (int i = 0; i < kCalls; ++i) EXPECT_TRUE(history->read(event_of(i), row));
  EXPECT_EQ(server.info("total_reads_processed") - after, kCalls + 2) << "the two INFO before them";
  EXPECT_EQ(server.info("total_connections_received"), 0) << "a connection is kept";
}

TEST_F(RedisHistoryTest, IsForgottenByRedisOnceNoWindowReachesIt) {
  RedisProcess server;
  const auto history = open(server, {.late = 0, .ahead = 0});
  ASSERT_NE(history, nullptr);
  observe(*history, event_of(0));
  const std::int64_t life = *parse_int(server.ask({"TTL", "{vigie}:c:0000000000000001"}));
  EXPECT_GT(life, 30 * kDay);
  EXPECT_LE(life, 31 * kDay);
  EXPECT_LE(*parse_int(server.ask({"TTL", "{vigie}:t:0000000000000001"})), 38 * kDay);
  EXPECT_EQ(server.ask({"TTL", "{vigie}:history"}), "-1");
  EXPECT_EQ(server.ask({"TTL", "{vigie}:clock"}), "-1");
}

TEST_F(RedisHistoryTest, ForgetsAClient) {
  RedisProcess server;
  const auto history = open(server);
  ASSERT_NE(history, nullptr);
  observe(*history, event_of(3));
  EXPECT_TRUE(*history->forget(4));
  EXPECT_EQ(server.ask({"EXISTS", "{vigie}:c:0000000000000004"}), "0");
  EXPECT_FALSE(*history->forget(4));
  EXPECT_EQ(observe(*history, event_of(3)), Outcome::kCounted);
}

TEST_F(RedisHistoryTest, GoesOnWhereRedisWasRestartedBetween) {
  RedisProcess server({"--appendonly", "yes", "--appendfsync", "always"});
  const auto history = open(server);
  ASSERT_NE(history, nullptr);
  const std::uint64_t key = history->keys()("C1001");
  EXPECT_EQ(observe(*history, event_of(1)), Outcome::kCounted);
  server.kill(SIGKILL);
  server.start();
  EXPECT_EQ(observe(*history, event_of(1)), Outcome::kDuplicate);
  EXPECT_EQ(observe(*history, event_of(2)), Outcome::kCounted);
  EXPECT_EQ(open(server)->keys()("C1001"), key);
}

TEST_F(RedisHistoryTest, GoesOnWithoutItsScripts) {
  RedisProcess server;
  const auto history = open(server);
  ASSERT_NE(history, nullptr);
  observe(*history, event_of(1));
  server.ask({"SCRIPT", "FLUSH"});
  EXPECT_EQ(observe(*history, event_of(1)), Outcome::kDuplicate);
  server.ask({"SCRIPT", "FLUSH"});
  Row row;
  EXPECT_TRUE(history->read(event_of(1), row));
}

TEST_F(RedisHistoryTest, BeginsAnewInAnEmptiedServerUnderTheSameSecret) {
  RedisProcess server;
  const auto history = open(server);
  ASSERT_NE(history, nullptr);
  observe(*history, event_of(1));
  server.ask({"FLUSHALL"});
  server.ask({"SCRIPT", "FLUSH"});
  EXPECT_EQ(observe(*history, event_of(1)), Outcome::kCounted);
  EXPECT_EQ(open(server)->keys()("C1001"), history->keys()("C1001"));
}

TEST_F(RedisHistoryTest, NoticesThatAnotherSecretTookItsPlace) {
  RedisProcess server;
  const auto history = open(server);
  ASSERT_NE(history, nullptr);
  server.ask({"FLUSHALL"});
  const auto other = open(server);
  Row row;
  const auto outcome = history->observe(event_of(1), kStart, row);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::kFailedPrecondition);
  EXPECT_THAT(outcome.error().to_string(), HasSubstr("another secret"));
  EXPECT_EQ(history->forget(2).error().code, Code::kFailedPrecondition);
  EXPECT_EQ(server.ask({"DBSIZE"}), "1");
}

TEST_F(RedisHistoryTest, ASecretOfItsServersStaysWithThem) {
  RedisProcess server;
  const KeyedHash::Secret secret = {0x1122334455667788, 0x99aabbccddeeff00};
  const auto history = open(server, {.secret = secret});
  ASSERT_NE(history, nullptr);
  EXPECT_EQ(open(server, {.secret = secret})->keys()("C1001"), history->keys()("C1001"));
  EXPECT_EQ(server.ask({"GET", "{vigie}:history"}).find("\x88\x77\x66"), std::string::npos);
  const auto with_other = RedisHistory::open({.endpoint = server.endpoint(), .secret = KeyedHash::Secret{1, 2}});
  ASSERT_FALSE(with_other);
  EXPECT_EQ(with_other.error().code, Code::kFailedPrecondition);
  const auto with_none = RedisHistory::open({.endpoint = server.endpoint()});
  ASSERT_FALSE(with_none);
  EXPECT_THAT(with_none.error().to_string(), HasSubstr("give the secret that its other servers have"));
}

TEST_F(RedisHistoryTest, PrefixesAreHistoriesOfTheirOwn) {
  RedisProcess server;
  const auto one = open(server, {.prefix = "one"});
  const auto other = open(server, {.prefix = "other"});
  ASSERT_NE(other, nullptr);
  EXPECT_NE(one->keys()("C1001"), other->keys()("C1001"));
  EXPECT_EQ(observe(*one, event_of(1)), Outcome::kCounted);
  EXPECT_EQ(observe(*other, event_of(1)), Outcome::kCounted);
}

TEST_F(RedisHistoryTest, RefusesOptionsThatMeanNothing) {
  const auto code_of = [](const Options& options) {
    const auto history = RedisHistory::open(options);
    return history ? std::string("none") : history.error().to_string();
  };
  EXPECT_THAT(code_of({.prefix = ""}), HasSubstr("prefix"));
  EXPECT_THAT(code_of({.prefix = "a{b}"}), HasSubstr("prefix"));
  EXPECT_THAT(code_of({.late = -1}), HasSubstr("late"));
  EXPECT_THAT(code_of({.endpoint = {.user = "vigie"}}), HasSubstr("password"));
  EXPECT_THAT(code_of({.endpoint = {.answer = std::chrono::milliseconds(0)}}), HasSubstr("answer"));
}

}  // namespace
}  // namespace vigie::history
