#include "history/snapshot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>

#include "base/random.h"
#include "history/checksum.h"
#include "history/embedded_history.h"
#include "history/scratch_folder.h"

namespace vigie::history {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kNow = 1'700'000'000;
constexpr std::size_t kHead = 40;

std::string bytes_of(const EmbeddedHistory& history) {
  const ScratchFolder folder;
  const auto path = folder.path() / "snapshot";
  auto writer = SnapshotWriter::create(path, {.changes = 77, .fingerprint = 88});
  EXPECT_TRUE(writer);
  EXPECT_TRUE(history.write(*writer));
  EXPECT_TRUE(writer->commit(history.clock()));
  return *read_file(path);
}

Result<std::unique_ptr<EmbeddedHistory>> restored(std::string_view bytes, const Bounds& bounds = {}) {
  auto history = VIGIE_TRY(EmbeddedHistory::make(bounds));
  auto reader = VIGIE_TRY(SnapshotReader::open(bytes, "snapshot"));
  EXPECT_EQ(reader.header().changes, 77U);
  EXPECT_EQ(reader.header().fingerprint, 88U);
  VIGIE_TRY(history->restore(reader));
  return history;
}

Error error_of(std::string_view bytes) {
  const auto history = restored(bytes);
  EXPECT_FALSE(history);
  return history ? Error{} : history.error();
}

std::unique_ptr<EmbeddedHistory> filled(int events, std::uint64_t clients) {
  auto history = *EmbeddedHistory::make({});
  Random random(4);
  std::array<double, kFeatures> row;
  for (int i = 0; i < events; ++i) {
    const domain::Event event{.id = random.next(),
                              .client = random.below(clients),
                              .terminal = random.below(8),
                              .cents = random.below(domain::kMostCents),
                              .time = kNow + 60 * i,
                              .country = static_cast<std::uint16_t>(random.below(677)),
                              .type = static_cast<std::uint8_t>(random.below(16))};
    EXPECT_TRUE(history->observe(event, event.time, row));
    EXPECT_TRUE(history->label({.id = event.id, .terminal = event.terminal, .time = event.time, .fraud = i % 3 == 0}));
  }
  return history;
}

TEST(Snapshot, ComesBackWhole) {
  const auto history = filled(20'000, 30);
  const std::string bytes = bytes_of(*history);
  const auto again = restored(bytes);
  ASSERT_TRUE(again) << again.error().to_string();
  EXPECT_EQ((*again)->clock(), history->clock());
  EXPECT_EQ((*again)->clients(), history->clients());
  EXPECT_EQ((*again)->terminals(), history->terminals());
  EXPECT_EQ(bytes_of(**again), bytes);
}

TEST(Snapshot, HasTheBytesThatAreDocumented) {
  auto history = *EmbeddedHistory::make({});
  std::array<double, kFeatures> row;
  const domain::Event event{
      .id = 0x1122334455667788, .client = 2, .cents = 0x010203, .time = 0x60504030, .country = 0x123, .type = 4};
  ASSERT_TRUE(history->observe(event, event.time, row));
  const std::string bytes = bytes_of(*history);
  ASSERT_EQ(bytes.size(), kHead + 129 * kHead + 16 + 24 + 8);
  EXPECT_EQ(bytes.substr(0, 8), "VIGIEHST");
  EXPECT_EQ(bytes.substr(8, 8), std::string("\1\0\0\0\x40\0\0\0", 8));
  const std::size_t record = kHead + (shard_of(2) + 1) * kHead;
  EXPECT_EQ(bytes.substr(record, 40), std::string("\2\0\0\0\0\0\0\0"
                                                  "\0\0\0\0"
                                                  "\1\0\0\0"
                                                  "\x88\x77\x66\x55\x44\x33\x22\x11"
                                                  "\x30\x40\x50\x60"
                                                  "\0\0\0\0"
                                                  "\3\2\1\0\0\0\x23\x41",
                                                  40));
}

TEST(Snapshot, OfMoreThanFitsKeepsTheLastSeen) {
  const auto history = filled(5'000, 2'000);
  const auto smaller = restored(bytes_of(*history), {.clients = 64 * 5, .terminals = 64});
  ASSERT_TRUE(smaller);
  EXPECT_LE((*smaller)->clients(), 64U * 5);
  EXPECT_GE((*smaller)->clients(), 64U * 4);
}

TEST(Snapshot, IsRefusedWhereverItIsTorn) {
  const std::string bytes = bytes_of(*filled(40, 5));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_EQ(error_of(std::string_view(bytes).substr(0, size)).code, Code::kInvalidData) << size;
  }
  EXPECT_EQ(error_of(bytes + '\0').code, Code::kInvalidData);
  EXPECT_THAT(error_of(bytes.substr(0, bytes.size() - 1)).to_string(), HasSubstr("snapshot: the file ends within"));
}

TEST(Snapshot, IsRefusedWithAnyByteChanged) {
  const std::string bytes = bytes_of(*filled(40, 5));
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    ASSERT_FALSE(restored(changed)) << at;
  }
}

