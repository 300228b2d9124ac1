// CSV and NDJSON bodies over a real socket; answers are compared with single decisions, row by row.
#include "api/line_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "api/api_fixture.h"
#include "api/problem.h"
#include "decision/card_row_text.h"

namespace vigie::api {
namespace {

namespace json = boost::json;
using decision::cells;
using decision::csv_scores;
using decision::header;
using decision::json_scores;
using decision::members;
using decision::random_row;
using decision::Row;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kCsv = "text/csv";
constexpr const char* kNdjson = "application/x-ndjson";

class LineBatch : public ApiTest {
 protected:
  http::RawReply csv(const std::string& body, const std::string& query = {}, const std::string& fields = {}) {
    return post("/predict-batch" + query, body, fields, kCsv);
  }
  http::RawReply ndjson(const std::string& body, const std::string& query = {}, const std::string& fields = {}) {
    return post("/predict-batch" + query, body, fields, kNdjson);
  }
  // The status and the one detail of a refusal, "413 content_too_large: what ctx says".
  static std::string refusal(const http::RawReply& reply) {
    EXPECT_EQ(reply.field("Content-Type"), "application/json");
    const auto document = json::parse(reply.body);
    const auto& detail = document.at("detail").as_array();
    EXPECT_EQ(detail.size(), 1u) << reply.body;
    EXPECT_EQ(detail[0].at("loc").at(0).as_string(), "body");
    return std::to_string(reply.status) + " " + std::string(detail[0].at("type").as_string()) + ": " +
           std::string(detail[0].at("ctx").at("error").as_string());
  }

  Row row() { return random_row(random_); }
  std::string scores(const Row& row) const { return csv_scores(*service_, row); }

