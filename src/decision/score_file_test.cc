#include "decision/score_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "base/file.h"
#include "base/number.h"
#include "base/random.h"
#include "dataset/bytes.h"
#include "decision/card_row_text.h"
#include "decision/random_card_model.h"

namespace vigie::decision {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

class ScoreFile : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::path(::testing::TempDir()) / ("score_file_" + std::to_string(::getpid()) + "_" +
                                                       ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path file(std::string_view name) const { return folder_ / name; }

  Result<BatchReport> score(std::string_view input, std::string_view output, ScoreFileOptions options = {}) const {
    return score_file(*service_, file(input), file(output), options);
  }
  // Writes `text`, scores it and gives what came out.
  std::string scored(const std::string& text, std::string_view suffix = ".csv", ScoreFileOptions options = {}) const {
    const std::string in = "in" + std::string(suffix);
    const std::string out = "out" + std::string(suffix);
    EXPECT_TRUE(write_file(file(in), text));
    const auto report = score(in, out, options);
    EXPECT_TRUE(report) << report.error().to_string();
    return report ? read(out) : "";
  }
  std::string read(std::string_view name) const { return read_file(file(name)).value(); }
  Error error_of(const std::string& text, std::string_view suffix = ".csv", ScoreFileOptions options = {}) const {
    const std::string in = "in" + std::string(suffix);
    EXPECT_TRUE(write_file(file(in), text));
    const auto report = score(in, "out" + std::string(suffix), options);
    EXPECT_FALSE(report);
    EXPECT_FALSE(std::filesystem::exists(file("out" + std::string(suffix))));
    return report ? Error{} : report.error();
  }

  std::string scores(const Row& row) const { return csv_scores(*service_, row); }
  std::string json_scores(const Row& row) const { return decision::json_scores(*service_, row); }

  std::shared_ptr<const CardService> service_ = CardService::make(random_card_model(1)).value();
  std::filesystem::path folder_;
  Random random_{7};
};

TEST_F(ScoreFile, EveryRowInOrderWithTheScoresOfSingleDecisionsOnAnyNumberOfThreads) {
  std::string in = header() + "\n";
  std::string expected = header() + ",hybrid_score,fraud\n";
  std::string rejects = "line,field,reason,record\n";
  constexpr int kRows = 20'000;  // 12 MB: many blocks
  std::uint64_t frauds = 0;
  for (int i = 0; i < kRows; ++i) {
    const Row row = random_row(random_);
    const std::string record = cells(row) + "r" + std::to_string(i);
    if (i % 1000 == 77) {  // Amount is the second field
      const std::string bad = "1,-5," + record.substr(record.find(',', record.find(',') + 1) + 1);
      in += bad + "\n";
      rejects += std::to_string(i + 2) + ",Amount,\"-5 is not a finite number, at least 0\",\"" + bad + "\"\n";
      continue;
    }
    in += record + "\n";
    expected += record + scores(row) + "\n";
    frauds += service_->decide(row).fraud ? 1 : 0;
  }
  ASSERT_TRUE(write_file(file("in.csv"), in));
  for (const std::size_t threads : {1u, 2u, 4u, 9u}) {
    const auto report = score("in.csv", "out.csv", {.rejects = file("rejects.csv"), .threads = threads});
    ASSERT_TRUE(report) << report.error().to_string();
    EXPECT_EQ(report->rows, kRows - 20u);
    EXPECT_EQ(report->rejected, 20u);
    EXPECT_EQ(report->frauds, frauds);
    EXPECT_TRUE(read("out.csv") == expected) << threads << " threads";
    EXPECT_EQ(read("rejects.csv"), rejects);
  }
  EXPECT_GT(frauds, 0u);
  EXPECT_LT(frauds, 20'000u);
}

TEST_F(ScoreFile, LineEndsQuotesAndMarksAsTheyComeInFiles) {
  const Row a = random_row(random_);
  const Row b = random_row(random_);
  const std::string head = header() + ",hybrid_score,fraud\n";
  const std::string rows = head + cells(a) + "x" + scores(a) + "\n" + cells(b) + "y" + scores(b) + "\n";
  EXPECT_EQ(scored(header() + "\r\n" + cells(a) + "x\r\n" + cells(b) + "y\r\n"), rows);
  EXPECT_EQ(scored(header() + "\n" + cells(a) + "x\n" + cells(b) + "y"), rows) << "no line end at the end";
  EXPECT_EQ(scored("\xEF\xBB\xBF" + header() + "\n\n" + cells(a) + "x\n\n\n" + cells(b) + "y\n\n"), rows);
  const std::string quoted = "\"a \"\"b\"\",\nc\"";
  EXPECT_EQ(scored(header() + "\n" + cells(a) + quoted + "\r\n" + cells(b) + "y\n"),
            head + cells(a) + quoted + scores(a) + "\n" + cells(b) + "y" + scores(b) + "\n");
  const std::string first = format_double(a[0]);
  EXPECT_EQ(scored(header() + "\n\"" + first + "\"" + cells(a).substr(first.size()) + "x\n"),
            head + "\"" + first + "\"" + cells(a).substr(first.size()) + "x" + scores(a) + "\n");
}

TEST_F(ScoreFile, BadRowsAreNamedByTheirLine) {
  const Row a = random_row(random_);
  const std::string good = cells(a) + "x\n";
  const std::string in = header() + "\n" + good + "1,2,3\n\n" + good + "twelve" + good.substr(good.find(',')) + good;
  const std::string out = scored(in, ".csv", {.rejects = file("rejects.csv")});
  EXPECT_EQ(out, header() + ",hybrid_score,fraud\n" + cells(a) + "x" + scores(a) + "\n" + cells(a) + "x" + scores(a) +
                     "\n" + cells(a) + "x" + scores(a) + "\n");
  const std::string rejects = read("rejects.csv");
  EXPECT_THAT(rejects, HasSubstr("\n3,,3 fields where the header has 31,\"1,2,3\"\n"));
  EXPECT_THAT(rejects, HasSubstr("\n6,Time,\"\"\"twelve\"\" is not a number\","));
  std::filesystem::remove(file("out.csv"));
  const Error error = error_of(in, ".csv", {.on_bad_row = dataset::OnBadRow::kFail, .threads = 3});
  EXPECT_EQ(error.place.line, 3u);
}

TEST_F(ScoreFile, WhatCannotBeScoredAtAll) {
  EXPECT_THAT(error_of("").message, HasSubstr("empty"));
  EXPECT_THAT(error_of(header() + "\n").message, HasSubstr("no rows"));
  EXPECT_THAT(error_of("Time,Amount\n1,2\n").message, HasSubstr("V1"));
  EXPECT_THAT(error_of(header() + ",fraud\n").message, HasSubstr("\"fraud\" already"));
  EXPECT_THAT(error_of("", ".ndjson").message, HasSubstr("no rows"));
  EXPECT_THAT(error_of("[]", ".json").message, HasSubstr("no rows"));
  EXPECT_THAT(error_of("[{}", ".json").message, HasSubstr("ends before its array"));
}

TEST_F(ScoreFile, JsonObjectsKeepWhatTheyHave) {
  const Row a = random_row(random_);
  const Row b = random_row(random_);
  const std::string extra = R"(, "id": "a\u0020\"b\"", "tags": {"x": [1, {"y": null}]}, "Class": 0)";
  const std::string first = "{" + members(a) + extra;
  const std::string second = R"({"note": null, )" + members(b);
  const std::string scored_a = first + json_scores(a) + "}";
  const std::string scored_b = second + json_scores(b) + "}";
  EXPECT_EQ(scored(first + "}\n" + second + " }\n", ".ndjson"), scored_a + "\n" + scored_b + "\n");
  EXPECT_EQ(scored("\xEF\xBB\xBF\n" + first + "}\r\n\r\n  " + second + "}", ".jsonl"),
            scored_a + "\n" + scored_b + "\n");
  EXPECT_EQ(scored("[" + first + "},\n " + second + "}]", ".json"), "[\n" + scored_a + ",\n" + scored_b + "\n]\n");
}

TEST_F(ScoreFile, JsonOnAnyNumberOfThreads) {
  std::string lines;
  std::string expected;
  std::string array;
  std::string expected_array;
  for (int i = 0; i < 3000; ++i) {
    const Row row = random_row(random_);
    const std::string text = "{" + members(row) + ", \"n\": " + std::to_string(i);
    lines += text + "}\n";
    array += (i > 0 ? "," : "[") + text + "}";
    expected += text + json_scores(row) + "}\n";
    expected_array += (i > 0 ? ",\n" : "[\n") + text + json_scores(row) + "}";
  }
  for (const std::size_t threads : {1u, 4u}) {
    EXPECT_TRUE(scored(lines, ".ndjson", {.threads = threads}) == expected);
    EXPECT_TRUE(scored(array + "]", ".json", {.threads = threads}) == expected_array + "\n]\n");
    EXPECT_TRUE(scored(array + "]", "", {.threads = threads}) == expected_array + "\n]\n") << "told by its first byte";
  }
}

TEST_F(ScoreFile, BadJsonRowsGoToTheRejectFile) {
  const Row a = random_row(random_);
  const std::string good = "{" + members(a) + "}\n";
  const std::string in = good + "{\"Time\": 1}\n" + "{\"Time\": }\n" + "[1]\n" + good + "{" + members(a) +
                         ", \"fraud\": 0}\n" + "{" + members(a) + ", \"V1\": 0}\n" + good;
  const std::string one = "{" + members(a) + json_scores(a) + "}\n";
  EXPECT_EQ(scored(in, ".ndjson", {.rejects = file("rejects.csv")}), one + one + one);
  const std::string rejects = read("rejects.csv");
  for (const char* text : {"\n2,Amount,\"the value is missing", "\n3,,\"not a JSON object", "\n4,,a row must be a JSON",
                           "\n6,fraud,", "\n7,V1,the field comes twice,"}) {
    EXPECT_THAT(rejects, HasSubstr(text));
  }
  std::filesystem::remove(file("out.ndjson"));
  EXPECT_EQ(error_of(in, ".ndjson", {.on_bad_row = dataset::OnBadRow::kFail}).place.line, 2u);
}

TEST_F(ScoreFile, MembersAreAppendedWhereAskedFor) {
  const Row a = random_row(random_);
  const domain::CardDecision decision = service_->decide(a);
  const std::string isolation = format_double(decision.member_scores[0]);
  const std::string boosted = format_double(decision.member_scores[1]);
  EXPECT_THAT(scored(header() + "\n" + cells(a) + "x\n", ".csv", {.members = true}),
              EndsWith("x" + scores(a) + "," + isolation + "," + boosted + "\n"));
  EXPECT_THAT(scored("{" + members(a) + "}", ".ndjson", {.members = true}),
              EndsWith(R"(,"isolation_forest":)" + isolation + R"(,"xgboost":)" + boosted + "}\n"));
}

TEST_F(ScoreFile, FormsAreNotMixedUp) {
  ASSERT_TRUE(write_file(file("in.csv"), header() + "\n" + cells(random_row(random_)) + "x\n"));
  const auto report = score("in.csv", "out.ndjson.gz");
  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().message, HasSubstr("the input is CSV"));
  EXPECT_FALSE(score("in.csv", "in.csv"));
}

}  // namespace
}  // namespace vigie::decision
