#include "history/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "base/random.h"
#include "history/journal_format.h"

namespace vigie::history {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

Change made_up(Random& random) {
  Change change{.clock = static_cast<std::int64_t>(random.below(domain::kLatestTime + 1))};
  domain::Event& event = change.event;
  switch (random.below(3)) {
    case 0:
      event = {.id = random.next(),
               .client = random.next(),
               .terminal = random.next(),
               .cents = random.below(domain::kMostCents + 1),
               .time = static_cast<std::int64_t>(random.below(domain::kLatestTime + 1)),
               .country = static_cast<std::uint16_t>(random.below(677)),
               .type = static_cast<std::uint8_t>(random.below(16))};
      break;
    case 1:
      change.kind = Change::Kind::kLabel;
      change.fraud = random.bernoulli(0.5);
      event = {.id = random.next(),
               .terminal = random.next(),
               .time = static_cast<std::int64_t>(random.below(domain::kLatestTime + 1))};
      break;
    default: change.kind = Change::Kind::kForget; event.client = random.next();
  }
  return change;
}

std::string journal_of(const std::vector<Change>& changes, std::uint64_t first, std::uint64_t batch = 1) {
  std::string bytes = write_journal_head({.first = first, .fingerprint = 5});
  for (std::uint64_t i = 0; i < changes.size(); ++i) {
    append_journal_record(bytes, changes[i], first + i, first + i / batch * batch - 1);
  }
  return bytes;
}

Result<std::vector<Change>> changes_in(std::string_view bytes, JournalEnd* end = nullptr) {
  std::vector<Change> changes;
  const auto take = [&](const Change& change, std::uint64_t) { changes.push_back(change); };
  const JournalEnd reached = VIGIE_TRY(read_journal(bytes, "journal", take));
  if (end != nullptr) *end = reached;
  return changes;
}

std::vector<Change> some(std::size_t count) {
  Random random(9);
  std::vector<Change> changes;
  for (std::size_t i = 0; i < count; ++i) changes.push_back(made_up(random));
  return changes;
}

TEST(JournalFormat, ComesBack) {
  const auto changes = some(500);
  const std::string bytes = journal_of(changes, 1'000);
  EXPECT_EQ(bytes.size(), 40 + 64 * 500);
  JournalEnd end;
  const auto again = changes_in(bytes, &end);
  ASSERT_TRUE(again) << again.error().to_string();
  EXPECT_EQ(*again, changes);
  EXPECT_EQ(end.next, 1'500U);
  EXPECT_EQ(end.whole, bytes.size());
  EXPECT_EQ(read_journal_head(bytes, "journal")->first, 1'000U);
  EXPECT_EQ(read_journal_head(bytes, "journal")->fingerprint, 5U);
}

TEST(JournalFormat, EndsBeforeATornRecord) {
  const auto changes = some(6);
  const std::string bytes = journal_of(changes, 1, 3);
  for (std::size_t size = 40; size < bytes.size(); ++size) {
    JournalEnd end;
    const auto read = changes_in(std::string_view(bytes).substr(0, size), &end);
    ASSERT_TRUE(read) << size;
    const std::size_t whole = (size - 40) / 64;
    ASSERT_EQ(read->size(), whole);
    ASSERT_EQ(end.whole, 40 + 64 * whole);
  }
}

TEST(JournalFormat, EndsWhereABatchWasWrittenInAnotherOrder) {
  // Six changes in batches of three: within the second one a power cut may keep a later page and lose an earlier one.
  std::string bytes = journal_of(some(6), 1, 3);
  std::fill_n(bytes.begin() + 40 + 4 * 64, 64, '\0');
  const auto read = changes_in(bytes);
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_EQ(read->size(), 4U);
}

TEST(JournalFormat, IsRefusedWhereASyncedRecordIsNotWhole) {
  for (std::size_t at = 40; at < 40 + 3 * 64; ++at) {
    std::string bytes = journal_of(some(6), 1, 3);
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    const auto read = changes_in(bytes);
    ASSERT_FALSE(read) << at;
    ASSERT_EQ(read.error().code, Code::kInvalidData);
    ASSERT_THAT(read.error().to_string(), HasSubstr("was whole once"));
  }
}

TEST(JournalFormat, HeadsAreRefused) {
  const std::string good = journal_of({}, 1);
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bytes = good;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    ASSERT_FALSE(changes_in(bytes)) << at;
    ASSERT_FALSE(changes_in(std::string_view(good).substr(0, at)));
  }
  std::string newer = good;
  newer[8] = 2;
  EXPECT_EQ(changes_in(newer).error().code, Code::kUnsupported);
}

TEST(JournalFormat, HostileRecordsAreRefused) {
  const auto refused = [](const Change& change, std::uint64_t number, std::uint64_t synced) {
    std::string bytes = write_journal_head({.first = 1, .fingerprint = 5});
    append_journal_record(bytes, change, number, synced);
    return !changes_in(bytes);
  };
  EXPECT_FALSE(refused({}, 1, 0));
  EXPECT_TRUE(refused({}, 2, 0)) << "not the number due";
  EXPECT_TRUE(refused({}, 1, 1)) << "synced before it was written";
  EXPECT_TRUE(refused({.kind = Change::Kind{0}}, 1, 0));
  EXPECT_TRUE(refused({.kind = Change::Kind{4}}, 1, 0));
  EXPECT_TRUE(refused({.event = {.type = 16}}, 1, 0));
  EXPECT_TRUE(refused({.event = {.country = 677}}, 1, 0));
  EXPECT_TRUE(refused({.event = {.cents = domain::kMostCents + 1}}, 1, 0));
  EXPECT_TRUE(refused({.kind = Change::Kind::kLabel, .event = {.client = 1}}, 1, 0));
  EXPECT_TRUE(refused({.kind = Change::Kind::kLabel}, 1, 0)) << "of no terminal";
  EXPECT_TRUE(refused({.kind = Change::Kind::kForget, .event = {.terminal = 1}}, 1, 0));
}

// What a disk has: bytes that were written, and how many of them a power cut leaves.
struct Disk {
  std::mutex mutex;
  std::string bytes = journal_of({}, 1);
  std::size_t safe = 0;
  int syncs = 0;
  bool full = false;
};

class DiskFile final : public JournalFile {
 public:
  explicit DiskFile(Disk& disk) : disk_(disk) {}
  Status write(std::string_view bytes) override {
    const std::scoped_lock lock(disk_.mutex);
    if (disk_.full) return fail(Code::kResourceExhausted, "the disk is full");
    disk_.bytes += bytes;
    return {};
  }
  Status sync() override {
    std::this_thread::sleep_for(milliseconds(1));
    const std::scoped_lock lock(disk_.mutex);
    disk_.safe = disk_.bytes.size();
    ++disk_.syncs;
    return {};
  }

 private:
  Disk& disk_;
};

std::size_t survivors(Disk& disk) {
  const std::scoped_lock lock(disk.mutex);
  return changes_in(std::string_view(disk.bytes).substr(0, disk.safe))->size();
}

TEST(Journal, WaitingMeansThatAPowerCutLosesNothing) {
  Disk disk;
  disk.safe = disk.bytes.size();
  Journal journal(std::make_unique<DiskFile>(disk), 0, std::nullopt);
  constexpr int kThreads = 8;
  constexpr int kEach = 40;
  std::atomic<int> lost = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < kEach; ++i) {
          const std::uint64_t number = journal.append({});
          if (!journal.wait() || survivors(disk) < number) ++lost;
        }
      });
    }
  }
  EXPECT_EQ(lost, 0);
  EXPECT_EQ(survivors(disk), kThreads * kEach);
  EXPECT_LT(disk.syncs, kThreads * kEach) << "those that wait together share a sync";
}