  Random random_{3};
};

TEST_F(LineBatch, CsvComesBackWithScoresAndErrorsInTheirPlace) {
  const Row a = row();
  const Row b = row();
  const std::string negative = "-1" + cells(b).substr(cells(b).find(',')) + "n";
  const auto reply = csv("\xEF\xBB\xBF" + header() + "\r\n" + cells(a) + "a\r\n1,2\r\n\r\n" + negative + "\n" +
                         cells(b) + "\"b,\"\"c\"\"\"");
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.field("Content-Type"), "text/csv; charset=utf-8");
  EXPECT_EQ(reply.body, header() + ",hybrid_score,fraud,error\n" +                                      //
                            cells(a) + "a" + scores(a) + ",\n" +                                        //
                            std::string(30, ',') + ",,,line 3: 2 fields where the header has 31\n" +    //
                            negative +                                                                  //
                            ",,,\"line 5, column 1: Time: -1 is not a finite number, at least 0\"\n" +  //
                            cells(b) + "\"b,\"\"c\"\"\"" + scores(b) + ",\n");
}

TEST_F(LineBatch, NdjsonComesBackWithScoresAndErrorsInTheirPlace) {
  const Row a = row();
  const std::string object = "{" + members(a) + R"(, "id": "\u00e9")";
  const auto reply = ndjson(object + "}\n\n{\"Time\": NaN}\r\n{\"Time\": -1}\n" + object + " }");
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.field("Content-Type"), "application/x-ndjson");
  const std::string scored = object + json_scores(*service_, a) + "}\n";
  ASSERT_THAT(reply.body, StartsWith(scored + R"({"error": {"line": 3, "field": null, "reason": "not a JSON object)"));
  EXPECT_THAT(reply.body, testing::EndsWith(R"({"error": {"line": 4, "field": "Time", "reason": )"
                                            R"("-1 is not a finite number, at least 0"}})"
                                            "\n" +
                                            scored));
}

TEST_F(LineBatch, ManyRows) {
  std::string in = header() + "\n";
  std::string expected = header() + ",hybrid_score,fraud,error\n";
  std::string lines;
  std::string expected_lines;
  for (int i = 0; i < 100'000; ++i) {
    Row row;
    for (double& value : row) value = static_cast<double>(random_.below(4));
    const std::string record = cells(row) + std::to_string(i);
    in += record + "\n";
    expected += record + scores(row) + ",\n";
    if (i % 4 != 0) continue;
    lines += "{" + members(row) + "}\n";
    expected_lines += "{" + members(row) + json_scores(*service_, row) + "}\n";
  }
  EXPECT_TRUE(csv(in).body == expected);
  EXPECT_TRUE(ndjson(lines).body == expected_lines);
}

TEST_F(LineBatch, OnErrorFailMakesOne422OfBadRows) {
  const Row a = row();
  const std::string good = cells(a) + "a\n";
  const std::string bad = "1" + good.substr(good.find(',')) + "7,8\n-1" + good.substr(good.find(','));
  const auto reply = csv(header() + "\n" + good + bad, "?on_error=fail");
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(reply.body, R"({"detail": [{"type": "value_error", "loc": ["body", "line", 4], )"
                        R"("msg": "2 fields where the header has 31"}, )"
                        R"({"type": "value_error", "loc": ["body", "line", 5, "Time"], )"
                        R"("msg": "-1 is not a finite number, at least 0"}]})");
  EXPECT_EQ(csv(header() + "\n" + good, "?on_error=fail").body,
            header() + ",hybrid_score,fraud\n" + cells(a) + "a" + scores(a) + "\n");
  EXPECT_EQ(csv(header() + "\n" + good + bad, "?on_error=report").status, 200);
  EXPECT_EQ(csv(header() + "\n" + good, "?on_error=explode").status, 422);

  std::string many = "{" + members(a) + "}\n";
  for (int i = 0; i < 200'000; ++i) many += "{}\n";
  const auto full = ndjson(many, "?on_error=fail", "Accept-Language: fr\r\n");
  EXPECT_EQ(full.status, 422);
  const auto document = json::parse(full.body);
  const auto& detail = document.at("detail").as_array();
  ASSERT_EQ(detail.size(), kMostProblems + 1);
  EXPECT_EQ(json::serialize(detail[0].at("loc")), R"(["body","line",2,"Time"])");
  EXPECT_EQ(detail[kMostProblems].at("type").as_string(), "too_many_errors");
  EXPECT_EQ(detail[kMostProblems].at("msg").as_string(), "D'autres erreurs ne sont pas montrées");
}

TEST_F(LineBatch, AHeaderThatDoesNotFitIs422) {
  const auto reply = csv("Time,Amount,fraud,error\n1,2,3,4\n");
  EXPECT_EQ(reply.status, 422);
  const auto document = json::parse(reply.body);
  const auto& detail = document.at("detail").as_array();
  ASSERT_EQ(detail.size(), 30u);
  EXPECT_EQ(detail[0].at("type").as_string(), "missing");
  EXPECT_EQ(json::serialize(detail[0].at("loc")), R"(["body","header","V1"])");
  EXPECT_EQ(detail[28].at("type").as_string(), "reserved_name");
  EXPECT_EQ(json::serialize(detail[28].at("loc")), R"(["body","header","fraud"])");
  EXPECT_EQ(json::serialize(detail[29].at("loc")), R"(["body","header","error"])");
  EXPECT_THAT(csv(header() + ",hybrid_score\n", "", "Accept-Language: fr\r\n").body,
              HasSubstr("La réponse ajoute une colonne de ce nom"));
  EXPECT_THAT(csv("hello", "", "Accept-Language: fr\r\n").body, HasSubstr("Champ obligatoire"));
  EXPECT_EQ(csv(header() + ",error\n", "?on_error=fail").status, 200) << "no column of that name is added then";
}

TEST_F(LineBatch, ABodyThatIsNotOfItsTypeIs400AndTheConnectionStays) {
  const std::string good = cells(row()) + "a\n";
  EXPECT_EQ(refusal(csv("")), "400 csv_invalid: The body is empty: send a line of column names, then the rows");
  EXPECT_EQ(refusal(csv("\xEF\xBB\xBF\r\n \n")),
            "400 csv_invalid: The body is empty: send a line of column names, then the rows");
  EXPECT_EQ(refusal(ndjson("")), "400 ndjson_invalid: The body is empty: send one JSON object a line");
  EXPECT_EQ(refusal(ndjson("\n\n", "", "Accept-Language: fr\r\n")),
            "400 ndjson_invalid: le corps est vide: un objet JSON par ligne est attendu");
  EXPECT_THAT(csv("", "", "Accept-Language: fr\r\n").body, HasSubstr(R"("msg": "CSV illisible")"));
  EXPECT_THAT(refusal(csv(transaction(1))), HasSubstr("400 csv_invalid: line 1, column 2: a quote inside"));
  EXPECT_THAT(refusal(csv("\xFF\xFET\0i\0")), HasSubstr("400 csv_invalid: line 1, column 1: the text is UTF-16"));
  EXPECT_THAT(refusal(csv("\xE9,b\n")), HasSubstr("the header is not UTF-8"));
  EXPECT_THAT(refusal(csv(std::string("a\0,b\n", 5))), HasSubstr("a NUL byte"));
  EXPECT_THAT(refusal(csv("\n" + header() + "\n")), HasSubstr("has no name"));
  EXPECT_THAT(refusal(csv(header() + ",Time\n")), HasSubstr("the name \"Time\" twice"));
  EXPECT_THAT(refusal(csv("\"Time,Amount\n")), HasSubstr("never closed"));
  const auto open = csv(header() + "\n" + good + good + good + "1,\"2\n");
  EXPECT_EQ(refusal(open),
            "400 csv_invalid: line 5, column 3: the quote opened here is never closed; close it, or double it where it "
            "is part of the text");
  EXPECT_EQ(json::serialize(json::parse(open.body).at("detail").at(0).at("loc")), R"(["body","line",5])");
  EXPECT_EQ(csv(header() + "\n" + good).status, 200);
}

TEST_F(LineBatch, WhatIsBeyondALimitIs413) {
  const std::string good = cells(row()) + "a\n";
  const std::string longest(std::size_t{2} << 20, '1');
  EXPECT_THAT(refusal(csv(header() + "\n" + longest)), StartsWith("413 content_too_large: line 2, column 1: the r"));
  EXPECT_THAT(refusal(ndjson("\n" + longest + "\n{}")), StartsWith("413 content_too_large: line 2, column 1: the r"));
  std::string wide = header();
  for (std::size_t i = 0; i < kMostColumns; ++i) wide += ",c" + std::to_string(i);
  EXPECT_THAT(refusal(csv(wide + "\n1\n")), StartsWith("413 content_too_large: line 1: the header has 543 columns"));
  EXPECT_THAT(refusal(csv(header() + "," + std::string(kLongestColumnName + 1, 'n') + "\n")),
              StartsWith("413 content_too_large: line 1: a column's name"));
  // Two bytes a row, each answered by hundreds, and short enough to be answered whole.
  std::string rows = header();
  for (int i = 0; i < 400; ++i) rows += ",c" + std::to_string(i);
  rows += "\n";
  while (rows.size() + 2 <= http::kStreamFrom) rows += "x\n";
  EXPECT_THAT(refusal(csv(rows)), StartsWith("413 content_too_large: the answer is larger than 128 MiB"));
  EXPECT_THAT(csv(rows, "", "Accept-Language: fr\r\n").body, HasSubstr("Le corps de la requête est trop grand"));
  EXPECT_EQ(csv(header() + "\n" + good).status, 200);
}

TEST_F(LineBatch, TypesThatAreTaken) {
  const std::string object = "{" + members(row()) + "}";
  const auto status = [&](const std::string& body, const std::string& type,
                          const std::string& path = "/predict-batch") { return post(path, body, "", type).status; };
  EXPECT_EQ(status(header(), "Text/CSV; header=present; charset=UTF-8"), 200);
  EXPECT_EQ(status(header(), "text/csv; charset=iso-8859-1"), 415);
  EXPECT_EQ(status(object, "application/ndjson"), 200);
  EXPECT_EQ(status(object, "application/jsonl"), 200);
  EXPECT_EQ(status("[" + object + "]", "application/json"), 200);
  EXPECT_EQ(status(header(), "text/csv", "/predict"), 415);
  EXPECT_EQ(csv(header() + "\n").body, header() + ",hybrid_score,fraud,error\n");
  // The answer has the form of the body, whatever else would be welcome.
  EXPECT_EQ(csv(header(), "", "Accept: application/json, */*\r\n").field("Content-Type"), "text/csv; charset=utf-8");
  EXPECT_THAT(ndjson("[" + object + "]").body, HasSubstr("a row must be a JSON object")) << "an array is no line";
}

}  // namespace
}  // namespace vigie::api
