#include "dataset/ndjson.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vigie::dataset {
namespace {

using testing::HasSubstr;

Result<Reading> read_lines(std::string_view text, const ReadOptions& options = {}, std::size_t piece = 0) {
  return read_ndjson(bytes_in_memory(text, "t.ndjson", piece), options);
}

TEST(ReadNdjson, MakesColumnsInOrderOfFirstAppearance) {
  const auto reading = read_lines(
      "{\"b\": 1.5, \"a\": \"x\", \"n\": 3}\n\n{\"a\": null, \"t\": \"2018-04-01T00:00:00Z\", \"f\": true}\r\n{\"b\": "
      "2, \"n\": -4}");
  ASSERT_TRUE(reading) << reading.error().to_string();
  const Table& table = reading->table;
  ASSERT_EQ(table.columns().size(), 5u);
  EXPECT_EQ(table.columns()[0].name(), "b");
  EXPECT_EQ(table.columns()[0].type(), ColumnType::kNumber);
  EXPECT_EQ(table.columns()[1].type(), ColumnType::kText);
  EXPECT_EQ(table.columns()[2].type(), ColumnType::kInteger);
  EXPECT_EQ(table.columns()[3].type(), ColumnType::kTimestamp);
  EXPECT_EQ(table.find("f")->integers()[1], 1);
  EXPECT_EQ(table.find("b")->missing_count(), 1u);
  EXPECT_EQ(table.find("a")->missing_count(), 2u);
  EXPECT_EQ(table.find("n")->integers()[2], -4);
}

TEST(ReadNdjson, TellsLineFieldAndRemedy) {
  struct Case {
    const char* text;
    const char* message;
  };
  const std::string correct = "; correct the row, or set bad rows aside (--rejects FILE)";
  ReadOptions options;
  options.types = {{"a", ColumnType::kNumber}};
  for (const auto& [text, message] : std::vector<Case>{
           {"{\"a\":1}\n{\"a\":\"x\"}\n", "t.ndjson:2: a: \"x\" is not a number"},
           {"{\"a\":1}\n\n{\"a\":\"inf\"}\n", "t.ndjson:3: a: \"inf\" is not a finite number"},
           {"{\"a\":{\"b\":1}}\n", "t.ndjson:1: a: an object or array inside a field cannot be a cell"},
           {"{\"a\":[1]}\n", "t.ndjson:1: a: an object or array inside a field cannot be a cell"},
           {"{\"a\":1,\"a\":2}\n", "t.ndjson:1: a: the field comes twice"},
           {"[1,2]\n", "t.ndjson:1: a line must be one JSON object"},
           {"{\"a\":1}{\"a\":2}\n", "t.ndjson:1: not a JSON object on one line"},
           {"{\"a\":NaN}\n", "t.ndjson:1: not a JSON object on one line"},
           {"{\"a\":1\n", "t.ndjson:1: not a JSON object on one line"},
           {"{\"a\":\"\xE9\"}\n", "t.ndjson:1: not a JSON object on one line"},
           {"", "t.ndjson: the file has no row; give a file with a JSON object a line"},
       }) {
    const auto reading = read_lines(text, options);
    ASSERT_FALSE(reading) << text;
    EXPECT_THAT(reading.error().to_string(), testing::StartsWith(message));
    EXPECT_THAT(reading.error().to_string(), HasSubstr(*text == '\0' ? "; give a file" : correct));
  }
  options.types = {{"c", ColumnType::kNumber}};
  EXPECT_THAT(read_lines("{\"a\":1}\n", options).error().to_string(), HasSubstr("the header lacks c; it has: a"));
}

TEST(ReadNdjson, SetsBadLinesAsideAndForgetsTheirCells) {
  ReadOptions options{.on_bad_row = OnBadRow::kReject};
  options.types = {{"a", ColumnType::kNumber}, {"b", ColumnType::kInteger}};
  const std::string text = "{\"a\":1,\"b\":1,\"s\":\"p\"}\n{\"a\":2,\"s\":\"q\",\"b\":1.5}\n{\"b\":3}\nrubbish\n";
  for (const std::size_t piece : {0, 1, 7}) {
    const auto reading = read_lines(text, options, piece);
    ASSERT_TRUE(reading) << reading.error().to_string();
    EXPECT_EQ(reading->rejected, 2u);
    ASSERT_EQ(reading->table.rows(), 2u);
    EXPECT_TRUE(reading->table.find("a")->missing(1));
    EXPECT_EQ(reading->table.find("b")->integers()[1], 3);
    EXPECT_EQ(reading->table.find("s")->text().dictionary().size(), 1u);
  }
}

}  // namespace
}  // namespace vigie::dataset
