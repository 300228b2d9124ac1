#include "dataset/split.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace vigie::dataset {
namespace {

std::vector<std::uint8_t> labels_with(std::size_t rows, std::size_t every) {
  std::vector<std::uint8_t> labels(rows);
  for (std::size_t i = 0; i < rows; i += every) labels[i] = 1;
  return labels;
}

std::size_t positives(const std::vector<std::uint32_t>& rows, const std::vector<std::uint8_t>& labels) {
  return static_cast<std::size_t>(std::count_if(rows.begin(), rows.end(), [&](auto row) { return labels[row] == 1; }));
}

void expect_partition(const Split& split, std::size_t rows) {
  EXPECT_TRUE(std::is_sorted(split.train.begin(), split.train.end()));
  EXPECT_TRUE(std::is_sorted(split.test.begin(), split.test.end()));
  std::vector<std::uint32_t> all = split.train;
  all.insert(all.end(), split.test.begin(), split.test.end());
  std::sort(all.begin(), all.end());
  ASSERT_EQ(all.size(), rows);
  for (std::uint32_t i = 0; i < rows; ++i) ASSERT_EQ(all[i], i);
}

TEST(SplitRandom, TakesTheRoundedShareOfEachClass) {
  const auto labels = labels_with(1003, 10);  // 101 positives, 902 negatives
  const auto split = split_random(labels, 0.2, 7);
  ASSERT_TRUE(split);
  expect_partition(*split, labels.size());
  EXPECT_EQ(positives(split->test, labels), 20u);  // 20.2
  EXPECT_EQ(split->test.size() - 20, 180u);        // 180.4
}

TEST(SplitRandom, SameSeedSameRowsOtherSeedOtherRows) {
  const auto labels = labels_with(500, 5);
  EXPECT_EQ(split_random(labels, 0.3, 1)->test, split_random(labels, 0.3, 1)->test);
  EXPECT_NE(split_random(labels, 0.3, 1)->test, split_random(labels, 0.3, 2)->test);
}

TEST(SplitRandom, RowsAreDrawnFromEverywhere) {
  const auto labels = labels_with(10000, 100);
  const auto split = split_random(labels, 0.2, 3);
  std::map<std::uint32_t, int> per_tenth;
  for (const auto row : split->test) ++per_tenth[row / 1000];
  for (const auto& [tenth, count] : per_tenth) EXPECT_NEAR(count, 200, 60) << tenth;
  EXPECT_EQ(per_tenth.size(), 10u);
}

TEST(SplitRandom, ARareClassIsOnBothSides) {
  const std::vector<std::uint8_t> labels{0, 0, 0, 0, 0, 0, 0, 0, 1, 1};
  const auto split = split_random(labels, 0.1, 1);
  ASSERT_TRUE(split);
  EXPECT_EQ(positives(split->test, labels), 1u);
  EXPECT_EQ(positives(split->train, labels), 1u);
}

TEST(SplitRandom, SaysWhyItCannot) {
  const std::vector<std::uint8_t> zeros(10);
  const auto one_class = split_random(zeros, 0.2, 1);
  ASSERT_FALSE(one_class);
  EXPECT_EQ(one_class.error().code, Code::kInvalidData);
  EXPECT_NE(one_class.error().message.find("one class only"), std::string::npos);
  EXPECT_FALSE(one_class.error().remedy.empty());

  const std::vector<std::uint8_t> lonely{0, 0, 0, 1};
  EXPECT_EQ(split_random(lonely, 0.5, 1).error().code, Code::kInvalidData);
  EXPECT_EQ(split_random({}, 0.5, 1).error().code, Code::kInvalidData);
  for (const double share : {0.0, 1.0, -0.1, 1.5, std::nan("")}) {
    EXPECT_EQ(split_random(labels_with(10, 2), share, 1).error().code, Code::kInvalidArgument) << share;
  }
}

RC_GTEST_PROP(SplitRandomProperty, IsAPartitionWithEveryClassOnBothSides, ()) {
  auto labels = *rc::gen::container<std::vector<std::uint8_t>>(rc::gen::inRange<std::uint8_t>(0, 3));
  for (const int label : {0, 1, 2}) labels.insert(labels.end(), 2, static_cast<std::uint8_t>(label));
  const double share = *rc::gen::inRange(1, 100) / 100.0;
  const auto split = split_random(labels, share, *rc::gen::arbitrary<std::uint64_t>());
  RC_ASSERT(split.has_value());
  expect_partition(*split, labels.size());
  std::map<int, double> all;
  std::map<int, double> test;
  for (const auto label : labels) ++all[label];
  for (const auto row : split->test) ++test[labels[row]];
  for (const auto& [label, count] : all) {
    RC_ASSERT(test[label] >= 1);
    RC_ASSERT(test[label] <= count - 1);
    RC_ASSERT(std::abs(test[label] - count * share) <=
              std::max(0.5, 1 - std::min(count * share, count * (1 - share))) + 1e-9);
  }
}

TEST(SplitByTime, TheLatestRowsAreTheTest) {
  const std::vector<double> time{5, 1, 4, 2, 3};
  const auto split = split_by_time(time, 0.4);
  ASSERT_TRUE(split);
  EXPECT_EQ(split->test, (std::vector<std::uint32_t>{0, 2}));
  EXPECT_EQ(split->train, (std::vector<std::uint32_t>{1, 3, 4}));
}

TEST(SplitByTime, OneMomentStaysOnOneSide) {
  // 3 test rows wanted. The moment 2 has four rows: a test of 1 or of 5; both two away, so the smaller.
  const std::vector<double> tie{0, 1, 1, 1, 1, 2, 2, 2, 2, 3};
  EXPECT_EQ(split_by_time(tie, 0.3)->test, (std::vector<std::uint32_t>{9}));
  // 4 wanted: 5 is nearer than 1.
  EXPECT_EQ(split_by_time(tie, 0.4)->test, (std::vector<std::uint32_t>{5, 6, 7, 8, 9}));
  // The earliest moment is never a test row, the latest never a training row.
  EXPECT_EQ(split_by_time(std::vector<double>{1, 1, 1, 1, 2}, 0.9)->test, (std::vector<std::uint32_t>{4}));
  EXPECT_EQ(split_by_time(std::vector<double>{1, 2, 2, 2, 2}, 0.1)->test, (std::vector<std::uint32_t>{1, 2, 3, 4}));
}

TEST(SplitByTime, SaysWhyItCannot) {
  EXPECT_EQ(split_by_time(std::vector<double>{3, 3, 3}, 0.5).error().code, Code::kInvalidData);
  EXPECT_EQ(split_by_time({}, 0.5).error().code, Code::kInvalidData);
  const auto missing = split_by_time(std::vector<double>{1, std::nan(""), 3}, 0.5);
  EXPECT_EQ(missing.error().message, "row 2 has no time");
  EXPECT_EQ(split_by_time(std::vector<double>{1, 2}, 0).error().code, Code::kInvalidArgument);
}

RC_GTEST_PROP(SplitByTimeProperty, NoTrainingRowIsAsLateAsATestRow, ()) {
  auto time =
      *rc::gen::container<std::vector<double>>(rc::gen::map(rc::gen::inRange(0, 20), [](int t) { return t / 2.0; }));
  time.push_back(-1);
  time.push_back(100);
  const auto split = split_by_time(time, *rc::gen::inRange(1, 100) / 100.0);
  RC_ASSERT(split.has_value());
  expect_partition(*split, time.size());
  RC_ASSERT(!split->test.empty());
  RC_ASSERT(!split->train.empty());
  for (const auto train : split->train) {
    for (const auto test : split->test) RC_ASSERT(time[train] < time[test]);
  }
}

RC_GTEST_PROP(FoldsProperty, DealEveryClassEvenly, ()) {
  const unsigned folds = *rc::gen::inRange(2u, 9u);
  auto labels = *rc::gen::container<std::vector<std::uint8_t>>(rc::gen::inRange<std::uint8_t>(0, 2));
  for (const int label : {0, 1}) labels.insert(labels.end(), folds, static_cast<std::uint8_t>(label));
  const auto assignment = fold_assignment(labels, folds, *rc::gen::arbitrary<std::uint64_t>());
  RC_ASSERT(assignment.has_value());
  RC_ASSERT(assignment->size() == labels.size());
  std::map<int, std::vector<std::size_t>> counts;
  std::vector<std::size_t> sizes(folds);
  for (std::size_t row = 0; row < labels.size(); ++row) {
    auto& of_class = counts[labels[row]];
    of_class.resize(folds);
    ++of_class.at((*assignment)[row]);
    ++sizes.at((*assignment)[row]);
  }
  counts[-1] = sizes;
  for (const auto& [label, of_class] : counts) {
    const auto [low, high] = std::minmax_element(of_class.begin(), of_class.end());
    RC_ASSERT(*high - *low <= 1);
  }
  for (unsigned fold = 0; fold < folds; ++fold) {
    const Split split = fold_split(*assignment, fold);
    expect_partition(split, labels.size());
    RC_ASSERT(split.test.size() == sizes[fold]);
  }
}

TEST(Folds, SayWhyTheyCannot) {
  const auto labels = labels_with(100, 34);  // three positives
  const auto few = fold_assignment(labels, 5, 1);
  ASSERT_FALSE(few);
  EXPECT_EQ(few.error().message, "label 1 has 3 rows, fewer than 5 folds");
  EXPECT_EQ(few.error().remedy, "take at most 3 folds");
  EXPECT_EQ(fold_assignment(labels, 1, 1).error().code, Code::kInvalidArgument);
  EXPECT_EQ(fold_assignment(labels, 256, 1).error().code, Code::kInvalidArgument);
  EXPECT_EQ(fold_assignment(std::vector<std::uint8_t>(9, 1), 3, 1).error().code, Code::kInvalidData);
}

TEST(Folds, DependOnTheSeedOnly) {
  const auto labels = labels_with(400, 4);
  EXPECT_EQ(*fold_assignment(labels, 5, 9), *fold_assignment(labels, 5, 9));
  EXPECT_NE(*fold_assignment(labels, 5, 9), *fold_assignment(labels, 5, 10));
}

}  // namespace
}  // namespace vigie::dataset
