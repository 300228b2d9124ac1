#include "dataset/clean.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

namespace vigie::dataset {
namespace {

using testing::HasSubstr;

Table small() {
  TextColumn text;
  text.append("a");
  text.append_missing();
  text.append("a");
  text.append("b");
  return Table({Column("x", std::vector<double>{1, kMissingNumber, 1, 4}),
                Column("n", ColumnType::kInteger, {5, 6, 5, kMissingInteger}), Column("s", std::move(text))});
}

TEST(Clean, RefusesMissingValuesUnlessToldWhatToDo) {
  const auto cleaned = clean(small(), {});
  ASSERT_FALSE(cleaned);
  EXPECT_EQ(
      cleaned.error().to_string(),
      "x: 1 of 4 values missing, the first in data row 2; choose what to do about missing values: drop, median or "
      "constant=VALUE");
  EXPECT_TRUE(clean(small().take(std::vector<std::uint32_t>{0, 2}), {}));
}

TEST(Clean, DropsRowsThatMissAValue) {
  const auto cleaned = clean(small(), {.missing = {.action = MissingAction::kDrop}});
  ASSERT_TRUE(cleaned);
  EXPECT_EQ(cleaned->table.rows(), 2u);
  EXPECT_EQ(cleaned->report.rows_dropped, 2u);
  EXPECT_EQ(cleaned->report.duplicates, 1u);
  EXPECT_EQ(cleaned->report.duplicates_dropped, 0u);
}

TEST(Clean, FillsWithMediansAndConstants) {
  CleanOptions options{.missing = {.action = MissingAction::kMedian}};
  options.overrides = {{"s", {.action = MissingAction::kConstant, .constant = "none"}}};
  const auto cleaned = clean(small(), options);
  ASSERT_TRUE(cleaned) << cleaned.error().to_string();
  EXPECT_EQ(cleaned->table.find("x")->numbers()[1], 1.0);
  EXPECT_EQ(cleaned->table.find("n")->integers()[3], 5);
  EXPECT_EQ(cleaned->table.find("s")->text().at(1), "none");
  JsonWriter json;
  cleaned->report.write_json(json);
  EXPECT_EQ(json.text(),
            "{\"rows_in\": 4, \"rows_out\": 4, \"duplicates\": 1, \"duplicates_dropped\": 0, \"rows_dropped\": 0, "
            "\"columns\": ["
            "{\"name\": \"x\", \"missing\": 1, \"action\": \"median\", \"filled_with\": \"1\"}, "
            "{\"name\": \"n\", \"missing\": 1, \"action\": \"median\", \"filled_with\": \"5\"}, "
            "{\"name\": \"s\", \"missing\": 1, \"action\": \"constant\", \"filled_with\": \"none\"}]}");
  EXPECT_THAT(cleaned->report.to_text(), HasSubstr("s: 1 missing, filled with none"));
}

TEST(Clean, TakesTheMedianAfterDuplicatesHaveGone) {
  const Table table({Column("x", std::vector<double>{9, 9, 9, 1, 2, kMissingNumber})});
  const CleanOptions options{.duplicates = Duplicates::kDrop, .missing = {.action = MissingAction::kMedian}};
  const auto cleaned = clean(table, options);
  ASSERT_TRUE(cleaned);
  EXPECT_EQ(cleaned->report.columns[0].filled_with, "2");
  EXPECT_EQ(cleaned->table.rows(), 4u);
}

TEST(Clean, MediansOfEvenCounts) {
  const CleanOptions median{.missing = {.action = MissingAction::kMedian}};
  EXPECT_EQ(
      clean(Table({Column("x", std::vector<double>{1, 2, kMissingNumber})}), median)->table.find("x")->numbers()[2],
      1.5);
  EXPECT_EQ(clean(Table({Column("n", ColumnType::kInteger, {1, 2, kMissingInteger})}), median)
                ->table.find("n")
                ->integers()[2],
            1);
}

TEST(Clean, EqualValuesAreDuplicatesWhateverTheirBits) {
  const Table table({Column("x", std::vector<double>{0.0, -0.0, kMissingNumber, -kMissingNumber, 1})});
  CleanOptions options{.duplicates = Duplicates::kDrop, .missing = {.action = MissingAction::kDrop}};
  const auto cleaned = clean(table, options);
  ASSERT_TRUE(cleaned);
  EXPECT_EQ(cleaned->report.duplicates_dropped, 2u);
  EXPECT_EQ(cleaned->table.rows(), 2u);
}

TEST(Clean, SaysWhatItCannotDo) {
  const auto error = [](const CleanOptions& options) { return clean(small(), options).error().to_string(); };
  EXPECT_THAT(error({.missing = {.action = MissingAction::kMedian}}), HasSubstr("s: text has no median"));
  EXPECT_THAT(error({.columns = {"y"}}), HasSubstr("y: there is no such column"));
  EXPECT_THAT(error({.missing = {.action = MissingAction::kConstant, .constant = "abc"}}),
              HasSubstr("x: the constant does not fit: \"abc\" is not a number"));
  const Table empty({Column("x", std::vector<double>{kMissingNumber})});
  EXPECT_THAT(clean(empty, {.missing = {.action = MissingAction::kMedian}}).error().to_string(),
              HasSubstr("no median"));
  EXPECT_THAT(clean(empty, {.missing = {.action = MissingAction::kDrop}}).error().to_string(),
              HasSubstr("no row is left"));
  EXPECT_THAT(parse_missing_rule("mean").error().to_string(), HasSubstr("use error, drop, median or constant=VALUE"));
  EXPECT_EQ(parse_missing_rule("constant=a=b")->constant, "a=b");
}

RC_GTEST_PROP(Clean, KeepsTheFirstOfEachRow, ()) {
  const auto xs = *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 6)));
  std::vector<double> numbers(xs.begin(), xs.end());
  TextColumn text;
  std::vector<double> expected;
  std::set<std::pair<int, int>> seen;
  for (std::size_t i = 0; i < xs.size(); ++i) {
    const int kind = xs[i] * 7 % 3 + static_cast<int>(i % 2);
    text.append(std::to_string(kind));
    if (seen.insert({xs[i], kind}).second) expected.push_back(numbers[i]);
  }
  const auto cleaned =
      clean(Table({Column("x", numbers), Column("s", std::move(text))}), {.duplicates = Duplicates::kDrop});
  RC_ASSERT(cleaned.has_value());
  const auto kept = cleaned->table.find("x")->numbers();
  RC_ASSERT(std::vector<double>(kept.begin(), kept.end()) == expected);
}

}  // namespace
}  // namespace vigie::dataset
