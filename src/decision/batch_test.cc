// Rows of every kind, good and bad, through the forms: what comes out is compared with single decisions, row by row.
#include "decision/batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "decision/batch_csv.h"
#include "decision/batch_json.h"
#include "decision/card_row_text.h"
#include "decision/random_card_model.h"

namespace vigie::decision {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr FormOptions kInPlace{.bad_rows = BadRows::kInPlace};

class Batch : public ::testing::Test {
 protected:
  struct Outcome {
    std::string text{};
    BatchReport report{};
    std::string error{};
    std::vector<std::uint64_t> bad_lines{};
  };

  Outcome run(Result<std::unique_ptr<BatchForm>> form, std::size_t threads = 1) const {
    Outcome outcome;
    if (!form) return {.error = form.error().to_string()};
    const BatchSink sink{.write = [&](std::string_view text) -> Status {
                           outcome.text += text;
                           return {};
                         },
                         .reject = [&](const dataset::BadRow& row) -> Status {
                           outcome.bad_lines.push_back(row.line);
                           return {};
                         },
                         .progress = [](const BatchReport&, std::uint64_t) {}};
    const auto report = score_batch(*service_, **form, sink, threads);
    if (report) {
      outcome.report = *report;
    } else {
      outcome.error = report.error().to_string();
    }
    return outcome;
  }
  Outcome csv(std::string_view text, const FormOptions& options = kInPlace, std::size_t threads = 1) const {
    auto reader = open_csv(dataset::bytes_in_memory(text, "rows"));
    if (!reader) return {.error = reader.error().to_string()};
    return run(csv_form(std::move(*reader), *service_, options), threads);
  }
  Outcome json(std::string_view text, const FormOptions& options = kInPlace, std::size_t threads = 1,
               bool array = false) const {
    auto reader = dataset::JsonRowReader::open(dataset::bytes_in_memory(text, "rows"), {.array = array});
    if (!reader) return {.error = reader.error().to_string()};
    return run(json_form(std::move(*reader), *service_, options), threads);
  }

  std::string scores(const Row& row) const { return csv_scores(*service_, row); }

