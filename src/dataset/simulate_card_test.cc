#include "dataset/simulate_card.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "base/parallel.h"

namespace vigie::dataset {
namespace {

std::vector<double> numbers(const Table& table, std::string_view name) { return *table.find(name)->to_numbers(); }

using Blocks = std::vector<Table>;

Blocks simulate(const CardSimulation& options, std::uint64_t rows) {
  Blocks blocks;
  for (std::uint64_t block = 0; block < card_blocks(rows); ++block) {
    blocks.push_back(simulate_card_block(options, block, card_block_rows(rows, block)));
  }
  return blocks;
}

std::vector<double> join(const Blocks& blocks, std::string_view name) {
  std::vector<double> all;
  for (const auto& block : blocks) {
    const auto part = numbers(block, name);
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

std::string as_text(const Table& table, std::size_t rows) {
  std::string text;
  for (std::size_t row = 0; row < rows; ++row) {
    for (const auto& column : table.columns()) {
      column.append_text(row, text);
      text += ',';
    }
    text += '\n';
  }
  return text;
}

// How often a fraud's value is above a normal row's: the area under the ROC curve of one column, by ranks.
double area(const std::vector<double>& values, const std::vector<double>& classes) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return values[a] < values[b]; });
  double normal = 0;
  double fraud = 0;
  double above = 0;
  for (const auto row : order) {
    if (classes[row] == 1) {
      ++fraud;
      above += normal;
    } else {
      ++normal;
    }
  }
  return above / (normal * fraud);
}

TEST(SimulateCard, HasTheOriginalsColumnsInItsOrder) {
  const Table table = simulate_card_block({}, 0, 10);
  ASSERT_EQ(table.columns().size(), 31u);
  EXPECT_EQ(table.rows(), 10u);
  EXPECT_EQ(table.columns()[0].name(), "Time");
  for (std::size_t k = 1; k <= 28; ++k) EXPECT_EQ(table.columns()[k].name(), "V" + std::to_string(k));
  EXPECT_EQ(table.columns()[29].name(), "Amount");
  EXPECT_EQ(table.columns()[30].name(), "Class");
}

TEST(SimulateCard, BlocksCoverTheRows) {
  EXPECT_EQ(card_blocks(0), 0u);
  for (const std::uint64_t rows : {std::uint64_t{1}, kCardBlock - 1, kCardBlock, kCardBlock + 1, 5 * kCardBlock}) {
    std::uint64_t covered = 0;
    for (std::uint64_t block = 0; block < card_blocks(rows); ++block) covered += card_block_rows(rows, block);
    EXPECT_EQ(covered, rows);
  }
}

TEST(SimulateCard, ALongerFileBeginsWithTheShorterOne) {
  const CardSimulation options{.seed = 5};
  EXPECT_EQ(as_text(simulate_card_block(options, 3, kCardBlock), 500),
            as_text(simulate_card_block(options, 3, 500), 500));
}

TEST(SimulateCard, SeedsAndBlocksDiffer) {
  const auto at = [](std::uint64_t seed, std::uint64_t block) {
    return numbers(simulate_card_block({.seed = seed}, block, 50), "V1");
  };
  EXPECT_EQ(at(1, 0), at(1, 0));
  EXPECT_NE(at(1, 0), at(2, 0));
  EXPECT_NE(at(1, 0), at(1, 1));
  EXPECT_NE(at(1, 1), at(2, 0));
}

TEST(SimulateCard, ThreadsMakeTheSameRows) {
  std::vector<std::string> texts(3);
  parallel_for(3, 3,
               [&](std::size_t block) { texts[block] = as_text(simulate_card_block({.seed = 9}, block, 200), 200); });
  for (std::size_t block = 0; block < 3; ++block) {
    EXPECT_EQ(texts[block], as_text(simulate_card_block({.seed = 9}, block, 200), 200));
  }
}

TEST(SimulateCard, FraudsAreTheShareAskedFor) {
  for (const double rate : {0.0, 0.00173, 0.02, 0.5}) {
    const auto classes = join(simulate({.seed = 2, .fraud_rate = rate}, kCardBlock), "Class");
    const double frauds = std::accumulate(classes.begin(), classes.end(), 0.0);
    EXPECT_NEAR(frauds, static_cast<double>(kCardBlock) * rate, 1) << rate;
  }
}

TEST(SimulateCard, FraudsComeInRuns) {
  const auto classes = join(simulate({.seed = 2}, 8 * kCardBlock), "Class");
  std::vector<std::size_t> frauds;
  for (std::size_t row = 0; row < classes.size(); ++row) {
    if (classes[row] == 1) frauds.push_back(row);
  }
  std::size_t close = 0;
  for (std::size_t i = 1; i < frauds.size(); ++i) close += frauds[i] - frauds[i - 1] <= 100 ? 1 : 0;
  // Independent of each other, one fraud in six would follow another within 100 rows.
  EXPECT_GT(static_cast<double>(close) / static_cast<double>(frauds.size()), 0.3);
}

TEST(SimulateCard, TimeRunsThroughDaysAndNights) {
  const std::uint64_t rows = 2 * kCardBlock;
  const CardSimulation options{.seed = 1, .rows_per_day = kCardBlock};
  const auto time = join(simulate(options, rows), "Time");
  EXPECT_TRUE(std::is_sorted(time.begin(), time.end()));
  EXPECT_GE(time.front(), 0);
  EXPECT_GT(time.back(), 171'000);
  EXPECT_LT(time.back(), 172'800);
  std::size_t night = 0;  // from two to five
  std::size_t noon = 0;   // from eleven to two
  for (const double second : time) {
    ASSERT_EQ(second, std::floor(second));
    const double hour = std::fmod(second, 86'400) / 3'600;
    night += hour >= 2 && hour < 5 ? 1 : 0;
    noon += hour >= 11 && hour < 14 ? 1 : 0;
  }
  EXPECT_GT(noon, 4 * night);
}

TEST(SimulateCard, AmountsAreCentsMostlySmallAndSometimesLarge) {
  auto amounts = join(simulate({.seed = 4}, kCardBlock), "Amount");
  for (const double amount : amounts) {
    ASSERT_GE(amount, 0);
    ASSERT_LE(amount, 25'000);
    ASSERT_EQ(amount, std::round(amount * 100) / 100);
  }
  std::sort(amounts.begin(), amounts.end());
  const auto quantile = [&](double share) {
    return amounts[static_cast<std::size_t>(share * static_cast<double>(amounts.size()))];
  };
  EXPECT_NEAR(quantile(0.5), 20, 5);
  EXPECT_NEAR(quantile(0.99), 750, 300);
  EXPECT_EQ(quantile(0.001), 0);
}

TEST(SimulateCard, ComponentsAreCentredAndOfDecreasingWidth) {
  const Blocks blocks = simulate({.seed = 6, .rows_per_day = kCardBlock}, 2 * kCardBlock);  // two whole days
  std::vector<double> deviations;
  for (int k = 1; k <= 28; ++k) {
    const auto values = join(blocks, "V" + std::to_string(k));
    const double rows = static_cast<double>(values.size());
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / rows;
    double squares = 0;
    for (const double value : values) {
      ASSERT_TRUE(std::isfinite(value));
      squares += (value - mean) * (value - mean);
    }
    deviations.push_back(std::sqrt(squares / rows));
    EXPECT_NEAR(mean, 0, 0.15) << "V" << k;
  }
  // Quarter by quarter, as principal components are ordered.
  for (std::size_t quarter = 1; quarter < 4; ++quarter) {
    const auto sum = [&](std::size_t q) {
      return std::accumulate(deviations.begin() + 7 * static_cast<long>(q),
                             deviations.begin() + 7 * static_cast<long>(q + 1), 0.0);
    };
    EXPECT_LT(sum(quarter), sum(quarter - 1));
  }
}

TEST(SimulateCard, FraudsCanBeToldButNotAllOfThem) {
  const CardSimulation options{.seed = 7, .fraud_rate = 0.02};
  const Blocks blocks = simulate(options, 2 * kCardBlock);
  const auto classes = join(blocks, "Class");
  const auto one = [&](const char* name) { return area(join(blocks, name), classes); };
  const double v14 = 1 - one("V14");
  EXPECT_GT(v14, 0.9);
  EXPECT_LT(v14, 0.98);  // subtle frauds stay among the normal rows
  EXPECT_GT(one("V4"), 0.8);
  EXPECT_GT(one("V11"), 0.8);
  EXPECT_NEAR(one("V13"), 0.5, 0.06);
  EXPECT_NEAR(one("V25"), 0.5, 0.06);
}

TEST(SimulateCard, ValuesReadLikeTheOriginals) {
  const Table table = simulate_card_block({.seed = 8}, 0, 2'000);
  std::string text;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    text.clear();
    table.find("V7")->append_text(row, text);
    EXPECT_LE(text.size(), 18u) << text;  // sign, whole part, point, at most 13 decimals
  }
}

TEST(SimulateCard, SaysWhatItCannotDo) {
  for (const double rate : {-0.1, 0.51, std::nan("")}) {
    const auto status = check({.fraud_rate = rate});
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, Code::kInvalidArgument);
    EXPECT_FALSE(status.error().remedy.empty());
  }
  EXPECT_FALSE(check({.rows_per_day = 0}));
  EXPECT_TRUE(check({}));
}

}  // namespace
}  // namespace vigie::dataset
