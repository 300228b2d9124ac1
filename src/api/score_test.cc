#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "api/api_fixture.h"

namespace vigie::api {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

class ScoreTest : public ApiTest {
 protected:
  json::object score(const std::string& body, const std::string& query = {}, const std::string& fields = {}) {
    const http::RawReply reply = post("/score" + query, body, fields);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return json::parse(reply.body).as_object();
  }
};

TEST_F(ScoreTest, AnswersTheExampleOfTheDocument) {
  const json::object answer = score(R"({"age":35,"revenu":50000,"historique_impaye":1})");
  EXPECT_TRUE(answer.at("client_id").is_null());
  const double repaid = answer.at("score").to_number<double>();
  EXPECT_NEAR(repaid + answer.at("probabilite_defaut").to_number<double>(), 1, 1e-12);
  const auto points = answer.at("points").as_int64();
  EXPECT_GE(points, 300);
  EXPECT_LE(points, 850);
  EXPECT_THAT(std::string(answer.at("classe").as_string()), testing::MatchesRegex("[A-E]"));
  EXPECT_LE(answer.at("raisons").as_array().size(), 4);
  EXPECT_EQ(answer.at("seuils"), json::parse(R"({"refuse": 300, "accepte": 600, "excellent": 800})"));
  EXPECT_EQ(answer.at("model").at("version"), "ba9876543210");
  EXPECT_FALSE(answer.contains("challenger"));
}

TEST_F(ScoreTest, WhatCostsPointsIsAReasonWithItsValue) {
  const json::object good = score(R"({"client_id":"C1","age":60,"revenu":50000,"historique_impaye":0})");
  const json::object bad = score(R"({"client_id":"C1","age":25,"revenu":50000,"historique_impaye":0})");
  EXPECT_EQ(good.at("client_id"), "C1");
  EXPECT_GT(good.at("points").as_int64(), bad.at("points").as_int64());
  EXPECT_TRUE(good.at("raisons").as_array().empty());
  ASSERT_EQ(bad.at("raisons").as_array().size(), 1);
  const json::object& worst = bad.at("raisons").as_array().at(0).as_object();
  EXPECT_EQ(worst.at("code"), "age_bas");
  EXPECT_GT(worst.at("points_perdus").to_number<double>(), 0);
  EXPECT_EQ(worst.at("valeur").to_number<double>(), 25);
  EXPECT_TRUE(worst.at("valeur_repere").is_null()) << "nobody can change his age";
}

TEST_F(ScoreTest, SpeaksTheCallersLanguageAndTellsOfTheChallenger) {
  const std::string body = R"({"age":25,"revenu":50000,"historique_impaye":5})";
  const json::object french = score(body, "?explain=true", "Accept-Language: fr\r\n");
  const json::object english = score(body);
  EXPECT_NE(french.at("message"), english.at("message"));
  EXPECT_EQ(french.at("decision"), english.at("decision")) << "the contract's words, whatever the language";
  EXPECT_TRUE(french.at("challenger").as_object().contains("probabilite_defaut"));
}

TEST_F(ScoreTest, AllProblemsAreSaidAtOnce) {
  const auto reply = post("/score", R"({"age":17,"revenu":"much","genre":"F"})");
  EXPECT_EQ(reply.status, 422);
  for (const char* const place :
       {R"(["body", "age"])", R"(["body", "revenu"])", R"(["body", "genre"])", R"(["body", "historique_impaye"])"}) {
    EXPECT_THAT(reply.body, HasSubstr(place));
  }
  EXPECT_EQ(post("/score?explain=1", R"({"age":35,"revenu":50000,"historique_impaye":1})").status, 422);
}

}  // namespace
}  // namespace vigie::api
