#include "history/checkpoints.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <optional>

#include "history/scratch_folder.h"

namespace vigie::history {
namespace {

using std::chrono::milliseconds;

// Until `there` or ten seconds have passed.
bool wait_for(const std::function<bool()>& there) {
  for (int i = 0; i < 1'000 && !there(); ++i) std::this_thread::sleep_for(milliseconds(10));
  return there();
}

class CheckpointsTest : public testing::Test {
 protected:
  void open(Durability durability, Checkpoints::Options options) {
    history_ = *DurableHistory::open(folder_.path(), {.durability = durability});
    before_ = written();
    checkpoints_.emplace(history_, std::move(options));
  }
  void observe() {
    std::array<double, kFeatures> row;
    ASSERT_TRUE(history_->observe(history_->keys().event({.id = "TX1", .client = "C1", .amount = 1}), 1, row));
  }
  // When the snapshot was written, or the first of all times where there is none.
  std::filesystem::file_time_type written() const {
    std::error_code none;
    return std::filesystem::last_write_time(folder_.path() / "snapshot", none);
  }
  bool made() const { return written() != before_; }

  ScratchFolder folder_;
  std::shared_ptr<DurableHistory> history_;
  std::filesystem::file_time_type before_;
  std::optional<Checkpoints> checkpoints_;
};

TEST_F(CheckpointsTest, ComeWhenTheJournalIsLong) {
  open(Durability::kAlways, {.every = milliseconds(3'600'000), .journal_bytes = 1, .look = milliseconds(5)});
  observe();
  EXPECT_TRUE(wait_for([&] { return made(); }));
}

TEST_F(CheckpointsTest, ComeWhenTheTimeIsOverWithoutAJournalToo) {
  open(Durability::kNever, {.every = milliseconds(30), .look = milliseconds(5)});
  observe();
  EXPECT_TRUE(wait_for([&] { return made(); }));
  checkpoints_.reset();
  history_.reset();
  history_ = *DurableHistory::open(folder_.path(), {.durability = Durability::kNever});
  EXPECT_EQ(history_->memory().clients(), 1) << "a restart has what the snapshot has";
}

TEST_F(CheckpointsTest, FailuresAreSaid) {
  std::atomic<int> failures = 0;
  open(Durability::kAlways,
       {.every = milliseconds(5), .look = milliseconds(5), .on_failure = [&](const Error&) { ++failures; }});
  std::filesystem::remove_all(folder_.path());
  EXPECT_TRUE(wait_for([&] { return failures > 0; }));
  checkpoints_.reset();
}

}  // namespace
}  // namespace vigie::history
