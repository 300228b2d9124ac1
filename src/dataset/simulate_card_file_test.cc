#include "dataset/simulate_card_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "base/file.h"
#include "dataset/read.h"

namespace vigie::dataset {
namespace {

class SimulatedCards : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("vigie-cards-" + std::to_string(::getpid()));
    std::filesystem::create_directory(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
};

TEST_F(SimulatedCards, TheBytesDoNotDependOnThreads) {
  const std::uint64_t rows = 3 * kCardBlock + 17;
  const auto one = write_simulated_cards({.seed = 3}, rows, folder_ / "one.csv", 1);
  const auto four = write_simulated_cards({.seed = 3}, rows, folder_ / "four.csv", 4);
  ASSERT_TRUE(one && four);
  EXPECT_EQ(one->frauds, four->frauds);
  EXPECT_TRUE(*read_file(folder_ / "one.csv") == *read_file(folder_ / "four.csv"));
}

TEST_F(SimulatedCards, EveryFormReadsBackAsTheSameTable) {
  ASSERT_TRUE(write_simulated_cards({.seed = 4, .fraud_rate = 0.01}, 2'000, folder_ / "a.csv"));
  const auto plain = read_table(folder_ / "a.csv");
  ASSERT_TRUE(plain) << plain.error().to_string();
  ASSERT_EQ(plain->table.rows(), 2'000u);
  ASSERT_EQ(plain->table.columns().size(), 31u);
  const Table made = simulate_card_block({.seed = 4, .fraud_rate = 0.01}, 0, 2'000);
  for (const char* name : {"a.csv.gz", "a.csv.xz", "a.csv.zst", "a.ndjson", "a.jsonl.zst"}) {
    ASSERT_TRUE(write_simulated_cards({.seed = 4, .fraud_rate = 0.01}, 2'000, folder_ / name)) << name;
    const auto again = read_table(folder_ / name);
    ASSERT_TRUE(again) << again.error().to_string();
    for (const auto& column : made.columns()) {
      EXPECT_EQ(*again->table.find(column.name())->to_numbers(), *column.to_numbers()) << name << ' ' << column.name();
    }
  }
}

TEST_F(SimulatedCards, CountsItsFrauds) {
  const auto made = write_simulated_cards({.fraud_rate = 0.1}, kCardBlock, folder_ / "b.csv");
  ASSERT_TRUE(made);
  EXPECT_EQ(made->rows, kCardBlock);
  EXPECT_NEAR(static_cast<double>(made->frauds), 1638, 1);
}

TEST_F(SimulatedCards, AFailureLeavesNoFile) {
  EXPECT_EQ(write_simulated_cards({}, 0, folder_ / "none.csv").error().code, Code::kInvalidArgument);
  EXPECT_EQ(write_simulated_cards({.fraud_rate = 2}, 5, folder_ / "none.csv").error().code, Code::kInvalidArgument);
  EXPECT_FALSE(write_simulated_cards({}, 5, folder_ / "missing-folder" / "a.csv"));
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
  const auto full = write_simulated_cards({}, 10'000, "/dev/full");
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, Code::kResourceExhausted);
}

}  // namespace
}  // namespace vigie::dataset
