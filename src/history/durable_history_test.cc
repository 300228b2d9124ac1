#include "history/durable_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <fstream>
#include <thread>
#include <vector>

#include "base/file.h"
#include "history/journal_format.h"
#include "history/scratch_folder.h"

namespace vigie::history {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using Options = DurableHistory::Options;
using Row = std::array<double, kFeatures>;

constexpr std::int64_t kNow = 1'700'000'000;

std::unique_ptr<DurableHistory> open(const std::filesystem::path& folder, const Options& options = {}) {
  auto history = DurableHistory::open(folder, options);
  EXPECT_TRUE(history) << history.error().to_string();
  return history ? std::move(*history) : nullptr;
}

// Of clients enough that each event is kept.
domain::Event event_of(std::uint64_t number) {
  return {.id = number, .client = number % 5'000, .terminal = 1 + number % 10, .cents = number, .time = kNow};
}

Outcome observe(DurableHistory& history, std::uint64_t number) {
  Row row;
  const auto outcome = history.observe(event_of(number), kNow, row);
  EXPECT_TRUE(outcome) << outcome.error().to_string();
  return outcome.value_or(Outcome::kLate);
}

std::vector<std::filesystem::path> journals(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().filename().string().starts_with("journal-")) found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

TEST(DurableHistory, RestartsWithWhatItHad) {
  const ScratchFolder folder;
  std::uint64_t key = 0;
  {
    const auto history = open(folder.path());
    key = history->keys()("C1001");
    for (std::uint64_t i = 0; i < 50; ++i) EXPECT_EQ(observe(*history, i), Outcome::kCounted);
    EXPECT_EQ(*history->label({.id = 3, .terminal = 4, .time = kNow, .fraud = true}), LabelOutcome::kTaken);
    EXPECT_TRUE(*history->forget(7));
    EXPECT_GT(history->journal_bytes(), 50U * 64);
  }
  const auto history = open(folder.path());
  EXPECT_EQ(history->keys()("C1001"), key);
  EXPECT_EQ(history->memory().clock(), kNow);
  for (std::uint64_t i = 0; i < 50; ++i)
    EXPECT_EQ(observe(*history, i), i == 7 ? Outcome::kCounted : Outcome::kDuplicate);
  Row row;
  ASSERT_TRUE(history->read({.id = 99, .client = 1, .terminal = 4, .time = kNow + kRiskDelay}, row));
  EXPECT_EQ(row[kTerminalCount], 5);
  EXPECT_EQ(row[kTerminalRisk], 0.2);
}

TEST(DurableHistory, KeepsItsFilesToItsOwner) {
  const ScratchFolder scratch;
  const auto folder = scratch.path() / "state" / "history";
  const auto history = open(folder);
  ASSERT_TRUE(history->checkpoint());
  struct stat status{};
  ASSERT_EQ(::stat(folder.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << entry.path();
  }
}

TEST(DurableHistory, ACheckpointMakesJournalsNeedless) {
  const ScratchFolder folder;
  {
    const auto history = open(folder.path());
    for (std::uint64_t i = 0; i < 20; ++i) observe(*history, i);
    ASSERT_TRUE(history->checkpoint());
    EXPECT_EQ(journals(folder.path()).size(), 1U);
    EXPECT_EQ(history->journal_bytes(), 0U);
    observe(*history, 20);
  }
  const auto history = open(folder.path());
  for (std::uint64_t i = 0; i <= 20; ++i) EXPECT_EQ(observe(*history, i), Outcome::kDuplicate);
}

TEST(DurableHistory, IsOneProcesssAtATime) {
  const ScratchFolder folder;
  const auto history = open(folder.path());
  const auto second = DurableHistory::open(folder.path(), {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kFailedPrecondition);
}

TEST(DurableHistory, CutsOffATornRecord) {
  const ScratchFolder folder;
  for (std::uint64_t i = 0; i < 3; ++i) observe(*open(folder.path()), i);
  const auto last = journals(folder.path()).back();
  std::ofstream(last, std::ios::app | std::ios::binary) << "torn";
  for (std::uint64_t i = 0; i < 3; ++i) EXPECT_EQ(observe(*open(folder.path()), i), Outcome::kDuplicate);
  EXPECT_EQ(std::filesystem::file_size(last) % 64, 40U);
}

// As a checkpoint leaves it whose journal got its name, and then the folder could not be synced.
void leave_journal(const std::filesystem::path& folder, std::uint64_t first) {
  JournalHead head = read_journal_head(read_file(journals(folder).front()).value(), "").value();
  head.first = first;
  const std::string number = std::to_string(first);
  const std::string name = "journal-" + std::string(20 - number.size(), '0') + number;
  ASSERT_TRUE(write_file(folder / name, write_journal_head(head)));
}

TEST(DurableHistory, RestartsAfterACheckpointThatFailed) {
  const ScratchFolder folder;
  {
    const auto history = open(folder.path());
    for (std::uint64_t i = 0; i < 3; ++i) observe(*history, i);
    leave_journal(folder.path(), 4);
    for (std::uint64_t i = 3; i < 6; ++i) observe(*history, i);
  }
  {
    const auto history = open(folder.path());
    ASSERT_NE(history, nullptr);
    for (std::uint64_t i = 0; i < 6; ++i) EXPECT_EQ(observe(*history, i), Outcome::kDuplicate);
    EXPECT_EQ(observe(*history, 6), Outcome::kCounted);
    ASSERT_TRUE(history->checkpoint());
    EXPECT_EQ(journals(folder.path()).size(), 1U) << "what was left behind is gone";
  }
  EXPECT_EQ(observe(*open(folder.path()), 6), Outcome::kDuplicate);
}

TEST(DurableHistory, RefusesAnEmptyJournalThatBeginsAfterAGap) {
  const ScratchFolder folder;
  for (std::uint64_t i = 0; i < 3; ++i) observe(*open(folder.path()), i);
  leave_journal(folder.path(), 9);
  const auto history = DurableHistory::open(folder.path(), {});
  ASSERT_FALSE(history);
  EXPECT_THAT(history.error().message, HasSubstr("before number 9 are missing"));
}

TEST(DurableHistory, RefusesAFolderWithAPartMissing) {
  const ScratchFolder folder;
  {
    const auto history = open(folder.path());
    observe(*history, 1);
    ASSERT_TRUE(history->checkpoint());
    observe(*history, 2);
  }
  const auto refused_without = [&](const std::filesystem::path& file) {
    const auto aside = folder.path() / "aside";
    std::filesystem::rename(file, aside);
    const auto history = DurableHistory::open(folder.path(), {});
    EXPECT_FALSE(history) << file;
    std::filesystem::rename(aside, file);
    return history ? std::string() : history.error().to_string();
  };
  EXPECT_THAT(refused_without(folder.path() / "secret"), HasSubstr("the secret is missing"));
  EXPECT_THAT(refused_without(folder.path() / "snapshot"), HasSubstr("the changes before number 2 are missing"));
  ASSERT_TRUE(write_file(folder.path() / "secret", std::string(16, 'x'), Readers::kOwner));
  EXPECT_THAT(DurableHistory::open(folder.path(), {}).error().to_string(), HasSubstr("another secret"));
}

TEST(DurableHistory, RefusesJournalsThatEndBeforeTheirSnapshot) {
  const ScratchFolder folder;
  const auto snapshot = folder.path() / "snapshot";
  {
    const auto history = open(folder.path());
    for (std::uint64_t i = 0; i < 3; ++i) observe(*history, i);
    std::filesystem::copy(journals(folder.path()).back(), folder.path() / "kept");
    ASSERT_TRUE(history->checkpoint());
    // As one has it that is written while others go on: only the first change is surely in it.
    const std::string bytes = *read_file(snapshot);
    const auto reader = SnapshotReader::open(bytes, "snapshot");
    auto writer = SnapshotWriter::create(snapshot, {.changes = 1, .fingerprint = reader->header().fingerprint});
    ASSERT_TRUE(history->memory().write(*writer));
    ASSERT_TRUE(writer->commit(kNow));
  }
  const auto journal = journals(folder.path()).back();
  std::filesystem::remove(journal);
  std::filesystem::rename(folder.path() / "kept", folder.path() / "journal-00000000000000000001");
  for (std::uint64_t i = 0; i < 3; ++i) ASSERT_EQ(observe(*open(folder.path()), i), Outcome::kDuplicate);
  for (const auto& later : journals(folder.path())) {
    if (std::filesystem::file_size(later) == 40) std::filesystem::remove(later);
  }
  std::filesystem::resize_file(folder.path() / "journal-00000000000000000001", 40 + 2 * 64);
  const auto history = DurableHistory::open(folder.path(), {});
  ASSERT_FALSE(history);
  EXPECT_THAT(history.error().to_string(), HasSubstr("a journal is missing"));
}

TEST(DurableHistory, ChangesItsDurabilityFromStartToStart) {
  const ScratchFolder folder;
  std::uint64_t next = 0;
  for (const Durability durability : {Durability::kAlways, Durability::kNever, Durability::kInterval,
                                      Durability::kNever, Durability::kAlways, Durability::kAlways}) {
    const auto history = open(folder.path(), {.durability = durability});
    ASSERT_NE(history, nullptr);
    for (std::uint64_t i = 0; i < next; ++i)
      ASSERT_EQ(observe(*history, i), Outcome::kDuplicate) << to_string(durability);
    for (int i = 0; i < 10; ++i) ASSERT_EQ(observe(*history, next++), Outcome::kCounted);
    if (durability == Durability::kNever) {
      ASSERT_TRUE(history->checkpoint());
    }
    EXPECT_EQ(journals(folder.path()).empty(), durability == Durability::kNever);
  }
}

TEST(DurableHistory, NeverKeepsWhatTheLastCheckpointHad) {
  const ScratchFolder folder;
  {
    const auto history = open(folder.path(), {.durability = Durability::kNever});
    observe(*history, 1);
    ASSERT_TRUE(history->checkpoint());
    observe(*history, 2);
  }
  const auto history = open(folder.path(), {.durability = Durability::kNever});
  EXPECT_EQ(observe(*history, 1), Outcome::kDuplicate);
  EXPECT_EQ(observe(*history, 2), Outcome::kCounted);
}

TEST(DurableHistory, ChecksItsInterval) {
  const ScratchFolder folder;
  EXPECT_EQ(DurableHistory::open(folder.path(), {.interval = milliseconds(0)}).error().place.field, "interval");
}

TEST(DurableHistory, CheckpointsWhileOthersGoOn) {
  const ScratchFolder folder;
  constexpr std::uint64_t kEach = 4'000;
  {
    const auto history = open(folder.path(), {.durability = Durability::kInterval, .interval = milliseconds(1)});
    std::vector<std::jthread> threads;
    for (std::uint64_t t = 0; t < 3; ++t) {
      threads.emplace_back([&, t] {
        for (std::uint64_t i = 0; i < kEach; ++i) observe(*history, t * kEach + i);
      });
    }
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(history->checkpoint());
  }
  const auto history = open(folder.path());
  Row row;
  for (std::uint64_t terminal = 1; terminal <= 10; ++terminal) {
    ASSERT_TRUE(history->read({.id = 0, .client = 999, .terminal = terminal, .time = kNow + kRiskDelay}, row));
    EXPECT_EQ(row[kTerminalCount], 3 * kEach / 10) << "each use once, however files overlap";
  }
  for (std::uint64_t i = 0; i < 3 * kEach; ++i) ASSERT_EQ(observe(*history, i), Outcome::kDuplicate);
}

struct Acknowledged {
  std::uint64_t number;
  std::int64_t time;  // ms of a clock that goes on over processes
};

std::int64_t milliseconds_now() {
  return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Observes from several threads, and tells each number through `pipe` once it was answered. For ever.
[[noreturn]] void serve(const std::filesystem::path& folder, const Options& options, std::uint64_t from,
                        bool checkpoints, int pipe) {
  auto history = DurableHistory::open(folder, options);
  if (!history) ::_exit(1);
  std::atomic<std::uint64_t> next = from;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      Row row;
      for (;;) {
        const std::uint64_t number = next++;
        if (!(*history)->observe(event_of(number), kNow, row)) ::_exit(2);
        const Acknowledged told{.number = number, .time = milliseconds_now()};
        if (::write(pipe, &told, sizeof told) != sizeof told) ::_exit(3);
      }
    });
  }
  for (;;) {
    std::this_thread::sleep_for(milliseconds(20));
    if (checkpoints && !(*history)->checkpoint()) ::_exit(4);
  }
}

// What a child acknowledged before it was killed after `lifetime`.
std::vector<Acknowledged> killed_after(milliseconds lifetime, const std::filesystem::path& folder,
                                       const Options& options, std::uint64_t from, bool checkpoints) {
  int ends[2];
  if (::pipe(ends) != 0) return {};
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    serve(folder, options, from, checkpoints, ends[1]);
  }
  ::close(ends[1]);
  std::jthread killer([&] {
    std::this_thread::sleep_for(lifetime);
    ::kill(child, SIGKILL);
  });
  std::vector<Acknowledged> all;
  Acknowledged told{};
  while (::read(ends[0], &told, sizeof told) == sizeof told) all.push_back(told);
  ::close(ends[0]);
  killer.join();
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "the child ended by itself: " << status;
  return all;
}

TEST(DurableHistory, KillMinusNineLosesNothingThatWasAcknowledged) {
  const ScratchFolder folder;
  std::size_t events = 0;
  for (int life = 0; life < 8; ++life) {
    const std::uint64_t from = 1'000'000U * static_cast<std::uint64_t>(life + 1);
    const auto acknowledged = killed_after(milliseconds(60 + 17 * life), folder.path(), {}, from, life % 2 == 0);
    const auto history = open(folder.path());
    ASSERT_NE(history, nullptr);
    for (const Acknowledged& told : acknowledged)
      ASSERT_EQ(observe(*history, told.number), Outcome::kDuplicate) << life;
    events += acknowledged.size();
  }
  EXPECT_GT(events, 100U);
}

TEST(DurableHistory, KillMinusNineLosesAnIntervalAtMost) {
  const ScratchFolder folder;
  const Options options{.durability = Durability::kInterval, .interval = milliseconds(20)};
  const auto acknowledged = killed_after(milliseconds(1'200), folder.path(), options, 0, false);
  const auto history = open(folder.path(), options);
  ASSERT_NE(history, nullptr);
  ASSERT_GT(acknowledged.size(), 100U);
  // An interval, and what a sync takes on a busy machine.
  const std::int64_t safe_until = acknowledged.back().time - 500;
  for (const Acknowledged& told : acknowledged) {
    if (told.time < safe_until) {
      ASSERT_EQ(observe(*history, told.number), Outcome::kDuplicate);
    }
  }
}

}  // namespace
}  // namespace vigie::history
