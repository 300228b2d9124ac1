#include "cli/credit_options.h"

#include <gtest/gtest.h>

namespace vigie::cli {
namespace {

TEST(CreditOptionsTest, MappingsHaveAColumnAndPerhapsAFactor) {
  const auto plain = parse_mapping("age=years");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->field, "age");
  EXPECT_EQ(plain->column, "years");
  EXPECT_EQ(plain->factor, 1);
  const auto yearly = parse_mapping("revenu=MonthlyIncome*12");
  ASSERT_TRUE(yearly);
  EXPECT_EQ(yearly->column, "MonthlyIncome");
  EXPECT_EQ(yearly->factor, 12);
  EXPECT_EQ(parse_mapping("revenu=a*b")->column, "a*b");
  for (const char* text : {"", "age", "=years", "age="}) EXPECT_FALSE(parse_mapping(text)) << text;
}

TEST(CreditOptionsTest, TargetsSpecialsTrendsDelimitersAndThresholds) {
  training::CreditReading reading;
  ASSERT_TRUE(set_target(reading, "Class=2"));
  EXPECT_EQ(reading.target, "Class");
  EXPECT_EQ(reading.bad, "2");
  ASSERT_TRUE(set_target(reading, "bad"));
  EXPECT_EQ(reading.target, "bad");
  EXPECT_FALSE(set_target(reading, ""));
  EXPECT_FALSE(set_target(reading, "Class="));
  ASSERT_TRUE(add_special(reading, "historique_impaye=96,98"));
  EXPECT_EQ(reading.special[0].second, (std::vector<double>{96, 98}));
  ASSERT_TRUE(add_special(reading, "age=0"));
  ASSERT_TRUE(add_special(reading, "historique_impaye=99")) << "they add up";
  ASSERT_EQ(reading.special.size(), 2u);
  EXPECT_EQ(reading.special[0].second, (std::vector<double>{96, 98, 99}));
  EXPECT_EQ(add_special(reading, "historique_impaye=98").error().to_string(),
            "--special: 98 is given twice for historique_impaye; give each value once");
  EXPECT_FALSE(add_special(reading, "revenu=96,96"));
  EXPECT_FALSE(add_special(reading, "age=x"));
  EXPECT_FALSE(add_special(reading, "age=1,"));
  ASSERT_TRUE(add_trend(reading, "age=falling"));
  EXPECT_EQ(reading.trends[0].second, model::Trend::kFalling);
  EXPECT_FALSE(add_trend(reading, "age=down"));
  EXPECT_EQ(add_trend(reading, "age=rising").error().to_string(), "--trend: age has a trend already; give one of them");
  ASSERT_TRUE(add_good(reading, "0,2"));
  ASSERT_TRUE(add_good(reading, "Fully Paid"));
  EXPECT_EQ(reading.good, (std::vector<std::string>{"0", "2", "Fully Paid"}));
  EXPECT_FALSE(add_good(reading, "0,"));
  EXPECT_EQ(*parse_delimiter("space"), ' ');
  EXPECT_EQ(*parse_delimiter(";"), ';');
  EXPECT_FALSE(parse_delimiter("spaces"));
  EXPECT_EQ(parse_thresholds("200,500,700")->accepted, 500);
  EXPECT_FALSE(parse_thresholds("200,500"));
  EXPECT_FALSE(parse_thresholds("500,200,700"));
}

}  // namespace
}  // namespace vigie::cli