TEST(Snapshot, OfANewerFormatIsNamed) {
  std::string bytes = bytes_of(*filled(1, 1));
  bytes[8] = 2;
  EXPECT_EQ(error_of(bytes).code, Code::kUnsupported);
}

// A file whose checksums fit, as a hostile one's do: `change` is made to the payload of the first section that has one.
std::string sealed(std::string bytes, std::size_t at, std::string_view change) {
  for (std::size_t section = kHead; section < bytes.size();) {
    std::uint64_t size = 0;
    std::memcpy(&size, bytes.data() + section + 24, 8);
    const std::size_t payload = section + kHead;
    if (size > 0) {
      bytes.replace(payload + at, change.size(), change);
      const std::string_view all = bytes;
      const std::uint32_t sum = checksum(all.substr(payload, size), checksum(all.substr(section, kHead - 4)));
      std::memcpy(bytes.data() + section + kHead - 4, &sum, 4);
      return bytes;
    }
    section = payload + size;
  }
  return bytes;
}

TEST(Snapshot, HostileRecordsAreRefused) {
  auto history = *EmbeddedHistory::make({});
  std::array<double, kFeatures> row;
  for (std::uint64_t id = 1; id <= 2; ++id) {
    ASSERT_TRUE(history->observe({.id = id, .client = 2, .time = kNow}, kNow, row));
  }
  const std::string bytes = bytes_of(*history);
  ASSERT_TRUE(restored(sealed(bytes, 0, "\2")));
  EXPECT_FALSE(restored(sealed(bytes, 0, "\3"))) << "a key of another shard";
  EXPECT_FALSE(restored(sealed(bytes, 12, "\1"))) << "fewer events than bytes";
  EXPECT_FALSE(restored(sealed(bytes, 12, "\3"))) << "more events than bytes";
  EXPECT_FALSE(restored(sealed(bytes, 12, "\xff\xff\xff\xff"))) << "more events than are kept";
  EXPECT_FALSE(restored(sealed(bytes, 16, "\2"))) << "an id twice in a second";
  EXPECT_FALSE(restored(sealed(bytes, 16, "\5"))) << "ids that do not ascend";
  EXPECT_FALSE(restored(sealed(bytes, 24, "\xff\xff\xff\xff"))) << "times that do not ascend";
  EXPECT_FALSE(restored(sealed(bytes, 38, "\xff\x0f"))) << "a country that is none";
}

TEST(Snapshot, HostileTerminalsAreRefused) {
  std::string good;
  TerminalPast past;
  past.add(7'200, -1);
  past.add(7'205, -1);
  (void)past.label(1, 7'200, true, -1);
  (void)past.label(2, 7'205, true, -1);
  append_terminal(good, 9, past);
  const auto taken = [](std::string bytes, std::size_t at, std::string_view change) {
    bytes.replace(at, change.size(), change);
    std::string_view rest = bytes;
    return take_terminal(rest).has_value() && rest.empty();
  };
  EXPECT_TRUE(taken(good, 0, ""));
  EXPECT_FALSE(taken(good, 8, "\1")) << "bytes left over";
  EXPECT_FALSE(taken(good, 8, "\3"));
  EXPECT_FALSE(taken(good, 8, "\xff\xff"));
  EXPECT_FALSE(taken(good, 10, "\xff\xff"));
  EXPECT_FALSE(taken(good, 12, "\1")) << "by the hour, but not at one";
  EXPECT_FALSE(taken(good, 12, "\2"));
  EXPECT_FALSE(taken(good, 16, "\xff\xff")) << "times that do not ascend";
  EXPECT_FALSE(taken(good, 20, std::string_view("\0\0\0\0", 4))) << "a time without a use";
  EXPECT_FALSE(taken(good, 40, "\xff\xff")) << "frauds that do not ascend";
  EXPECT_FALSE(taken(good, 44, "\1")) << "reserved bytes";
}

}  // namespace
}  // namespace vigie::history
