#include "history/redis_record.h"

#include <gtest/gtest.h>

#include <vector>

#include "history/name_key.h"
#include "history/snapshot.h"

namespace vigie::history {
namespace {

domain::Event event_at(std::int64_t time, std::uint64_t id = 7) {
  return {.id = id, .client = 3, .terminal = 9, .cents = 1'234, .time = time, .country = 42, .type = 5};
}

std::string client_record(std::uint64_t key, std::uint64_t head, const std::vector<domain::Event>& events) {
  std::string bytes = key_bytes(key) + key_bytes(head);
  for (const domain::Event& event : events) bytes += event_bytes(event);
  return bytes;
}

TEST(RedisKeys, AreOneSlotAndNameWhoseTheyAre) {
  const RedisKeys keys("bank:eu");
  EXPECT_EQ(keys.setup, "{bank:eu}:history");
  EXPECT_EQ(keys.clock, "{bank:eu}:clock");
  EXPECT_EQ(keys.client(0x0123456789abcdef), "{bank:eu}:c:0123456789abcdef");
  EXPECT_EQ(keys.terminal(1), "{bank:eu}:t:0000000000000001");
}

TEST(RedisSetup, IsReadAsItWasWritten) {
  const KeyedHash hash({5, 6});
  const RedisSetup with_secret{.fingerprint = fingerprint(hash), .secret = hash.secret()};
  const RedisSetup without{.fingerprint = fingerprint(hash)};
  for (const RedisSetup& setup : {with_secret, without}) {
    const std::string bytes = write_setup(setup);
    EXPECT_EQ(bytes.size(), kRedisSetupBytes);
    EXPECT_EQ(bytes.substr(16, 8), key_bytes(setup.fingerprint)) << "where scripts look for it";
    EXPECT_EQ(read_setup(bytes), setup);
    for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(read_setup(bytes.substr(0, size)));
    EXPECT_FALSE(read_setup(bytes + '\0'));
    // Without a secret any fingerprint is one; of everything else each bit counts.
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      std::string changed = bytes;
      changed[i] = static_cast<char>(changed[i] ^ 0x10);
      EXPECT_EQ(read_setup(changed).has_value(), !setup.secret && i >= 16 && i < 24) << i;
    }
  }
}

TEST(RedisClient, HasItsEventsAscending) {
  const auto past = read_client(client_record(3, 100, {event_at(200), event_at(200, 8), event_at(300)}), 3);
  ASSERT_TRUE(past);
  EXPECT_EQ(past->let_go_until(), 100U);
  ASSERT_EQ(past->events().size(), 3U);
  EXPECT_EQ(past->events()[2], kept(event_at(300)));
  EXPECT_FALSE(read_client(client_record(3, 100, {event_at(300), event_at(200)}), 3));
  EXPECT_FALSE(read_client(client_record(3, 100, {event_at(300), event_at(300)}), 3));
  EXPECT_FALSE(read_client(client_record(3, 100, {event_at(300)}), 4)) << "another client's";
  EXPECT_FALSE(read_client(client_record(3, 100, {}), 3));
  EXPECT_FALSE(read_client(client_record(3, std::uint64_t{1} << 32, {event_at(300)}), 3)) << "its last 4 bytes are 0";
  EXPECT_FALSE(read_client(client_record(3, 100, {event_at(300)}) + "x", 3));
  EXPECT_FALSE(read_client("", 0));
}

TEST(RedisClient, HasNoMoreEventsThanAreKept) {
  std::vector<domain::Event> events;
  for (std::size_t i = 1; i <= kMostEvents; ++i) events.push_back(event_at(static_cast<std::int64_t>(i)));
  EXPECT_TRUE(read_client(client_record(3, 0, events), 3));
  events.push_back(event_at(1'000));
  EXPECT_FALSE(read_client(client_record(3, 0, events), 3));
}

TEST(RedisTerminal, IsTheRecordOfASnapshot) {
  TerminalPast past;
  past.add(500, 0);
  past.add(500, 0);
  past.add(400, 0);
  ASSERT_EQ(past.label(7, 500, true, 0), LabelOutcome::kTaken);
  std::string bytes;
  append_terminal(bytes, 9, past);
  EXPECT_EQ(bytes.substr(bytes.size() - 16), fraud_bytes({.id = 7, .terminal = 9, .time = 500, .fraud = true}));
  const auto read = read_terminal(bytes, 9);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->uses().size(), 2U);
  EXPECT_EQ(read->frauds().size(), 1U);
  EXPECT_FALSE(read_terminal(bytes, 8));
  EXPECT_FALSE(read_terminal(bytes + '\0', 9));
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(read_terminal(bytes.substr(0, size), 9));
}

}  // namespace
}  // namespace vigie::history
