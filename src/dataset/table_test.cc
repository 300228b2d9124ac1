#include "dataset/table.h"

#include <gtest/gtest.h>

#include <cmath>

namespace vigie::dataset {
namespace {

TEST(TextColumn, KeepsTextsInOrderOfFirstAppearance) {
  TextColumn text;
  text.append("b");
  text.append_missing();
  text.append("a");
  text.append("b");
  EXPECT_EQ(text.dictionary().size(), 2u);
  EXPECT_EQ(text.dictionary()[0], "b");
  EXPECT_EQ(text.at(0), "b");
  EXPECT_EQ(text.at(1), "");
  EXPECT_EQ(text.codes()[1], kMissingText);
  EXPECT_EQ(text.codes()[3], 0);
}

TEST(TextColumn, ForgetsTextsThatNoRowTakenHas) {
  TextColumn text;
  for (const char* word : {"one", "two", "three"}) text.append(word);
  const std::uint32_t rows[] = {2, 0, 2};
  const TextColumn taken = text.take(rows);
  ASSERT_EQ(taken.dictionary().size(), 2u);
  EXPECT_EQ(taken.dictionary()[0], "three");
  EXPECT_EQ(taken.at(1), "one");
  TextColumn joined = taken;
  joined.append_all(text);
  EXPECT_EQ(joined.codes().size(), 6u);
  EXPECT_EQ(joined.at(4), "two");
  EXPECT_EQ(joined.dictionary().size(), 3u);
}

TEST(Column, KnowsWhatIsMissing) {
  const Column numbers("x", std::vector<double>{1, kMissingNumber, -0.0});
  const Column integers("n", ColumnType::kInteger, {kMissingInteger, 7, kMissingInteger});
  EXPECT_EQ(numbers.missing_count(), 1u);
  EXPECT_TRUE(numbers.missing(1));
  EXPECT_FALSE(numbers.missing(2));
  EXPECT_EQ(integers.missing_count(), 2u);
  const auto as_numbers = integers.to_numbers();
  ASSERT_TRUE(as_numbers.has_value());
  EXPECT_TRUE(std::isnan((*as_numbers)[0]));
  EXPECT_EQ((*as_numbers)[1], 7.0);
}

TEST(Column, RefusesTextAsNumbersByName) {
  const Column column("country", ColumnType::kText);
  const auto numbers = column.to_numbers();
  ASSERT_FALSE(numbers.has_value());
  EXPECT_EQ(numbers.error().code, Code::kInvalidArgument);
  EXPECT_EQ(numbers.error().place.field, "country");
}

TEST(Column, WritesValuesAsText) {
  const auto text_of = [](const Column& column, std::size_t row) {
    std::string out;
    column.append_text(row, out);
    return out;
  };
  EXPECT_EQ(text_of(Column("x", std::vector<double>{0.1, kMissingNumber}), 0), "0.1");
  EXPECT_EQ(text_of(Column("x", std::vector<double>{0.1, kMissingNumber}), 1), "");
  EXPECT_EQ(text_of(Column("n", ColumnType::kInteger, {-3}), 0), "-3");
  EXPECT_EQ(text_of(Column("t", ColumnType::kTimestamp, {1'500'000}), 0), "1970-01-01T00:00:01.500000Z");
  EXPECT_EQ(text_of(Column("t", ColumnType::kTimestamp, {-1}), 0), "1969-12-31T23:59:59.999999Z");
}

TEST(Table, TakesRowsOfEveryColumn) {
  TextColumn text;
  for (const char* word : {"a", "b", "c"}) text.append(word);
  Table table({Column("x", std::vector<double>{1, 2, 3}), Column("n", ColumnType::kInteger, {10, 20, 30}),
               Column("t", std::move(text))});
  const std::uint32_t rows[] = {2, 2, 0};
  const Table taken = table.take(rows);
  EXPECT_EQ(taken.rows(), 3u);
  EXPECT_EQ(taken.find("x")->numbers()[1], 3.0);
  EXPECT_EQ(taken.find("n")->integers()[2], 10);
  EXPECT_EQ(taken.find("t")->text().at(0), "c");
  EXPECT_EQ(taken.find("y"), nullptr);
}

}  // namespace
}  // namespace vigie::dataset
