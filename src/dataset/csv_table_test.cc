#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unistd.h>

#include <bit>
#include <cmath>

#include "base/file.h"
#include "dataset/csv.h"
#include "dataset/ndjson.h"

namespace vigie::dataset {
namespace {

using testing::HasSubstr;

std::filesystem::path scratch(const std::string& name) {
  return std::filesystem::temp_directory_path() / ("vigie_table_" + std::to_string(::getpid()) + "_" + name);
}

Result<Reading> read_text(std::string_view text, const ReadOptions& options = {}) {
  return read_csv(bytes_in_memory(text, "t.csv"), options);
}

std::string error_of(std::string_view text, const ReadOptions& options = {}) {
  const auto reading = read_text(text, options);
  return reading ? "" : reading.error().to_string();
}

// Equal names, types and values; numbers bit for bit, missing ones as missing.
void expect_equal(const Table& a, const Table& b) {
  ASSERT_EQ(a.columns().size(), b.columns().size());
  ASSERT_EQ(a.rows(), b.rows());
  for (std::size_t i = 0; i < a.columns().size(); ++i) {
    const Column& x = a.columns()[i];
    const Column& y = b.columns()[i];
    ASSERT_EQ(x.name(), y.name());
    ASSERT_EQ(x.type(), y.type()) << x.name();
    for (std::size_t row = 0; row < a.rows(); ++row) {
      ASSERT_EQ(x.missing(row), y.missing(row)) << x.name() << " row " << row;
      if (x.missing(row)) continue;
      switch (x.type()) {
        case ColumnType::kNumber:
          ASSERT_EQ(std::bit_cast<std::uint64_t>(x.numbers()[row]), std::bit_cast<std::uint64_t>(y.numbers()[row]));
          break;
        case ColumnType::kText: ASSERT_EQ(x.text().at(row), y.text().at(row)); break;
        default: ASSERT_EQ(x.integers()[row], y.integers()[row]);
      }
    }
  }
}

TEST(ReadCsv, GuessesTypes) {
  const auto reading = read_text(
      "n,i,t,s,e\n1.5,1,2018-04-01 "
      "00:00:31,a,\n-2,NA,2018-04-02,\"\",\nNA,3,,\"NA\",NA\n,-4,2018-04-03T01:02:03Z,NA,\n");
  ASSERT_TRUE(reading) << reading.error().to_string();
  const Table& table = reading->table;
  EXPECT_EQ(table.find("n")->type(), ColumnType::kNumber);
  EXPECT_EQ(table.find("i")->type(), ColumnType::kInteger);
  EXPECT_EQ(table.find("t")->type(), ColumnType::kTimestamp);
  EXPECT_EQ(table.find("s")->type(), ColumnType::kText);
  EXPECT_EQ(table.find("e")->type(), ColumnType::kNumber);
  EXPECT_EQ(table.find("n")->missing_count(), 2u);
  EXPECT_EQ(table.find("i")->integers()[3], -4);
  EXPECT_TRUE(table.find("t")->missing(2));
  EXPECT_FALSE(table.find("s")->missing(1)) << "a quoted nothing is the empty text";
  EXPECT_EQ(table.find("s")->text().at(2), "NA") << "quoted text is meant as it stands";
  EXPECT_TRUE(table.find("s")->missing(3));
  EXPECT_EQ(table.find("e")->missing_count(), 4u);
}

TEST(ReadCsv, ObeysGivenTypesAndColumns) {
  ReadOptions options;
  options.types = {{"id", ColumnType::kText}, {"x", ColumnType::kNumber}};
  options.columns = {"x", "id"};
  const auto reading = read_text("id,skip,x\n007,bad,1\n", options);
  ASSERT_TRUE(reading);
  ASSERT_EQ(reading->table.columns().size(), 2u);
  EXPECT_EQ(reading->table.columns()[0].name(), "x");
  EXPECT_EQ(reading->table.columns()[0].type(), ColumnType::kNumber);
  EXPECT_EQ(reading->table.find("id")->text().at(0), "007");
  options.columns = {"x", "Amount", "Class"};
  EXPECT_EQ(error_of("id,skip,x\n1,2,3\n", options), "t.csv:1: the header lacks Amount, Class; it has: id, skip, x");
}

TEST(ReadCsv, TellsTheCellThatIsBad) {
  const std::string correct = "; correct the row, or set bad rows aside (--rejects FILE)";
  ReadOptions numbers;
  numbers.types = {{"b", ColumnType::kNumber}};
  EXPECT_EQ(error_of("a,b\n1,2\nx,abc\n", numbers), "t.csv:3:3: b: \"abc\" is not a number" + correct);
  EXPECT_EQ(error_of("a,b\n1,inf\n", numbers), "t.csv:2:3: b: \"inf\" is not a finite number" + correct);
  EXPECT_EQ(error_of("a,b\n\"x\ny\",-Infinity\n", numbers),
            "t.csv:3:4: b: \"-Infinity\" is not a finite number" + correct);
  ReadOptions integers;
  integers.types = {{"b", ColumnType::kInteger}};
  EXPECT_EQ(error_of("a,b\n1,2.5\n", integers), "t.csv:2:3: b: \"2.5\" is not a whole number" + correct);
  EXPECT_THAT(error_of("a,b\n1,-9223372036854775808\n", integers), HasSubstr("does not fit in 64 bits"));
  // Nine in ten are numbers: the tenth is a mistake, not a sign that the column is text.
  std::string mostly = "a\n";
  for (int i = 0; i < 20; ++i) mostly += std::to_string(i) + "\n";
  EXPECT_EQ(error_of(mostly + "oops\n"), "t.csv:22:1: a: \"oops\" is not a number" + correct);
  EXPECT_EQ(error_of("a,b\n"), "t.csv: there is a header but no row; give a file with rows");
  EXPECT_EQ(error_of("a,b\n1,2\n3\n"), "t.csv:3: 1 field where the header has 2" + correct);
  EXPECT_EQ(error_of("a,b\n1,\"2\n3,4\n"),
            "t.csv:2:3: the quote opened here is never closed; close it, or double it where it is part of the text");
}

TEST(ReadCsv, WritesBadRowsToTheRejectFile) {
  ReadOptions options;
  options.types = {{"b", ColumnType::kNumber}};
  options.on_bad_row = OnBadRow::kReject;
  options.rejects = scratch("rejects.csv");
  const auto clean = read_text("a,b\n1,2\n", options);
  ASSERT_TRUE(clean);
  EXPECT_FALSE(std::filesystem::exists(options.rejects)) << "no bad row, no file";

  const auto reading = read_text("a,b\nx,1\n\"y, \"\"z\"\"\",oops\nonly\nw,4\n\"p\nq\",nan?\ncaf\xE9,2\n", options);
  ASSERT_TRUE(reading);
  EXPECT_EQ(reading->table.rows(), 2u);
  EXPECT_EQ(reading->rejected, 4u);
  EXPECT_EQ(reading->table.find("a")->text().at(1), "w");
  EXPECT_EQ(*read_file(options.rejects),
            "line,field,reason,record\n"
            "3,b,\"\"\"oops\"\" is not a number\",\"\"\"y, \"\"\"\"z\"\"\"\"\"\",oops\"\n"
            "4,,1 field where the header has 2,only\n"
            "6,b,\"\"\"nan?\"\" is not a number\",\"\"\"p\nq\"\",nan?\"\n"
            "8,a,byte 0xE9 is not UTF-8,\"caf\\xe9,2\"\n");
  std::filesystem::remove(options.rejects);

  const auto none = read_text("a,b\nx,y\n", options);
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().to_string(), HasSubstr("none of its 1 rows can be used; look at the reasons"));
  std::filesystem::remove(options.rejects);
}

TEST(ReadCsv, IntegersBecomeNumbersWhereAFractionComesLate) {
  std::string text = "a,b\n";
  for (int i = 0; i < 12'000; ++i) text += std::to_string(i) + ",x\n";
  text += "-0,x\n2.5,x\n";
  for (const std::size_t block : {64, 5000, 1 << 20}) {
    const auto reading = read_text(text, {.block_bytes = block});
    ASSERT_TRUE(reading) << reading.error().to_string();
    const Column& column = *reading->table.find("a");
    ASSERT_EQ(column.type(), ColumnType::kNumber);
    EXPECT_EQ(column.numbers()[11'999], 11'999.0);
    EXPECT_TRUE(std::signbit(column.numbers()[12'000]));
    EXPECT_EQ(column.numbers()[12'001], 2.5);
  }
}

TEST(ReadCsv, GuessesALateColumnFromItsFirstValue) {
  std::string text = "a,b\n";
  for (int i = 0; i < 10'500; ++i) text += "1,\n";
  text += "1,word\n";
  const auto reading = read_text(text);
  ASSERT_TRUE(reading) << reading.error().to_string();
  EXPECT_EQ(reading->table.find("b")->type(), ColumnType::kText);
}

RC_GTEST_PROP(ReadCsv, DoesNotDependOnThreadsOrBlocks, ()) {
  const auto rows =
      *rc::gen::container<std::vector<std::vector<std::string>>>(rc::gen::container<std::vector<std::string>>(
          3, rc::gen::element<std::string>("1", "2.5", "x", "\"a\nb\"", "NA", "", "-7", "2018-04-01", "\"1\"", "1,2")));
  std::string text = "p,q,r\n";
  for (const auto& row : rows) text += row[0] + "," + row[1] + "," + row[2] + "\n";
  ReadOptions options{.on_bad_row = OnBadRow::kReject, .threads = 1};
  const auto expected = read_csv(bytes_in_memory(text), options);
  for (const std::size_t threads : {1, 2, 3}) {
    for (const std::size_t block : {1, 13, 100}) {
      options.threads = threads;
      options.block_bytes = block;
      const auto got = read_csv(bytes_in_memory(text, "input", block % 3), options);
      RC_ASSERT(got.has_value() == expected.has_value());
      if (!got) {
        RC_ASSERT(got.error().to_string() == expected.error().to_string());
        continue;
      }
      RC_ASSERT(got->rejected == expected->rejected);
      expect_equal(got->table, expected->table);
    }
  }
}

rc::Gen<Table> any_table() {
  return rc::gen::exec([] {
    const auto rows = *rc::gen::inRange<std::size_t>(1, 40);
    const auto texts = *rc::gen::container<std::vector<std::string>>(
        rows, rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
                               "a", "\"", ",", "\n", "\r\n", "é", "→", "😀", " ", "NA", "?", "1", "\t", "\\", "\x01")),
                           [](const std::vector<std::string>& parts) {
                             std::string text;
                             for (const auto& part : parts) text += part;
                             return text;
                           }));
    const auto bits = *rc::gen::container<std::vector<std::uint64_t>>(rows, rc::gen::arbitrary<std::uint64_t>());
    const auto wholes = *rc::gen::container<std::vector<std::int64_t>>(rows, rc::gen::arbitrary<std::int64_t>());
    const auto gaps = *rc::gen::container<std::vector<bool>>(rows, rc::gen::arbitrary<bool>());
    TextColumn text;
    std::vector<double> numbers;
    std::vector<std::int64_t> moments;
    for (std::size_t i = 0; i < rows; ++i) {
      if (gaps[i] && i % 3 == 0) {
        text.append_missing();
      } else {
        text.append(texts[i]);
      }
      // rapidcheck's integers are small: spread them over all bits.
      const double number = std::bit_cast<double>(bits[i] * 0x9E3779B97F4A7C15ull);
      numbers.push_back(std::isfinite(number) ? number : kMissingNumber);
      moments.push_back(static_cast<std::int64_t>((bits[i] * 0x9E3779B97F4A7C15ull) % 4'000'000'000'000'000ull));
    }
    return Table({Column("té\"xt,", std::move(text)), Column("x", std::move(numbers)),
                  Column("n", ColumnType::kInteger, wholes),
                  Column("when", ColumnType::kTimestamp, std::move(moments))});
  });
}

RC_GTEST_PROP(WriteTable, ReadsBackTheSame, ()) {
  const Table table = *any_table();
  ReadOptions options;
  for (const auto& column : table.columns()) options.types.emplace_back(column.name(), column.type());
  for (const char* name : {"round.csv", "round.ndjson", "round.csv.zst"}) {
    const auto path = scratch(name);
    RC_ASSERT(write_table(table, path).has_value());
    // A column that is missing on every line has left no trace in NDJSON.
    const auto back = read_table(path, options);
    const bool lost = !back && std::string_view(name).ends_with("ndjson");
    if (!lost) {
      RC_ASSERT(back.has_value());
      if (back->form == FileForm::kCsv) expect_equal(table, back->table);
      for (const auto& column : back->table.columns()) {
        expect_equal(Table({column}), Table({*table.find(column.name())}));
      }
    }
    std::filesystem::remove(path);
  }
}

TEST(CsvWriter, QuotesOnlyWhatNeedsIt) {
  std::string out;
  for (const char* text : {"plain", "a,b", "say \"hi\"", "two\nlines", "é"}) {
    append_csv_field(out, text);
    out += ' ';
  }
  EXPECT_EQ(out, "plain \"a,b\" \"say \"\"hi\"\"\" \"two\nlines\" é ");
}

TEST(CsvWriter, AppendsToRecordsAsTheyStand) {
  const auto path = scratch("append.csv");
  const std::vector<std::string> header = {"a", "b", "score"};
  auto writer = CsvWriter::create(path, header);
  ASSERT_TRUE(writer);
  writer->raw("x,\"y,z\"");
  writer->number(0.1);
  ASSERT_TRUE(writer->end_row());
  writer->raw("u,v");
  writer->number(kMissingNumber);
  ASSERT_TRUE(writer->end_row());
  ASSERT_TRUE(writer->commit());
  EXPECT_EQ(*read_file(path), "a,b,score\nx,\"y,z\",0.1\nu,v,\n");
  std::filesystem::remove(path);
}

TEST(CsvWriter, RefusesInfinity) {
  const auto path = scratch("infinite.csv");
  const Table table({Column("x", std::vector<double>{1, HUGE_VAL})});
  for (const auto& status : {write_csv(table, path), write_ndjson(table, path)}) {
    ASSERT_FALSE(status);
    EXPECT_THAT(status.error().to_string(), HasSubstr("row 2 to be written holds an infinite number"));
    EXPECT_FALSE(std::filesystem::exists(path));
  }
}

TEST(ReadCsv, WithoutAHeaderColumnsAreNumberedAndTheFirstRecordIsARow) {
  const ReadOptions options{.delimiter = ' ', .header = false};
  const auto reading = read_text("A11 6 1169\nA12 48 5951\n", options);
  ASSERT_TRUE(reading) << reading.error().to_string();
  EXPECT_EQ(reading->table.rows(), 2u);
  EXPECT_EQ(reading->table.columns()[0].name(), "1");
  EXPECT_EQ(reading->table.find("1")->text().at(0), "A11");
  EXPECT_EQ(reading->table.find("3")->integers()[1], 5951);
  EXPECT_THAT(error_of("A11 6 1169\nA12 48\n", options), HasSubstr("t.csv:2"));
}

}  // namespace
}  // namespace vigie::dataset
