#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "dataset/csv.h"
#include "dataset/csv_index.h"

namespace vigie::dataset {
namespace {

using testing::HasSubstr;
using Rows = std::vector<std::vector<std::string>>;

// All that a reader says of a text: rows, bad rows, and the error that ended it.
struct Outcome {
  Rows rows{};
  std::vector<std::uint64_t> lines{};
  std::vector<std::string> bad{};
  std::string error{};
  bool operator==(const Outcome&) const = default;
};

Outcome read_all(std::string_view text, CsvOptions options = {}, std::size_t piece = 0) {
  Outcome outcome;
  auto reader = CsvReader::open(bytes_in_memory(text, "t.csv", piece), options);
  if (!reader) {
    outcome.error = reader.error().to_string();
    return outcome;
  }
  outcome.rows.push_back(reader->header().names);
  CsvBlock block;
  for (;;) {
    const auto more = reader->next(block);
    if (!more) {
      outcome.error = more.error().to_string();
      break;
    }
    if (!*more) break;
    for (std::size_t row = 0; row < block.rows(); ++row) {
      std::vector<std::string> fields;
      for (std::size_t column = 0; column < reader->header().names.size(); ++column) {
        fields.emplace_back(block.field(row, column));
      }
      outcome.rows.push_back(std::move(fields));
      outcome.lines.push_back(block.line(row));
    }
    for (const BadRow& bad : block.bad_rows()) {
      outcome.bad.push_back(to_error(bad, "t.csv").to_string() + " <" + bad.record + ">");
    }
  }
  return outcome;
}

TEST(CsvReader, ReadsWhatRfc4180Allows) {
  struct Case {
    const char* what;
    std::string text;
    Rows rows;
  };
  const std::vector<Case> cases = {
      {"plain", "a,b\n1,2\n3,4\n", {{"a", "b"}, {"1", "2"}, {"3", "4"}}},
      {"no line end at the end", "a,b\n1,2", {{"a", "b"}, {"1", "2"}}},
      {"CRLF", "a,b\r\n1,2\r\n3,\r\n", {{"a", "b"}, {"1", "2"}, {"3", ""}}},
      {"CRLF and LF mixed", "a,b\r\n1,2\n3,4\r\n", {{"a", "b"}, {"1", "2"}, {"3", "4"}}},
      {"byte order mark",
       "\xEF\xBB\xBF"
       "a,b\n1,2\n",
       {{"a", "b"}, {"1", "2"}}},
      {"quoted comma", "a,b\n\"1,5\",2\n", {{"a", "b"}, {"1,5", "2"}}},
      {"doubled quotes", "a,b\n\"say \"\"hi\"\"\",\"\"\"\"\n", {{"a", "b"}, {"say \"hi\"", "\""}}},
      {"newlines in quotes", "a,b\n\"x\ny\",\"\r\n\"\n", {{"a", "b"}, {"x\ny", "\r\n"}}},
      {"quoted last field, CRLF", "a,b\r\n1,\"x\"\r\n", {{"a", "b"}, {"1", "x"}}},
      {"quoted last field, end", "a,b\n1,\"x\"", {{"a", "b"}, {"1", "x"}}},
      {"empty quoted", "a,b\n\"\",\"\"\n", {{"a", "b"}, {"", ""}}},
      {"all empty", "a,b\n,\n", {{"a", "b"}, {"", ""}}},
      {"empty lines", "a,b\n\n1,2\n\r\n3,4\n\n", {{"a", "b"}, {"1", "2"}, {"3", "4"}}},
      {"one column keeps empty lines", "a\n1\n\n2\n", {{"a"}, {"1"}, {""}, {"2"}}},
      {"quoted header", "\"a,b\",\" c \"\n1,2\n", {{"a,b", "c"}, {"1", "2"}}},
      {"header over two lines", "\"a\nb\",c\n1,2\n", {{"a\nb", "c"}, {"1", "2"}}},
      {"spaces are text", "a,b\n x , y\n", {{"a", "b"}, {" x ", " y"}}},
      {"UTF-8", "clé,b\n\"été\",→\n", {{"clé", "b"}, {"été", "→"}}},
      {"rows' own names first, without a name", ",b\n1,2\n", {{"row", "b"}, {"1", "2"}}},
      {"header only", "a,b\n", {{"a", "b"}}},
      {"header only, no line end", "a,b", {{"a", "b"}}},
  };
  for (const auto& [what, text, rows] : cases) {
    const Outcome outcome = read_all(text);
    EXPECT_EQ(outcome.error, "") << what;
    EXPECT_EQ(outcome.rows, rows) << what;
  }
}

TEST(CsvReader, TellsFileLineColumnAndRemedy) {
  struct Case {
    const char* what;
    std::string text;
    std::string message;
  };
  const std::string correct = "; correct the row, or set bad rows aside (--rejects FILE)";
  const std::vector<Case> cases = {
      {"empty file", "", "t.csv: the file is empty; give a file with a header line"},
      {"only a mark", "\xEF\xBB\xBF", "t.csv: the file is empty; give a file with a header line"},
      {"no header", "\n1,2\n", "t.csv:1: the header's field 1 has no name; begin the file with a line of column names"},
      {"name missing", "a,,c\n", "t.csv:1: the header's field 2 has no name; name every column"},
      {"row and a first one without a name", ",b,row\n",
       "t.csv:1: the header has the name \"row\" twice; give every column its own name"},
      {"name twice", "a,b,a\n", "t.csv:1: the header has the name \"a\" twice; give every column its own name"},
      {"too few", "a,b,c\n1,2,3\n1,2\n", "t.csv:3: 2 fields where the header has 3" + correct},
      {"too many", "a,b\n1,2\n1,2,3\n", "t.csv:3: 3 fields where the header has 2" + correct},
      {"one of two", "a,b\n1\n", "t.csv:2: 1 field where the header has 2" + correct},
      {"after a record of three lines", "a,b\n\"x\n\ny\",2\n1\n", "t.csv:5: 1 field where the header has 2" + correct},
      {"unclosed", "a,b\n1,2\n3,\"4\n5,6\n",
       "t.csv:3:3: the quote opened here is never closed; close it, or double it where it is part of the text"},
      {"unclosed later in the record", "a,b\n\"x\ny\",\"z\n",
       "t.csv:3:4: the quote opened here is never closed; close it, or double it where it is part of the text"},
      {"stray quote", "a,b\n1,5\" pipe\n", "t.csv:2:4: b: a quote inside an unquoted field" + correct},
      {"after a closing quote", "a,b\n\"x\"y,2\n", "t.csv:2:4: a: text after the closing quote" + correct},
      {"NUL", std::string("a,b\n1,2\nx\0y,3\n", 14), "t.csv:3:2: a: a NUL byte" + correct},
      {"Latin-1", "a,b\n1,2\n3,caf\xE9\n", "t.csv:3:6: b: byte 0xE9 is not UTF-8" + correct},
      {"Latin-1 after UTF-8", "a,b\né→,caf\xE9\n", "t.csv:2:7: b: byte 0xE9 is not UTF-8" + correct},
      {"CR alone", "a,b\n1,2\r3,4\n", "t.csv:2:4: b: a carriage return without a line feed" + correct},
      {"CR alone at the end", "a,b\n1,2\r", "t.csv:2:4: b: a carriage return without a line feed" + correct},
      {"only CRs", "a,b\r1,2\r", "t.csv:1:4: a carriage return without a line feed; correct the line"},
      {"UTF-16",
       std::string("\xFF\xFE"
                   "a\0,\0b\0",
                   8),
       "t.csv:1:1: the text is UTF-16, not UTF-8; convert it: iconv -f UTF-16 -t UTF-8"},
      {"header not UTF-8", "a,caf\xE9\n1,2\n",
       "t.csv:1:6: the header is not UTF-8; convert the file: iconv -f WINDOWS-1252 -t UTF-8"},
  };
  for (const auto& [what, text, message] : cases) EXPECT_EQ(read_all(text).error, message) << what;
}

TEST(CsvReader, BoundsTheLengthOfARecord) {
  const CsvOptions options{.max_record_bytes = 100};
  const std::string long_row = "a,b\n1,2\n" + std::string(101, 'x') + ",y\n";
  EXPECT_THAT(read_all(long_row, options).error,
              HasSubstr("t.csv:3:1: the record that begins here is longer than 100"));
  const std::string left_open = "a,b\n1,2\n\"" + std::string(300, '\n');
  EXPECT_THAT(read_all(left_open, options).error, HasSubstr("t.csv:3:1: the record that begins here is longer"));
  EXPECT_EQ(read_all("a,b\n" + std::string(98, 'x') + ",y\n", options).error, "");
  // Endless data without a line end does not fill the memory.
  const std::string endless(std::size_t{1} << 22, 'x');
  EXPECT_THAT(read_all(endless, {}, 4096).error, HasSubstr("longer than 1,048,576 bytes"));
}

TEST(CsvReader, SetsBadRowsAsideAndGoesOn) {
  const Outcome outcome = read_all("a,b\n1,2\n1\n\"x\"y,2\r\n3,caf\xE9\n5,6\n", {.on_bad_row = OnBadRow::kReject});
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.rows, (Rows{{"a", "b"}, {"1", "2"}, {"5", "6"}}));
  EXPECT_EQ(outcome.lines, (std::vector<std::uint64_t>{2, 6}));
  ASSERT_EQ(outcome.bad.size(), 3u);
  EXPECT_THAT(outcome.bad[0], HasSubstr("t.csv:3: 1 field where the header has 2"));
  EXPECT_THAT(outcome.bad[0], HasSubstr("<1>"));
  EXPECT_THAT(outcome.bad[1], HasSubstr("<\"x\"y,2>"));
  EXPECT_THAT(outcome.bad[2], HasSubstr("<3,caf\xE9>"));
}

TEST(CsvReader, GuessesTheDelimiterFromTheHeader) {
  const CsvOptions guess{.delimiter = '\0'};
  EXPECT_EQ(read_all("a;b\n1,5;2\n", guess).rows, (Rows{{"a", "b"}, {"1,5", "2"}}));
  EXPECT_EQ(read_all("a\tb\n1\t2\n", guess).rows, (Rows{{"a", "b"}, {"1", "2"}}));
  EXPECT_EQ(read_all("a|b\n1|2\n", guess).rows, (Rows{{"a", "b"}, {"1", "2"}}));
  EXPECT_EQ(read_all("\"a;b;c\",d\n1,2\n", guess).rows, (Rows{{"a;b;c", "d"}, {"1", "2"}}));
  EXPECT_EQ(read_all("a\n1\n", guess).rows, (Rows{{"a"}, {"1"}}));
  EXPECT_THAT(read_all("a,b\n", {.delimiter = '"'}).error, HasSubstr("a delimiter cannot be"));
}

TEST(CsvBlock, ParsesNumbersRowAfterRow) {
  const std::string text =
      "id,x,y\nr1,1.5,-2e3\nr2, 7 ,\"8\"\nr3,NA,\nr4,inf,1\nr5,4,\"x,y\"\nr6,0x1,1\nr7,\"1\n2\",9\n";
  auto reader = CsvReader::open(bytes_in_memory(text, "t.csv"), {});
  ASSERT_TRUE(reader);
  CsvBlock block;
  ASSERT_TRUE(*reader->next(block));
  const std::uint32_t columns[] = {2, 1};
  std::vector<double> numbers(block.rows() * 2);
  std::vector<CsvBlock::CellError> errors;
  block.parse_numbers(columns, numbers, errors);
  EXPECT_EQ(numbers[0], -2000.0);
  EXPECT_EQ(numbers[1], 1.5);
  EXPECT_EQ(numbers[2], 8.0);
  EXPECT_EQ(numbers[3], 7.0);
  EXPECT_TRUE(std::isnan(numbers[4]) && std::isnan(numbers[5]));
  ASSERT_EQ(errors.size(), 4u);
  EXPECT_EQ(errors[0].row, 3u);
  EXPECT_TRUE(std::isnan(numbers[6]) && std::isnan(numbers[7]));
  EXPECT_EQ(to_error(errors[0].bad, "t.csv").to_string(),
            "t.csv:5:4: x: \"inf\" is not a finite number; correct the row, or set bad rows aside (--rejects FILE)");
  EXPECT_THAT(to_error(errors[1].bad, "t.csv").to_string(), HasSubstr("t.csv:6:6: y: \"x,y\" is not a number"));
  EXPECT_THAT(errors[2].bad.reason, HasSubstr("\"0x1\" is not a number"));
  EXPECT_THAT(errors[3].bad.reason, HasSubstr("\"1\\n2\" is not a number"));
  EXPECT_EQ(block.record(1), "r2, 7 ,\"8\"");
}

// The obvious reader: split_record() one record after the other.
Outcome read_slowly(std::string_view text) {
  Outcome outcome;
  std::uint64_t line = 1;
  while (!text.empty()) {
    std::size_t used = 0;
    const auto fields = split_record(text, ',', used);
    if (!fields) {
      outcome.error = "bad";
      return outcome;
    }
    const std::string_view record = text.substr(0, used);
    const bool blank = (record == "\n" || record == "\r\n") && outcome.rows.front().size() > 1;
    if (!blank && !outcome.rows.empty() && fields->size() != outcome.rows.front().size()) {
      outcome.error = "bad";
      return outcome;
    }
    if (!blank) {
      if (!outcome.rows.empty()) outcome.lines.push_back(line);
      outcome.rows.push_back(*fields);
    }
    line += static_cast<std::uint64_t>(std::ranges::count(record, '\n'));
    text.remove_prefix(used);
  }
  return outcome;
}

RC_GTEST_PROP(CsvReader, AgreesWithTheSlowWayOnRandomText, ()) {
  const auto pieces = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
      ",", "\n", "\"", "\"\"", "\r\n", "x", "1.5", "é", "a,b\n", "\"q,\n\"", ",\"z\"\n", "\r"));
  std::string text = "h1,h2\n";
  for (const auto& piece : pieces) text += piece;
  const Outcome slow = read_slowly(text);
  const Outcome fast = read_all(text);
  RC_ASSERT(slow.error.empty() == fast.error.empty());
  if (slow.error.empty()) {
    RC_ASSERT(fast.rows == slow.rows);
    RC_ASSERT(fast.lines == slow.lines);
  }
}

RC_GTEST_PROP(CsvReader, DoesNotDependOnHowTheBytesArrive, ()) {
  const auto pieces = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
      ",", "\n", "\"", "\"\"", "\r\n", "x", "1,2\n", "\"q,\n\"", "\xE9", "long long text", "\r"));
  std::string text = "h1,h2\n";
  for (const auto& piece : pieces) text += piece;
  const auto policy = *rc::gen::element(OnBadRow::kFail, OnBadRow::kReject);
  const CsvOptions whole{.on_bad_row = policy, .max_record_bytes = 60};
  const Outcome expected = read_all(text, whole);
  for (const std::size_t block : {1, 2, 3, 7, 16, 64, 1000}) {
    CsvOptions options = whole;
    options.block_bytes = block;
    RC_ASSERT(read_all(text, options) == expected);
    RC_ASSERT(read_all(text, options, 1 + block % 5) == expected);
  }
}

}  // namespace
}  // namespace vigie::dataset
