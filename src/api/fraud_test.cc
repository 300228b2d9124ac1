#include <gmock/gmock.h>

#include <atomic>
#include <boost/json.hpp>
#include <chrono>
#include <thread>

#include "api/api_fixture.h"

namespace vigie::api {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::HasSubstr;

class FraudTest : public ApiTest {
 protected:
  explicit FraudTest(Services services = {}) : ApiTest(std::move(services)) {}
  json::object decide(const std::string& body, const std::string& fields = {}) {
    const http::RawReply reply = post("/fraude", body, fields);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return json::parse(reply.body).as_object();
  }
};

TEST_F(FraudTest, AnswersTheExampleOfTheDocument) {
  const json::object answer =
      decide(R"({"transaction_id":"TX12345","montant":2000,"type":"virement","client_id":"C1001"})");
  EXPECT_EQ(answer.at("transaction_id"), "TX12345");
  EXPECT_EQ(answer.at("client_id"), "C1001");
  EXPECT_EQ(answer.at("risque").to_number<double>(), 0);
  EXPECT_EQ(answer.at("niveau"), "faible");
  EXPECT_EQ(answer.at("alert"), false);
  EXPECT_EQ(answer.at("decision"), "accepter");
  EXPECT_EQ(answer.at("message"), "Transaction accepted (risk 0%).");
  EXPECT_TRUE(answer.at("regles").as_array().empty());
  EXPECT_TRUE(answer.at("raisons").as_array().empty());
  EXPECT_EQ(answer.at("historique"), "counted");
  EXPECT_EQ(answer.at("decision_id").as_string().size(), 36);
  EXPECT_EQ(answer.at("ruleset").as_string().size(), 12);
}

TEST_F(FraudTest, SaysWhichRulesFiredInTheCallersLanguage) {
  const json::object answer = decide(fraud_body("TX1", R"(, "pays": "NG")", 12'000), "Accept-Language: fr\r\n");
  EXPECT_NEAR(answer.at("risque").to_number<double>(), 0.7, 1e-9);
  EXPECT_EQ(answer.at("niveau"), "eleve");
  EXPECT_EQ(answer.at("alert"), true);
  EXPECT_EQ(answer.at("decision"), "verifier");
  EXPECT_EQ(answer.at("message"), "Transaction à vérifier : Pays suspect (risque de 70 %).");
  EXPECT_EQ(json::serialize(answer.at("regles")),
            R"([{"nom":"montant_eleve","texte":"Montant élevé","poids":4E-1,"issue":null},)"
            R"({"nom":"pays_suspect","texte":"Pays suspect","poids":5E-1,"issue":null}])");
  EXPECT_EQ(json::serialize(answer.at("raisons")), R"(["Montant élevé","Pays suspect"])");
}

TEST_F(FraudTest, TheSameAgainGetsTheSameAnswerAndCountsOnce) {
  const auto first = post("/fraude", fraud_body("TX1"));
  EXPECT_EQ(first.field("Idempotent-Replay"), "");
  // Another order, other spaces, another form of the number, the alias.
  const auto again = post("/fraud", R"({"client_id":"C1001","type":"virement","montant":2e3,"transaction_id":"TX1"})");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.field("Idempotent-Replay"), "true");
  for (int i = 2; i <= 5; ++i) decide(fraud_body("TX" + std::to_string(i)));
  EXPECT_TRUE(decide(fraud_body("TX5")).at("regles").as_array().empty()) << "five in a day, one of them sent twice";
  EXPECT_EQ(decide(fraud_body("TX6")).at("regles").at(0).at("nom"), "frequence_elevee");
}

TEST_F(FraudTest, TheSameMomentSpelledOtherwiseIsTheSameTransaction) {
  const std::string zone = format_time(system_clock().now()).substr(0, 19);
  const auto first = post("/fraude", fraud_body("TX1", R"(, "date_transaction": ")" + zone + R"(Z")"));
  for (const auto* const spelled : {"+00:00", "", ".000Z"}) {
    const auto again = post("/fraude", fraud_body("TX1", R"(, "date_transaction": ")" + zone + spelled + "\""));
    EXPECT_EQ(again.body, first.body) << spelled;
  }
  const auto other = post("/fraude", fraud_body("TX1", R"(, "date_transaction": ")" + zone + R"(+01:00")"));
  EXPECT_EQ(other.status, 409);
}

TEST_F(FraudTest, SaysWhichSettingsItWentBy) {
  EXPECT_EQ(json::serialize(decide(fraud_body("TX1")).at("seuils")),
            R"({"montant_eleve":10000,"nb_transactions_24h":5,"pays_suspect":["NG","RU","KP"],)"
            R"("moyen":2E-1,"eleve":5E-1,"refuser":8E-1})");
}

TEST_F(FraudTest, ADifferentTransactionUnderAnOldNameIsAConflict) {
  decide(fraud_body("TX1"));
  const auto other = post("/fraude", fraud_body("TX1", "", 2001));
  EXPECT_EQ(other.status, 409);
  EXPECT_THAT(other.body, HasSubstr(R"("type": "conflict", "loc": ["body", "transaction_id"])"));
  const auto more = post("/fraude", fraud_body("TX1", R"(, "pays": "FR")"), "Accept-Language: fr\r\n");
  EXPECT_EQ(more.status, 409);
  EXPECT_THAT(more.body, HasSubstr("Cet identifiant"));
}

TEST_F(FraudTest, AllProblemsAreSaidAtOnce) {
  const auto reply = post("/fraude", R"({"transaction_id": "TX 1", "montant": 0, "pays": "France"})");
  EXPECT_EQ(reply.status, 422);
  std::vector<std::string> places;
  const json::value document = json::parse(reply.body);
  for (const auto& problem : document.at("detail").as_array()) {
    places.emplace_back(problem.at("loc").at(1).as_string());
  }
  EXPECT_THAT(places, ElementsAre("transaction_id", "montant", "pays", "client_id", "type"));
  EXPECT_EQ(post("/fraude", "{").status, 400);
  EXPECT_EQ(post("/fraude", "[]").status, 422);
}

TEST_F(FraudTest, WhatIsNotCountedIsSaid) {
  EXPECT_EQ(decide(fraud_body("TX1")).at("historique"), "counted");
  EXPECT_EQ(decide(fraud_body("TX2", R"(, "date_transaction": "2099-01-01")")).at("historique"), "ahead");
  EXPECT_EQ(decide(fraud_body("TX3", R"(, "date_transaction": "2001-01-01")")).at("historique"), "late");
}

TEST_F(FraudTest, ShowsWhatItWasMadeOfWhereAsked) {
  const auto reply = post("/fraude?explain=true", fraud_body("TX1"));
  const json::object features = json::parse(reply.body).at("caracteristiques").as_object();
  EXPECT_EQ(features.size(), features::kTransactionInputs);
  EXPECT_EQ(features.at("montant").to_number<double>(), 2000);
  EXPECT_EQ(features.at("nb_transactions_24h").to_number<double>(), 1);
  EXPECT_TRUE(features.at("montant_ratio_7j").is_null());
  EXPECT_FALSE(decide(fraud_body("TX2")).contains("caracteristiques"));
  EXPECT_EQ(post("/fraude?explain=perhaps", fraud_body("TX3")).status, 422);
}

TEST_F(FraudTest, LabelsAreTakenForWhatTheHistoryHas) {
  const auto at = [](int days) { return format_time(system_clock().now() - std::chrono::days(days)); };
  const auto decide_at = [&](const std::string& id, int days) {
    return decide(fraud_body(id, R"(, "terminal_id": "T1", "date_transaction": ")" + at(days) + "\""));
  };
  const json::object today = decide_at("TX1", 0);
  EXPECT_EQ(today.at("historique"), "counted");
  const std::string date(today.at("date_transaction").as_string());
  const auto label = [&](const std::string& body) { return json::parse(post("/labels", body).body).as_object(); };
  EXPECT_EQ(label(label_body("TX1", date)).at("historique"), "taken");
  EXPECT_EQ(label(label_body("TX1", date)).at("historique"), "taken") << "the same again changes nothing";
  EXPECT_EQ(label(label_body("TX1", at(3))).at("historique"), "unknown");
  EXPECT_EQ(label(label_body("TX1", "2001-01-01")).at("historique"), "too_old");
  EXPECT_EQ(post("/labels", R"({"transaction_id": "TX1", "fraude": 2})").status, 422);
}

