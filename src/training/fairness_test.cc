#include "training/fairness.h"

#include <gtest/gtest.h>

#include <limits>

namespace vigie::training {
namespace {

TEST(FairnessTest, AgeBands) {
  const double ages[] = {18, 24, 25, 34, 45, 55, 61, 62, 90, std::numeric_limits<double>::quiet_NaN()};
  const PeopleGroups groups = age_bands("age", ages);
  EXPECT_EQ(groups.of, (std::vector<std::int32_t>{0, 0, 1, 1, 3, 4, 4, 5, 5, -1}));
}

TEST(FairnessTest, CountsByHand) {
  // Group a: 40 people, 30 good; approved 20 of them, 18 good. Group b: 40 people, 36 good; approved 32, all good.
  // Group c: two people, both approved: too few to compare with.
  PeopleGroups groups{.column = "group", .names = {"a", "b", "c", "nobody"}};
  std::vector<std::uint8_t> approved;
  std::vector<std::uint8_t> labels;
  const auto add = [&](std::int32_t group, int count, bool is_approved, bool is_bad) {
    for (int i = 0; i < count; ++i) {
      groups.of.push_back(group);
      approved.push_back(is_approved);
      labels.push_back(is_bad);
    }
  };
  add(0, 18, true, false);
  add(0, 2, true, true);
  add(0, 12, false, false);
  add(0, 8, false, true);
  add(1, 32, true, false);
  add(1, 4, false, false);
  add(1, 4, false, true);
  add(2, 2, true, false);
  add(-1, 5, false, true);
  const model::FairnessTable table = measure_fairness(groups, "scorecard", approved, labels);
  ASSERT_EQ(table.groups.size(), 3u);
  EXPECT_EQ(table.reference, 1u);
  EXPECT_DOUBLE_EQ(table.groups[0].approval_rate(), 20.0 / 40);
  EXPECT_DOUBLE_EQ(table.groups[1].approval_rate(), 32.0 / 40);
  EXPECT_DOUBLE_EQ(table.impact_ratio(0), 0.5 / 0.8);
  EXPECT_DOUBLE_EQ(table.opportunity_difference(0), 18.0 / 30 - 32.0 / 36);
  EXPECT_DOUBLE_EQ(table.impact_ratio(2), 1 / 0.8);
}

}  // namespace
}  // namespace vigie::training
