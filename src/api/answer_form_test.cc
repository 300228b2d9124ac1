// /predict-batch answers in the form that Accept asks for, over a real socket.
#include "api/answer_form.h"

#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <sstream>

#include "api/api_fixture.h"
#include "decision/card_row_text.h"

namespace vigie::api {
namespace {

namespace json = boost::json;
using decision::cells;
using decision::header;
using decision::members;
using decision::random_row;
using decision::Row;
using testing::HasSubstr;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

class AnswerFormTest : public ApiTest {
 protected:
  http::RawReply batch(const std::string& body, const std::string& type, const std::string& accept,
                       const std::string& query = {}) {
    return post("/predict-batch" + query, body, "Accept: " + accept + "\r\n", type);
  }
  // Three rows, the second of which is bad.
  std::string csv() const {
    return header() + "\n" + cells(first_) + "\"a \"\"quoted\"\", text\"\n" + cells(first_) + "b,c\n" + cells(second_) +
           "\n";
  }
  std::string ndjson() const {
    return "{" + members(first_) + ", \"id\": 7}\n{\"Time\": 1}\n{" + members(second_) + "}\n";
  }
  // Boost's parser is not exact to the last bit.
  void expect_row(const json::value& row, const Row& given) const {
    const auto fields = schema::card_raw_fields();
    for (std::size_t f = 0; f < given.size(); ++f) {
      EXPECT_DOUBLE_EQ(row.at(fields[f].name).to_number<double>(), given[f]) << fields[f].name;
    }
    const domain::CardDecision decision = service_->decide(given);
    EXPECT_DOUBLE_EQ(row.at("hybrid_score").to_number<double>(), decision.hybrid_score);
    EXPECT_EQ(row.at("fraud").as_int64(), decision.fraud ? 1 : 0);
  }