TEST_F(FraudTest, ManyAtOnceUnderOneNameGetOneDecision) {
  std::vector<std::thread> threads;
  std::vector<std::string> bodies(8);
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    threads.emplace_back([this, i, &bodies] {
      http::RawClient client(server_->port());
      const std::string body = fraud_body("TX1");
      bodies[i] = client
                      .ask("POST /fraude HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nContent-Length: " +
                           std::to_string(body.size()) + "\r\n\r\n" + body)
                      .body;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& body : bodies) EXPECT_EQ(body, bodies[0]);
  EXPECT_THAT(bodies[0], HasSubstr("decision_id"));
}

class MovableClock final : public Clock {
 public:
  WallTime now() const override { return WallTime(std::chrono::seconds(second.load())); }
  std::atomic<std::int64_t> second = 1'800'000'000;
};

class LaterTest : public FraudTest {
 protected:
  LaterTest() : FraudTest(services()) {}
  static Services services() {
    Services made;
    made.clock = clock();
    return made;
  }
  static MovableClock* clock() {
    static MovableClock made;
    return &made;
  }
};

TEST_F(LaterTest, AFraudThatCameOutRaisesItsTerminalsRiskWhenItIsSevenDaysOld) {
  const std::string at_terminal = R"(, "terminal_id": "T1")";
  const json::object first = decide(fraud_body("TX1", at_terminal));
  const auto label = post("/labels", label_body("TX1", std::string(first.at("date_transaction").as_string())));
  EXPECT_THAT(label.body, HasSubstr("taken"));
  const auto risk = [&](const std::string& id) {
    const auto reply = post("/fraude?explain=true", fraud_body(id, at_terminal));
    return json::parse(reply.body).at("caracteristiques").at("terminal_risque_30j").to_number<double>();
  };
  EXPECT_EQ(risk("TX2"), 0) << "too young to be known at training";
  clock()->second += 8 * 86'400;
  EXPECT_EQ(risk("TX3"), 0.5) << "one of two";
}

}  // namespace
}  // namespace vigie::api