TEST(Journal, IntervalSyncsWithoutAnybodyWaiting) {
  Disk disk;
  disk.safe = disk.bytes.size();
  Journal journal(std::make_unique<DiskFile>(disk), 0, milliseconds(5));
  for (int i = 0; i < 10; ++i) journal.append({});
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (survivors(disk) < 10 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  EXPECT_EQ(survivors(disk), 10U);
}

TEST(Journal, AFailureIsForGood) {
  Disk disk;
  Journal journal(std::make_unique<DiskFile>(disk), 0, std::nullopt);
  journal.append({});
  EXPECT_TRUE(journal.wait());
  disk.full = true;
  journal.append({});
  EXPECT_EQ(journal.wait().error().code, Code::kResourceExhausted);
  disk.full = false;
  journal.append({});
  EXPECT_FALSE(journal.wait());
  EXPECT_FALSE(journal.status());
  EXPECT_FALSE(journal.continue_in([&](std::uint64_t) { return std::make_unique<DiskFile>(disk); }));
  EXPECT_EQ(survivors(disk), 1U);
}

TEST(Journal, GoesOnInAnotherFileWithoutAGap) {
  Disk first;
  Disk second;
  std::uint64_t border = 0;
  {
    Journal journal(std::make_unique<DiskFile>(first), 0, milliseconds(1));
    std::jthread busy([&] {
      for (int i = 0; i < 3'000; ++i) {
        journal.append({});
        if (i % 100 == 0) {
          EXPECT_TRUE(journal.wait());
        }
      }
    });
    std::this_thread::sleep_for(milliseconds(5));
    const auto next = journal.continue_in([&](std::uint64_t number) {
      second.bytes = journal_of({}, number);
      return std::make_unique<DiskFile>(second);
    });
    ASSERT_TRUE(next);
    border = *next;
  }
  EXPECT_EQ(survivors(first), border - 1);
  EXPECT_EQ(survivors(first) + survivors(second), 3'000U);
}

}  // namespace
}  // namespace vigie::history
