#include "dataset/json_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace vigie::dataset {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// "line:record" of every row, then the error where there is one.
std::vector<std::string> rows_of(std::string_view text, std::size_t block = 1, std::size_t piece = 1,
                                 std::size_t most = 100) {
  std::vector<std::string> rows;
  auto reader =
      JsonRowReader::open(bytes_in_memory(text, "rows", piece), {.block_bytes = block, .max_record_bytes = most});
  if (!reader) return {reader.error().to_string()};
  JsonBlock blocks;
  for (;;) {
    const auto more = reader->next(blocks);
    if (!more) rows.push_back(more.error().to_string());
    if (!more || !*more) return rows;
    for (const auto& row : blocks.rows)
      rows.push_back(std::to_string(row.line) + ":" + std::string(blocks.record(row)));
  }
}

// The same rows however the bytes come.
std::vector<std::string> same_rows_of(std::string_view text) {
  const auto rows = rows_of(text);
  for (const std::size_t block : {2u, 3u, 7u, 64u, 4096u}) {
    for (const std::size_t piece : {1u, 5u, 0u}) {
      EXPECT_EQ(rows_of(text, block, piece), rows) << text << "\nblock " << block << ", piece " << piece;
    }
  }
  return rows;
}

TEST(JsonRows, Lines) {
  EXPECT_THAT(same_rows_of(""), ElementsAre());
  EXPECT_THAT(same_rows_of("\n \r\n"), ElementsAre());
  EXPECT_THAT(same_rows_of("{\"a\": 1}\n{\"a\": 2}"), ElementsAre("1:{\"a\": 1}", "2:{\"a\": 2}"));
  EXPECT_THAT(same_rows_of("\xEF\xBB\xBF\n{}\r\n\n\t{ } \nnonsense ]\n"), ElementsAre("2:{}", "4:{ }", "5:nonsense ]"));
}

TEST(JsonRows, SpacesInFrontTakeNoTimeToSpeakOf) {
  const std::string spaces(std::size_t{1} << 24, '\n');
  EXPECT_THAT(rows_of(spaces + "{}", 4096, 0), ElementsAre("16777217:{}"));
  EXPECT_THAT(rows_of(spaces + " [{}]", 4096, 0), ElementsAre("16777217:{}"));
}

TEST(JsonRows, ElementsOfAnArray) {
  EXPECT_THAT(same_rows_of("[]"), ElementsAre());
  EXPECT_THAT(same_rows_of(" \n[ \n ] \n"), ElementsAre());
  EXPECT_THAT(same_rows_of("[{\"a\": 1},{\"a\": 2}]"), ElementsAre("1:{\"a\": 1}", "1:{\"a\": 2}"));
  EXPECT_THAT(same_rows_of("[\n{\"a\":\n[1, {}]}\n,\n 2 ,\"]\", null]\n"),
              ElementsAre("2:{\"a\":\n[1, {}]}", "5:2", "5:\"]\"", "5:null"));
  EXPECT_THAT(same_rows_of(R"([{"a": "\"]}\\"}, {"]\\\"": "{"}])"),
              ElementsAre(R"(1:{"a": "\"]}\\"})", R"(1:{"]\\\"": "{"})"));
}

TEST(JsonRows, ArraysThatAreNone) {
  EXPECT_THAT(same_rows_of("[1, 2"), ElementsAre("1:1", HasSubstr("ends before its array does")));
  EXPECT_THAT(same_rows_of("[1, "), ElementsAre("1:1", HasSubstr("ends before its array does")));
  EXPECT_THAT(same_rows_of("[{\"a\": \"}"), ElementsAre(HasSubstr("ends before its array does")));
  EXPECT_THAT(rows_of("[1\n2]", 64), ElementsAre("1:1", HasSubstr("rows:2:1: a comma or ] is missing here")));
  EXPECT_THAT(rows_of("[1]\n x", 64), ElementsAre("1:1", HasSubstr("rows:2:2: there is text behind the array")));
  EXPECT_THAT(rows_of("[1,,2]", 64), ElementsAre("1:1", HasSubstr("a value is missing here")));
  EXPECT_THAT(rows_of("[1,]", 64), ElementsAre("1:1", HasSubstr("a value is missing here")));
}

TEST(JsonRows, ARowLongerThanAllowed) {
  const std::string longer(200, 'x');
  EXPECT_THAT(same_rows_of("{}\n" + longer + "\n{}\n"),
              ElementsAre("1:{}", HasSubstr("rows:2:1: the record that begins")));
  EXPECT_THAT(same_rows_of("[1,\n\"" + longer + "\"]"),
              ElementsAre("1:1", HasSubstr("rows:2:1: the record that begins")));
  EXPECT_THAT(rows_of("{}\n{" + std::string(100'000, ' ')), ElementsAre("1:{}", HasSubstr("longer than 100 bytes")));
}

}  // namespace
}  // namespace vigie::dataset
