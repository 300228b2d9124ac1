#include "dataset/cell.h"

#include <gtest/gtest.h>

namespace vigie::dataset {
namespace {

TEST(MissingTokens, AreExactAndCanBeChosen) {
  const MissingTokens usual;
  for (const char* token : {"", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?"})
    EXPECT_TRUE(usual.contains(token));
  for (const char* other : {"na", "N", "NAN", "0", "nul", "-"}) EXPECT_FALSE(usual.contains(other)) << other;
  const MissingTokens own(std::vector<std::string>{"-999"});
  EXPECT_TRUE(own.contains("-999"));
  EXPECT_FALSE(own.contains(""));
  EXPECT_FALSE(own.contains("NA"));
}

TEST(WhyNot, SaysWhatIsWrongWithACell) {
  EXPECT_EQ(why_not("abc", ColumnType::kNumber), "\"abc\" is not a number");
  EXPECT_EQ(why_not("-Infinity", ColumnType::kNumber), "\"-Infinity\" is not a finite number");
  EXPECT_EQ(why_not("NAN", ColumnType::kNumber), "\"NAN\" is not a finite number");
  EXPECT_EQ(why_not("1e999", ColumnType::kNumber), "\"1e999\" is too large for a number");
  EXPECT_EQ(why_not("3,14", ColumnType::kNumber), "\"3,14\" is not a number (decimals take a point)");
  EXPECT_EQ(why_not("1.5", ColumnType::kInteger), "\"1.5\" is not a whole number");
  EXPECT_EQ(why_not("99999999999999999999", ColumnType::kInteger), "\"99999999999999999999\" does not fit in 64 bits");
  EXPECT_EQ(why_not("soon", ColumnType::kTimestamp), "\"soon\" is not a date or time like 2026-11-21T10:15:00Z");
}

TEST(Excerpt, IsShortAndHasNoControlBytes) {
  EXPECT_EQ(excerpt("a\nb\"c\x01\xFF"), "\"a\\nb\\\"c\\x01\\xff\"");
  EXPECT_EQ(excerpt(std::string(41, 'x')), "\"" + std::string(40, 'x') + "…\"");
  EXPECT_EQ(excerpt(std::string(40, 'x')), "\"" + std::string(40, 'x') + "\"");
}

TEST(TypeGuess, TakesTheNarrowestTypeThatMostValuesHave) {
  const auto guess = [](std::vector<std::string> texts) {
    TypeGuess seen;
    for (const auto& text : texts) seen.see(text, MissingTokens());
    return seen.type();
  };
  EXPECT_EQ(guess({}), ColumnType::kNumber);
  EXPECT_EQ(guess({"", "NA"}), ColumnType::kNumber);
  EXPECT_EQ(guess({"1", " 2 ", "NA"}), ColumnType::kInteger);
  EXPECT_EQ(guess({"1", "2.5"}), ColumnType::kNumber);
  EXPECT_EQ(guess({"1", "a"}), ColumnType::kText);
  EXPECT_EQ(guess({"1", "2", "3", "4", "5", "6", "7", "8", "9", "oops"}), ColumnType::kInteger);
  EXPECT_EQ(guess({"2018-04-01", "2018-04-01 10:00:00"}), ColumnType::kTimestamp);
  EXPECT_EQ(guess({"12345678901234567890", "12345678901234567891"}), ColumnType::kText);
}

}  // namespace
}  // namespace vigie::dataset
