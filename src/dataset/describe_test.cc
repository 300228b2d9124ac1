#include "dataset/describe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace vigie::dataset {
namespace {

using testing::HasSubstr;

Table small() {
  TextColumn text;
  for (const char* word : {"b", "a", "b", "c", "a"}) text.append(word);
  return Table({Column("x", std::vector<double>{1, 2, 3, 4, kMissingNumber}), Column("s", std::move(text)),
                Column("y", ColumnType::kInteger, {0, 0, 1, 0, 0}), Column("w", std::vector<double>{1, 1, 2, 0, 6})});
}

TEST(Describe, SummarizesNumbersAsNumpyDoes) {
  const auto described = describe(small());
  ASSERT_TRUE(described);
  const ColumnSummary& x = described->columns[0];
  EXPECT_EQ(x.count, 4u);
  EXPECT_EQ(x.missing, 1u);
  EXPECT_EQ(x.distinct, 4u);
  ASSERT_TRUE(x.numbers);
  EXPECT_EQ(x.numbers->minimum, 1.0);
  EXPECT_EQ(x.numbers->maximum, 4.0);
  EXPECT_EQ(x.numbers->mean, 2.5);
  EXPECT_DOUBLE_EQ(x.numbers->deviation, std::sqrt(5.0 / 3.0));
  EXPECT_DOUBLE_EQ(x.numbers->quantiles[1], 1.03);
  EXPECT_DOUBLE_EQ(x.numbers->quantiles[3], 1.75);
  EXPECT_DOUBLE_EQ(x.numbers->quantiles[4], 2.5);
  EXPECT_EQ(x.numbers->histogram[0], 1.0);
  EXPECT_EQ(x.numbers->histogram[19], 1.0) << "the last bin holds the maximum";
}

TEST(Describe, ListsTheMostFrequentTexts) {
  const auto described = describe(small(), {.top_values = 2});
  ASSERT_TRUE(described);
  const ColumnSummary& s = described->columns[1];
  EXPECT_EQ(s.distinct, 3u);
  ASSERT_EQ(s.top.size(), 2u);
  EXPECT_EQ(s.top[0], std::pair(std::string("a"), 2.0)) << "a tie goes by text";
  EXPECT_EQ(s.top[1].first, "b");
  EXPECT_FALSE(s.numbers);
}

TEST(Describe, WeighsRows) {
  const auto described = describe(small(), {.label = "y", .weights = "w"});
  ASSERT_TRUE(described) << described.error().to_string();
  EXPECT_EQ(described->weight, 10.0);
  const NumberSummary& x = *described->columns[0].numbers;
  EXPECT_DOUBLE_EQ(x.mean, 9.0 / 4.0);
  EXPECT_EQ(x.quantiles[4], 2.0);
  EXPECT_EQ(x.quantiles[8], 3.0) << "what weighs nothing is no quantile";
  ASSERT_EQ(described->classes.size(), 2u);
  EXPECT_EQ(described->classes[0].value, "0");
  EXPECT_EQ(described->classes[0].rows, 4u);
  EXPECT_DOUBLE_EQ(described->classes[1].share, 0.2);
}

TEST(Describe, WritesJsonAndText) {
  const auto described = describe(small(), {.label = "y"});
  ASSERT_TRUE(described);
  JsonWriter json;
  described->write_json(json);
  EXPECT_THAT(json.text(),
              HasSubstr("\"name\": \"x\", \"type\": \"number\", \"count\": 4, \"missing\": 1, \"distinct\": 4"));
  EXPECT_THAT(json.text(), HasSubstr("{\"value\": \"1\", \"rows\": 1, \"weight\": 1, \"share\": 0.2}"));
  const std::string text = described->to_text();
  EXPECT_THAT(text, HasSubstr("5 rows, 4 columns"));
  EXPECT_THAT(text, HasSubstr("█     █      █     █"));
  EXPECT_THAT(text, HasSubstr("20.0000 %"));
}

TEST(Describe, CopesWithNothingAndWithOneValue) {
  const Table table(
      {Column("none", std::vector<double>{kMissingNumber, kMissingNumber}), Column("same", std::vector<double>{7, 7})});
  const auto described = describe(table, {.label = "none", .distinct_limit = 1});
  ASSERT_TRUE(described);
  EXPECT_FALSE(described->columns[0].numbers);
  EXPECT_EQ(described->columns[1].numbers->deviation, 0.0);
  EXPECT_TRUE(described->columns[1].distinct_is_exact);
  EXPECT_EQ(described->classes[0].value, "");
  EXPECT_THAT(described->to_text(), HasSubstr("(missing)"));
}

TEST(Describe, SaysWhatIsNoLabelAndNoWeight) {
  std::vector<double> many(200);
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = static_cast<double>(i);
  const Table table({Column("x", many)});
  EXPECT_THAT(describe(table, {.label = "x"}).error().to_string(), HasSubstr("more than 100 different values"));
  EXPECT_FALSE(describe(table, {.label = "z"}));
  EXPECT_FALSE(describe(table, {.weights = "z"}));
  const Table negative({Column("w", std::vector<double>{1, -1})});
  EXPECT_THAT(describe(negative, {.weights = "w"}).error().to_string(), HasSubstr("w: the weight in data row 2"));
  EXPECT_EQ(describe(Table({Column("a", many)}), {.distinct_limit = 50})->columns[0].distinct, 50u);
}

}  // namespace
}  // namespace vigie::dataset