  Random random_{4};
  Row first_ = random_row(random_);
  Row second_ = random_row(random_);
};

TEST_F(AnswerFormTest, SeveralAcceptFieldsAreOneList) {
  EXPECT_EQ(batch(csv(), "text/csv", "image/png\r\nAccept: application/x-ndjson").field("Content-Type"),
            "application/x-ndjson");
}

TEST_F(AnswerFormTest, CsvBecomesJson) {
  const auto lines = batch(csv(), "text/csv", "application/x-ndjson");
  EXPECT_EQ(lines.field("Content-Type"), "application/x-ndjson");
  EXPECT_EQ(lines.field("Vary"), "Accept, Accept-Encoding");
  const auto rows = lines_of(lines.body);
  ASSERT_EQ(rows.size(), 3u);
  expect_row(json::parse(rows[0]), first_);
  EXPECT_EQ(json::parse(rows[0]).at("id"), "a \"quoted\", text") << "other columns are text";
  EXPECT_EQ(json::parse(rows[1]).at("error").at("line"), 3);
  EXPECT_TRUE(json::parse(rows[1]).at("error").at("field").is_null());
  expect_row(json::parse(rows[2]), second_);
  EXPECT_EQ(json::parse(rows[2]).at("id"), "");

  const auto array = batch(csv(), "text/csv", "application/json");
  EXPECT_EQ(array.field("Content-Type"), "application/json");
  const json::value all = json::parse(array.body);
  ASSERT_EQ(all.as_array().size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(all.at(i), json::parse(rows[i]));
  EXPECT_EQ(json::parse(batch(header() + "\n", "text/csv", "application/json").body), json::array());
}

TEST_F(AnswerFormTest, NdjsonBecomesAnArray) {
  const auto own = batch(ndjson(), "application/x-ndjson", "*/*");
  EXPECT_EQ(own.field("Content-Type"), "application/x-ndjson");
  const auto array = batch(ndjson(), "application/x-ndjson", "application/json");
  EXPECT_EQ(array.field("Content-Type"), "application/json");
  const json::value all = json::parse(array.body);
  const auto rows = lines_of(own.body);
  ASSERT_EQ(rows.size(), 3u);
  ASSERT_EQ(all.as_array().size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(all.at(i), json::parse(rows[i]));
  expect_row(all.at(0), first_);
  EXPECT_EQ(all.at(0).at("id"), 7);
  EXPECT_EQ(all.at(1).at("error").at("field"), "Amount");
}

TEST_F(AnswerFormTest, JsonBecomesADecisionALine) {
  const std::string rows = "[{" + members(first_) + "}, {\"Time\": false}, {" + members(second_) + "}]";
  for (const std::string& body : {rows, "{\"transactions\": " + rows + "}"}) {
    const auto reply = batch(body, "application/json", "application/jsonl");
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.field("Content-Type"), "application/jsonl");
    const auto lines = lines_of(reply.body);
    ASSERT_EQ(lines.size(), 3u);
    EXPECT_DOUBLE_EQ(json::parse(lines[0]).at("hybrid_score").to_number<double>(),
                     service_->decide(first_).hybrid_score);
    EXPECT_EQ(json::parse(lines[0]).at("decision_id").as_string().size(), 36u);
    EXPECT_EQ(json::parse(lines[1]).at("error").at("index"), 1);
    EXPECT_DOUBLE_EQ(json::parse(lines[2]).at("hybrid_score").to_number<double>(),
                     service_->decide(second_).hybrid_score);
  }
  EXPECT_EQ(batch("[]", "application/json", "application/x-ndjson").body, "");
}

TEST_F(AnswerFormTest, TheBodysOwnFormIsTakenWhereNothingElseIsLikedBetter) {
  const struct {
    std::string accept, of_csv, of_ndjson, of_json;
  } cases[] = {
      {"*/*", "text/csv; charset=utf-8", "application/x-ndjson", "application/json"},
      {"", "text/csv; charset=utf-8", "application/x-ndjson", "application/json"},
      {"application/json, text/plain, */*", "text/csv; charset=utf-8", "application/x-ndjson", "application/json"},
      {"application/json", "application/json", "application/json", "application/json"},
      {"application/*", "application/x-ndjson", "application/x-ndjson", "application/json"},
      {"application/json;q=0.9, */*;q=0.1", "application/json", "application/json", "application/json"},
      {"text/csv;q=0.1, application/ndjson", "application/ndjson", "application/ndjson", "application/ndjson"},
      {"text/csv;q=0, */*", "application/x-ndjson", "application/x-ndjson", "application/json"},
      {"text/csv", "text/csv; charset=utf-8", "", ""},
      {"image/png", "", "", ""},
      {"*/*;q=0", "", "", ""},
      {"text/html, application/xhtml+xml", "", "", ""},
      {";;,,/;q=1", "", "", ""},
  };
  const auto expect = [&](const http::RawReply& reply, const std::string& type, const std::string& what) {
    EXPECT_EQ(reply.status, type.empty() ? 406 : 200) << what;
    EXPECT_EQ(reply.field("Content-Type"), type.empty() ? "application/json" : type) << what;
    EXPECT_THAT(reply.field("Vary"), HasSubstr("Accept")) << what;
  };
  for (const auto& each : cases) {
    expect(batch(csv(), "text/csv", each.accept), each.of_csv, "CSV as " + each.accept);
    expect(batch(ndjson(), "application/x-ndjson", each.accept), each.of_ndjson, "NDJSON as " + each.accept);
    expect(batch("[" + transaction(1) + "]", "application/json", each.accept), each.of_json, "JSON as " + each.accept);
  }
  const auto refused = batch("[]", "application/json", "text/csv");
  EXPECT_EQ(json::parse(refused.body).at("detail").at(0).at("type"), "not_acceptable");
  EXPECT_THAT(refused.body, HasSubstr("application/x-ndjson"));
  EXPECT_EQ(batch("[", "application/json", "application/x-ndjson").status, 400) << "refusals are JSON";
  EXPECT_EQ(batch("[{}]", "application/json", "application/x-ndjson", "?on_error=fail").status, 422);
}

TEST_F(AnswerFormTest, StreamsChangeTheirFormToo) {
  std::string large = header() + "\n";
  std::size_t count = 0;
  for (; large.size() < (3 << 20); ++count) large += cells(count % 2 == 0 ? first_ : second_) + "x\n";
  const auto lines = batch(large, "text/csv", "application/x-ndjson");
  EXPECT_EQ(lines.field("Transfer-Encoding"), "chunked");
  const auto rows = lines_of(lines.body);
  ASSERT_EQ(rows.size(), count);
  expect_row(json::parse(rows.front()), first_);
  expect_row(json::parse(rows.back()), count % 2 == 0 ? second_ : first_);
  const auto array = batch(large, "text/csv", "application/json");
  EXPECT_EQ(json::parse(array.body).as_array().size(), count);
  client_->send(
      "POST /predict-batch HTTP/1.1\r\nHost: here\r\nContent-Type: application/x-ndjson\r\nAccept: text/csv\r\n"
      "Transfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(client_->reply().status, 406) << "before the body";
}

}  // namespace
}  // namespace vigie::api
