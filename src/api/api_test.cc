// The routes over a real socket, with a small model.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "api/api_fixture.h"
#include "api/language.h"

namespace vigie::api {
namespace {

namespace json = boost::json;

TEST_F(ApiTest, PredictAnswersWhatTheServiceDecides) {
  for (const double v1 : {-1.0, 1.0, 2.0}) {
    const auto reply = post("/predict", transaction(v1));
    ASSERT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.field("Content-Type"), "application/json");
    const json::object answer = json::parse(reply.body).as_object();
    std::array<double, schema::kCardRaw> row;
    row.fill(0.5);
    row[0] = 10;
    row[1] = 2.5;
    row[2] = v1;
    const auto expected = service_->decide(row);
    EXPECT_EQ(answer.at("hybrid_score").as_double(), expected.hybrid_score);
    EXPECT_EQ(answer.at("fraud").as_int64(), expected.fraud ? 1 : 0);
    EXPECT_EQ(answer.at("fraud").as_int64() == 1, v1 > 0);
    EXPECT_EQ(answer.at("threshold_used").as_double(), 0.6);
    EXPECT_EQ(answer.at("model").at("name").as_string(), "card");
    EXPECT_EQ(answer.at("model").at("version").as_string(), "0123456789ab");
    EXPECT_GE(answer.at("latency_us").to_number<double>(), 0);
    EXPECT_EQ(answer.at("decision_id").as_string().size(), 36u);
    EXPECT_EQ(answer.at("decision_id").as_string()[14], '7');
  }
}

TEST_F(ApiTest, EveryDecisionHasItsOwnId) {
  const auto id = [&] { return json::parse(post("/predict", transaction(1)).body).at("decision_id").as_string(); };
  EXPECT_NE(id(), id());
}

TEST_F(ApiTest, EngineeredFieldsAreAcceptedAndIgnored) {
  const auto score = [&](const std::string& body) {
    return json::parse(post("/predict", body).body).at("hybrid_score");
  };
  EXPECT_EQ(score(transaction(1, R"(, "amount_zscore": 99, "variance_all": 1e9, "high_value": true)")),
            score(transaction(1)));
}

TEST_F(ApiTest, AllProblemsComeAtOnceInFastApisShape) {
  const auto reply = post("/predict", R"({"Time": -1, "Amount": "x", "V1": NaN, "foo": {"a": 1}})");
  EXPECT_EQ(reply.status, 422);
  const auto document = json::parse(reply.body);
  const json::array& detail = document.at("detail").as_array();
  ASSERT_EQ(detail.size(), 4u + 27u);
  EXPECT_EQ(
      json::serialize(detail[0]),
      R"({"type":"greater_than_equal","loc":["body","Time"],"msg":"Input should be greater than or equal to 0","input":-1,"ctx":{"ge":0}})");
  EXPECT_EQ(
      json::serialize(detail[1]),
      R"({"type":"float_parsing","loc":["body","Amount"],"msg":"Input should be a valid number, unable to parse string as a number","input":"x"})");
  EXPECT_EQ(json::serialize(detail[2]),
            R"({"type":"finite_number","loc":["body","V1"],"msg":"Input should be a finite number","input":"NaN"})");
  EXPECT_EQ(
      json::serialize(detail[3]),
      R"({"type":"extra_forbidden","loc":["body","foo"],"msg":"Extra inputs are not permitted","input":{"a":1}})");
  EXPECT_EQ(detail[4].at("type").as_string(), "missing");
  EXPECT_EQ(json::serialize(detail[4].at("loc")), R"(["body","V2"])");
  EXPECT_EQ(detail[4].at("msg").as_string(), "Field required");
}

TEST_F(ApiTest, SpeaksFrenchToWhoPrefersIt) {
  const auto reply = post("/predict", "{}", "Accept-Language: fr-FR, en;q=0.5\r\n");
  EXPECT_THAT(reply.body, testing::HasSubstr("Champ obligatoire"));
  EXPECT_THAT(get("/nowhere", "Accept-Language: fr\r\n").body, testing::HasSubstr("Adresse inconnue"));
  EXPECT_THAT(get("/features", "Accept-Language: fr\r\n").body, testing::HasSubstr("montant"));
  EXPECT_TRUE(prefers_french("fr"));
  EXPECT_TRUE(prefers_french("de, fr-CA;q=0.8, en;q=0.3"));
  EXPECT_FALSE(prefers_french(""));
  EXPECT_FALSE(prefers_french("en, fr;q=0.9"));
  EXPECT_FALSE(prefers_french("fr;q=0"));
  EXPECT_FALSE(prefers_french("frr"));
}

TEST_F(ApiTest, MalformedBodiesAre400AndTheConnectionStays) {
  for (const std::string body : {"", "{", "x", R"({"V1": 1)", R"({"V1": 1}})", "\xff", "\xEF\xBB\xBF{}"}) {
    const auto reply = post("/predict", body);
    EXPECT_EQ(reply.status, 400) << body;
    EXPECT_EQ(json::parse(reply.body).at("detail").at(0).at("type").as_string(), "json_invalid");
  }
  EXPECT_EQ(post("/predict", transaction(1) + "}").status, 400);
  EXPECT_EQ(post("/predict", transaction(1)).status, 200);
}

TEST_F(ApiTest, RefusalsOfTheEdgeHaveTheSameShape) {
  const auto type = [](const http::RawReply& reply) {
    return std::string(json::parse(reply.body).at("detail").at(0).at("type").as_string());
  };
  EXPECT_EQ(type(get("/nowhere")), "not_found");
  const auto method = get("/predict");
  EXPECT_EQ(method.status, 405);
  EXPECT_EQ(method.field("Allow"), "POST, OPTIONS");
  EXPECT_EQ(type(method), "method_not_allowed");
  const auto text = client_->ask(
      "POST /predict-batch HTTP/1.1\r\nHost: here\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi");
  EXPECT_EQ(text.status, 415);
  EXPECT_EQ(text.field("Accept"),
            "application/json, text/csv, application/x-ndjson, application/ndjson, application/jsonl");
  const auto large = client_->ask(
      "POST /predict HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nContent-Length: 1048577\r\n\r\n");
  EXPECT_EQ(large.status, 413);
  EXPECT_EQ(type(large), "content_too_large");
}

TEST_F(ApiTest, BatchArrayGivesAnArrayInOrder) {
  std::string body = "[";
  for (int i = 0; i < 1000; ++i) body += (i == 0 ? "" : ",") + transaction(i % 3 == 0 ? 1 : -1);
  const auto reply = post("/predict-batch", body + "]");
  ASSERT_EQ(reply.status, 200) << reply.body.substr(0, 300);
  const auto answer = json::parse(reply.body);
  ASSERT_EQ(answer.as_array().size(), 1000u);
  const auto single = json::parse(post("/predict", transaction(1)).body);
  for (std::size_t i = 0; i < 1000; ++i) {
    EXPECT_EQ(answer.at(i).at("fraud").as_int64(), i % 3 == 0 ? 1 : 0);
    if (i % 3 == 0) {
      EXPECT_EQ(answer.at(i).at("hybrid_score"), single.at("hybrid_score"));
    }
  }
}

TEST_F(ApiTest, ABadRowAnswersForItselfAndTheOthersAreScored) {
  const std::string rows = "[" + transaction(1) + R"(, {"Time": 1}, )" + transaction(-1) + ", 7]";
  const auto reply = post("/predict-batch", R"({"transactions": )" + rows + "}");
  ASSERT_EQ(reply.status, 200) << reply.body;
  const auto answer = json::parse(reply.body);
  EXPECT_EQ(answer.at("total").as_int64(), 4);
  EXPECT_EQ(answer.at("frauds").as_int64(), 1);
  EXPECT_EQ(answer.at("errors").as_int64(), 2);
  EXPECT_GE(answer.at("execution_time_ms").to_number<double>(), 0);
  const auto& predictions = answer.at("predictions");
  EXPECT_EQ(predictions.at(0).at("fraud").as_int64(), 1);
  EXPECT_EQ(predictions.at(1).at("error").at("index").as_int64(), 1);
  EXPECT_EQ(predictions.at(1).at("error").at("field").as_string(), "Amount");
  EXPECT_EQ(predictions.at(1).at("error").at("reason").as_string(), "Field required");
  EXPECT_EQ(predictions.at(1).at("error").at("problems").as_int64(), 29);
  EXPECT_EQ(predictions.at(2).at("fraud").as_int64(), 0);
  EXPECT_TRUE(predictions.at(3).at("error").at("field").is_null());
}

TEST_F(ApiTest, OnErrorFailTurnsBadRowsIntoOne422) {
  const std::string rows = "[" + transaction(1) + R"(, {"Time": 1}, 7])";
  const auto reply = post("/predict-batch?on_error=fail", rows);
  EXPECT_EQ(reply.status, 422);
  const auto document = json::parse(reply.body);
  const auto& detail = document.at("detail").as_array();
  ASSERT_EQ(detail.size(), 30u);
  EXPECT_EQ(json::serialize(detail[0].at("loc")), R"(["body",1,"Amount"])");
  EXPECT_EQ(json::serialize(detail[29].at("loc")), R"(["body",2])");
  EXPECT_EQ(post("/predict-batch?on_error=fail", "[" + transaction(1) + "]").status, 200);
  EXPECT_EQ(post("/predict-batch?on_error=explode", "[]").status, 422);
}

TEST_F(ApiTest, BatchRefusesWhatIsNoBatch) {
  EXPECT_EQ(post("/predict-batch", "[" + transaction(1)).status, 400);
  EXPECT_EQ(post("/predict-batch", "[" + transaction(1) + "] []").status, 400);
  EXPECT_EQ(post("/predict-batch", "5").status, 422);
  EXPECT_EQ(post("/predict-batch", R"({"rows": []})").status, 422);
  EXPECT_EQ(post("/predict-batch", "[]").body, "[]");
}

TEST_F(ApiTest, HealthNamesTheModel) {
  const auto health = json::parse(get("/health").body);
  EXPECT_EQ(health.at("status").as_string(), "ok");
  EXPECT_TRUE(health.at("model_loaded").as_bool());
  EXPECT_EQ(health.at("services").at("predict").at("version").as_string(), "0123456789ab");
  EXPECT_EQ(get("/health/live").status, 200);
  EXPECT_EQ(get("/health/ready").status, 200);
}

TEST_F(ApiTest, FeaturesAreTheContracts) {
  const auto features = json::parse(get("/features").body);
  EXPECT_EQ(features.at("required_features").as_array().size(), 37u);
  EXPECT_EQ(features.at("required_features").at(0).as_string(), "Time");
  EXPECT_EQ(features.at("required_features").at(36).as_string(), "mean_abs_v");
  EXPECT_EQ(features.at("model_features").as_array().size(), 35u);
  EXPECT_EQ(features.at("model_features").at(0).as_string(), "V1");
  EXPECT_EQ(features.at("total_features").as_int64(), 35);
  EXPECT_EQ(features.at("fields").at(1).at("minimum").to_number<double>(), 0);
  EXPECT_TRUE(features.at("fields").at(2).at("maximum").is_null());
}

TEST_F(ApiTest, ExplainsADecisionOnRequest) {
  const auto plain = json::parse(post("/predict", transaction(1)).body).as_object();
  EXPECT_FALSE(plain.contains("reasons"));
  const auto reply = post("/predict?explain=true", transaction(1));
  ASSERT_EQ(reply.status, 200) << reply.body;
  const auto answer = json::parse(reply.body).as_object();
  EXPECT_EQ(answer.at("hybrid_score"), plain.at("hybrid_score"));
  double sum = answer.at("base_score").as_double();
  const auto& reasons = answer.at("reasons").as_array();
  ASSERT_EQ(reasons.size(), 3u) << "three inputs are asked for by the model's three stumps";
  for (const auto& reason : reasons) sum += reason.at("contribution").to_number<double>();
  EXPECT_NEAR(sum, answer.at("hybrid_score").as_double(), 1e-6);
  const auto& first = reasons[0].as_object();
  EXPECT_EQ(first.at("feature").as_string(), "V1");
  EXPECT_EQ(first.at("direction").as_string(), "raises");
  EXPECT_NE(first.at("text").as_string().find("V1 is 1,"), std::string_view::npos);
  const auto french = post("/predict?explain=true", transaction(1), "Accept-Language: fr\r\n");
  EXPECT_NE(french.body.find("V1 vaut 1,"), std::string::npos) << french.body;
}

TEST_F(ApiTest, RefusesAnotherValueOfExplain) {
  const auto reply = post("/predict?explain=perhaps", transaction(1));
  EXPECT_EQ(reply.status, 422);
  EXPECT_NE(reply.body.find("\"explain\""), std::string::npos) << reply.body;
}

}  // namespace
}  // namespace vigie::api