  std::shared_ptr<const CardService> service_ = CardService::make(random_card_model(1)).value();
  Random random_{11};
};

// A record that is bad, as it comes and as it goes out: as it stands where its fields can be told apart.
struct BadRecord {
  std::string record;
  bool has_fields;
  std::string error;  // behind "line N"
};

std::vector<BadRecord> bad_csv_records(const Row& row) {
  const std::string good = cells(row) + "x";
  const std::string behind_time = good.substr(good.find(','));
  const std::string behind_amount = behind_time.substr(behind_time.find(',', 1));
  std::vector<BadRecord> records;
  records.push_back({"1,2,3", false, ": 3 fields where the header has 31"});
  records.push_back({"x", false, ": 1 field where the header has 31"});
  records.push_back({good + ",", false, ": 32 fields where the header has 31"});
  records.push_back({good + "\"", false, "id: a quote inside an unquoted field"});
  records.push_back({"\"1\"2" + behind_time, false, "Time: text after the closing quote"});
  records.push_back({good + "\xff", false, "id: byte 0xFF is not UTF-8"});
  records.push_back({good + std::string(1, '\0'), false, "id: a NUL byte"});
  records.push_back({"1\r2" + behind_time, false, "Time: a carriage return without a line feed"});
  records.push_back({behind_time, true, ", column 1: Time: the value is missing"});
  records.push_back({"NaN" + behind_time, true, ", column 1: Time: the value is missing"});
  records.push_back({"inf" + behind_time, true, ", column 1: Time: \"inf\" is not a finite number"});
  records.push_back({"-Infinity" + behind_time, true, "is not a finite number"});
  records.push_back({"1e999" + behind_time, true, "\"1e999\" is too large for a number"});
  records.push_back({std::string(2000, '9') + behind_time, true, "is too large for a number"});
  records.push_back({"0x10" + behind_time, true, "\"0x10\" is not a number"});
  records.push_back({"1,-0.5" + behind_amount, true, ", column 3: Amount: -0.5 is not a finite number, at least 0"});
  records.push_back({"\"twelve, or so\"" + behind_time, true, "\"twelve, or so\" is not a number"});
  return records;
}

std::string csv_field(std::string_view text) {
  std::string field;
  dataset::append_csv_field(field, text);
  return field;
}

TEST_F(Batch, ManyCsvRowsGoodAndBadEachInItsPlace) {
  std::string in = "\xEF\xBB\xBF" + header() + "\r\n";
  struct Expected {
    std::string begin;
    std::string error;
  };
  std::vector<Expected> expected;
  std::string left_out = header() + ",hybrid_score,fraud\n";
  std::vector<std::uint64_t> bad_lines;
  std::uint64_t line = 2;
  constexpr int kRows = 100'000;
  for (int i = 0; i < kRows; ++i, ++line) {
    const Row row = random_row(random_);
    if (random_.below(8) == 0) {
      in += random_.below(2) == 0 ? "\n" : "\r\n";
      ++line;
    }
    std::string record = cells(row) + "r" + std::to_string(i);
    // Now and then many bad ones without a good one between them.
    if (random_.below(16) == 0 || i % 5000 > 4000) {
      const auto choices = bad_csv_records(row);
      const BadRecord& bad = choices[random_.below(choices.size())];
      record = bad.record;
      expected.push_back({(bad.has_fields ? record : std::string(30, ',')) + ",,,", bad.error});
      bad_lines.push_back(line);
    } else {
      expected.push_back({record + scores(row) + ",", ""});
      left_out += record + scores(row) + "\n";
    }
    in += record + (random_.below(4) == 0 ? "\r\n" : "\n");
  }
  const Outcome one = csv(in);
  ASSERT_EQ(one.error, "");
  EXPECT_EQ(one.bad_lines, bad_lines);
  EXPECT_EQ(one.report.rejected, bad_lines.size());
  EXPECT_EQ(one.report.rows, kRows - bad_lines.size());
  ASSERT_THAT(one.text, StartsWith(header() + ",hybrid_score,fraud,error\n"));
  std::string_view rest = std::string_view(one.text).substr(one.text.find('\n') + 1);
  auto bad_line = bad_lines.begin();
  for (const Expected& row : expected) {
    ASSERT_EQ(rest.substr(0, row.begin.size()), row.begin);
    rest.remove_prefix(row.begin.size());
    const std::string_view error = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(error.size() + 1);
    ASSERT_EQ(error.empty(), row.error.empty()) << row.begin;
    if (error.empty()) continue;
    const std::string quoted = csv_field(row.error);  // with doubled quotes, and quotes around it
    const std::string_view words =
        quoted.front() == '"' ? std::string_view(quoted).substr(1, quoted.size() - 2) : quoted;
    ASSERT_THAT(error, HasSubstr("line " + std::to_string(*bad_line++)));
    ASSERT_THAT(error, HasSubstr(words));
  }
  EXPECT_EQ(rest, "");
  EXPECT_TRUE(csv(in, kInPlace, 3).text == one.text);
  EXPECT_TRUE(csv(in, {}).text == left_out);
}

TEST_F(Batch, CsvRowsWithLinesOfTheirOwn) {
  const Row row = random_row(random_);
  const std::string quoted = "\"a \"\"b\"\",\r\nc\"";
  const std::string good = cells(row) + quoted;
  const std::string bad = "-1" + good.substr(good.find(','));
  EXPECT_EQ(csv(header() + "\n" + good + "\n" + bad + "\n" + good).text,
            header() + ",hybrid_score,fraud,error\n" + good + scores(row) + ",\n" + bad +
                ",,,\"line 4, column 1: Time: -1 is not a finite number, at least 0\"\n" + good + scores(row) + ",\n");
}

TEST_F(Batch, CsvThatCannotBeReadOn) {
  const Row row = random_row(random_);
  const std::string good = cells(row) + "x\n";
  const Outcome open = csv(header() + "\n" + good + good + "\"1,2\n" + good);
  EXPECT_THAT(open.error, HasSubstr("rows:4:1: the quote opened here is never closed"));
  const Outcome longest = csv(header() + "\n" + good + std::string(std::size_t{2} << 20, '1') + "\n" + good);
  EXPECT_THAT(longest.error, HasSubstr("rows:3:1: the record that begins here is longer than"));
}

TEST_F(Batch, ColumnsThatAreAddedMayNotBeThere) {
  EXPECT_THAT(csv(header() + ",error\n").error, HasSubstr("a column \"error\" already"));
  EXPECT_THAT(csv(header() + ",fraud\n").error, HasSubstr("a column \"fraud\" already"));
  EXPECT_EQ(csv(header() + ",error\n", {}).text, header() + ",error,hybrid_score,fraud\n");
  const Row row = random_row(random_);
  const std::string text = "{" + members(row) + R"(, "error": null})";
  EXPECT_EQ(
      json(text).text,
      R"({"error": {"line": 1, "field": "error", "reason": "the row has this field already, and scoring adds it: rename it"}})"
      "\n");
  EXPECT_EQ(json(text, {}).text, text.substr(0, text.size() - 1) + json_scores(*service_, row) + "}\n");
}

std::vector<BadRecord> bad_json_records(const Row& row) {
  const std::string good = "{" + members(row) + "}";
  const auto time = [&](const std::string& value) {
    return "{\"Time\": " + value + good.substr(good.find(", \"Amount\""));
  };
  std::vector<BadRecord> records;
  records.push_back({"{}", false, R"("field": "Time", "reason": "the value is missing)"});
  records.push_back({"7", false, R"("field": null, "reason": "a row must be a JSON object")"});
  records.push_back({"[" + good + "]", false, R"("field": null, "reason": "a row must be a JSON object")"});
  records.push_back({good.substr(0, good.size() - 1) + ",", false, R"("field": null, "reason": "not a JSON object)"});
  records.push_back({good + "}", false, R"("field": null, "reason": "not a JSON object)"});
  records.push_back({time("NaN"), false, R"("field": null, "reason": "not a JSON object)"});
  records.push_back({time("-Infinity"), false, R"("field": null, "reason": "not a JSON object)"});
  records.push_back({time("1e999"), false, R"("field": null, "reason": "not a JSON object)"});
  records.push_back({time("\"1e999\""), false, R"("field": "Time", "reason": "\"1e999\" is too large)"});
  records.push_back({time("\"\xff\""), false, R"("field": null, "reason": "not a JSON object)"});
  records.push_back({time("\"twelve"), false, R"("field": null, "reason": "not a JSON object)"});
  records.push_back({time("[1]"), false, R"("field": "Time", "reason": "an object or array)"});
  records.push_back({time("-1"), false, R"("field": "Time", "reason": "-1 is not)"});
  records.push_back({time("1, \"Time\": 1"), false, R"("field": "Time", "reason": "the field comes twice")"});
  records.push_back({time("1, \"fraud\": 1"), false, R"("field": "fraud", "reason": "the row has this field)"});
  return records;
}

TEST_F(Batch, ManyJsonLinesGoodAndBadEachInItsPlace) {
  std::string in = "\xEF\xBB\xBF\n";
  std::vector<std::string> expected;
  std::string left_out;
  std::uint64_t line = 2;
  constexpr int kRows = 30'000;
  for (int i = 0; i < kRows; ++i, ++line) {
    const Row row = random_row(random_);
    if (random_.below(16) == 0 || i % 5000 > 4000) {
      const auto choices = bad_json_records(row);
      const BadRecord& bad = choices[random_.below(choices.size())];
      in += bad.record;
      expected.push_back(R"({"error": {"line": )" + std::to_string(line) + ", " + bad.error);
    } else {
      const std::string text = "{" + members(row) + ", \"n\": " + std::to_string(i);
      in += text + "}";
      expected.push_back(text + json_scores(*service_, row) + "}");
      left_out += expected.back() + "\n";
    }
    in += random_.below(4) == 0 ? "\r\n" : "\n";
    if (random_.below(8) == 0) {
      in += " \n";
      ++line;
    }
  }
  const Outcome one = json(in);
  ASSERT_EQ(one.error, "");
  std::string_view rest = one.text;
  for (const std::string& row : expected) {
    const std::string_view text = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(text.size() + 1);
    ASSERT_EQ(text.substr(0, row.size()), row);
    if (!row.starts_with("{\"error\"")) {
      ASSERT_EQ(text, row);
    }
  }
  EXPECT_EQ(rest, "");
  EXPECT_TRUE(json(in, kInPlace, 3).text == one.text);
  EXPECT_TRUE(json(in, {}).text == left_out);
}

TEST_F(Batch, JsonArraysKeepTheirFormWhateverIsBad) {
  const Row row = random_row(random_);
  const std::string scored = "{" + members(row) + json_scores(*service_, row) + "}";
  const std::string error = R"({"error": {"line": 1, "field": null, "reason": "a row must be a JSON object"}})";
  EXPECT_EQ(json("[7, {" + members(row) + "}, 8]", kInPlace, 1, true).text,
            "[\n" + error + ",\n" + scored + ",\n" + error + "\n]\n");
  // The first blocks have no good row.
  std::string in = "[";
  std::string expected = "[\n";
  for (int i = 0; i < 300'000; ++i) {
    in += "7,";
    expected += error + ",\n";
  }
  EXPECT_TRUE(json(in + "{" + members(row) + "}]", kInPlace, 1, true).text == expected + scored + "\n]\n");
}

TEST_F(Batch, CsvIsWrittenAsJsonInOrderWhateverIsBad) {
  std::string in = header() + "\n";
  std::vector<std::string> rows;
  std::vector<std::string> good;
  for (std::uint64_t line = 2; line < 6000; ++line) {
    const std::string place = R"({"error": {"line": )" + std::to_string(line);
    switch (random_.below(8)) {
      case 0:
        in += "1,2\n";
        rows.push_back(place + R"(, "field": null, "reason": ")");
        break;
      case 1:
        in += "x" + cells(random_row(random_)) + "\n";
        rows.push_back(place + R"(, "field": "Time", "reason": ")");
        break;
      default: {
        const Row row = random_row(random_);
        in += cells(row) + "\"say \"\"a, b\"\"\"\n";
        std::string object = "{";
        for (std::size_t f = 0; f < row.size(); ++f) {
          object += "\"" + std::string(schema::card_raw_fields()[f].name) + "\":" + format_double(row[f]) + ",";
        }
        rows.push_back(object + R"("id":"say \"a, b\"")" + json_scores(*service_, row) + "}");
        good.push_back(rows.back());
      }
    }
  }
  const FormOptions lines{.bad_rows = BadRows::kInPlace, .written = Written::kLines};
  const Outcome one = csv(in, lines);
  ASSERT_EQ(one.error, "");
  std::string_view rest = one.text;
  for (const std::string& row : rows) {
    const std::string_view text = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(text.size() + 1);
    ASSERT_EQ(text.substr(0, row.size()), row);
    ASSERT_TRUE(text.size() == row.size() || row.starts_with("{\"error\""));
  }
  EXPECT_EQ(rest, "");
  EXPECT_TRUE(csv(in, lines, 3).text == one.text);
  std::string array = "[\n";
  for (const std::string& row : good) array += (array.size() > 2 ? ",\n" : "") + row;
  EXPECT_TRUE(csv(in, {.written = Written::kArray}, 3).text == array + "\n]\n");
  EXPECT_EQ(csv(header() + "\n", {.written = Written::kArray}).text, "[\n\n]\n");
}

TEST_F(Batch, AnArrayIsABadLineWhereLinesAreAskedFor) {
  EXPECT_THAT(json("[]\n").text, HasSubstr(R"({"error": {"line": 1, "field": null)"));
  EXPECT_EQ(json("").text, "");
}

}  // namespace
}  // namespace vigie::decision
