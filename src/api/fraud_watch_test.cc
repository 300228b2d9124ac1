#include "api/fraud_watch.h"

#include <gmock/gmock.h>

#include <atomic>
#include <boost/json.hpp>
#include <mutex>

#include "api/api_fixture.h"
#include "telemetry/exposition_checker.h"

namespace vigie::api {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::HasSubstr;

// A history whose disk, or whose Redis, may be gone for a while.
class FragileHistory final : public history::History {
 public:
  Result<history::Outcome> observe(const domain::Event& event, std::int64_t now, history::FeatureRow out) override {
    if (broken) return gone();
    return inner_->observe(event, now, out);
  }
  Status read(const domain::Event& event, history::FeatureRow out) const override { return inner_->read(event, out); }
  Result<history::LabelOutcome> label(const domain::Label& label) override {
    if (broken) return gone();
    return inner_->label(label);
  }
  Result<bool> forget(std::uint64_t client) override { return inner_->forget(client); }
  Status status() const override {
    if (for_good) return gone();
    return {};
  }

  std::atomic<bool> broken = false;
  std::atomic<bool> for_good = false;

 private:
  static std::unexpected<Error> gone() {
    return fail(Code::kUnavailable, "No space left on device", {.file = "history/journal-1"}, "make room");
  }
  std::unique_ptr<history::EmbeddedHistory> inner_ = history::EmbeddedHistory::make({}).value();
};

constexpr std::string_view kRules = R"(rules:
- {name: high, text: {fr: "Montant élevé", en: High}, when: montant > 1000, weight: 0.4}
- {name: tried, text: {fr: Essai, en: Tried}, when: montant > 10, outcome: refuser, state: shadow}
- {name: careless, text: {fr: Pays, en: Country}, when: pays == 'NG', weight: 0.5}
- {name: strict, text: {fr: Strict, en: Strict}, when: pays == 'NG', weight: 0.3, on_error: fail_closed}
)";

class FraudWatchTest : public ApiTest {
 protected:
  FraudWatchTest() : ApiTest(services()) {}

  static Services services() {
    history() = std::make_shared<FragileHistory>();
    lines().clear();
    Services made;
    made.fraud = fraud_service(history(), kRules);
    made.fraud_watch =
        std::make_shared<FraudWatch>([](std::string_view level, std::string_view message, std::string_view reason) {
          lines().push_back(std::string(level) + ": " + std::string(message) + ": " + std::string(reason));
        });
    return made;
  }
  static std::shared_ptr<FragileHistory>& history() {
    static std::shared_ptr<FragileHistory> made;
    return made;
  }
  static std::vector<std::string>& lines() {  // this test asks one request after the other
    static std::vector<std::string> made;
    return made;
  }
  double metric(const std::string& sample) {
    const auto checked =
        telemetry::check_exposition(get("/metrics", "Accept: text/plain\r\n").body, telemetry::TextFormat::kPrometheus);
    EXPECT_EQ(checked.fault, "");
    return checked[sample];
  }
};

TEST_F(FraudWatchTest, CountsWhatRulesDoAndTellsOnceOfThoseThatFail) {
  post("/fraude", fraud_body("TX1"));
  const json::value answer = json::parse(post("/fraude", fraud_body("TX2")).body);
  EXPECT_EQ(json::serialize(answer.at("regles")),
            R"([{"nom":"high","texte":"High","poids":4E-1,"issue":null},)"
            R"({"nom":"strict","texte":"Strict","poids":3E-1,"issue":null,"erreur":true}])");
  EXPECT_EQ(json::serialize(answer.at("raisons")), R"(["High","rule strict cannot be evaluated"])");
  post("/fraude", fraud_body("TX3", R"(, "pays": "NG")", 5));
  EXPECT_EQ(metric(R"(vigie_rule_hits_total{rule="high",state="on"})"), 2);
  EXPECT_EQ(metric(R"(vigie_rule_hits_total{rule="tried",state="shadow"})"), 2);
  EXPECT_EQ(metric(R"(vigie_rule_hits_total{rule="tried",state="on"})"), 0);
  EXPECT_EQ(metric(R"(vigie_rule_hits_total{rule="strict",state="on"})"), 3);
  EXPECT_EQ(metric(R"(vigie_rule_errors_total{rule="careless"})"), 2);
  EXPECT_EQ(metric(R"(vigie_rule_errors_total{rule="high"})"), 0);
  EXPECT_EQ(metric(R"(vigie_history_events_total{outcome="counted"})"), 3);
  EXPECT_THAT(lines(), ElementsAre(HasSubstr("careless"), HasSubstr("strict")));
  EXPECT_THAT(lines()[0], HasSubstr("pays"));
}

TEST_F(FraudWatchTest, AHistoryThatFailsIsSeenByThoseWhoLook) {
  EXPECT_EQ(post("/fraude", fraud_body("TX1")).status, 200);
  history()->broken = true;
  for (const auto* const id : {"TX2", "TX3"}) {
    const auto reply = post("/fraude", fraud_body(id));
    EXPECT_EQ(reply.status, 503);
    EXPECT_THAT(reply.body, HasSubstr("send the same again"));
    EXPECT_EQ(reply.body.find("journal"), std::string::npos) << "paths are for the log";
  }
  EXPECT_EQ(post("/labels", label_body("TX1")).status, 503);
  const json::value health = json::parse(get("/health").body);
  EXPECT_EQ(health.at("status"), "degraded");
  EXPECT_EQ(health.at("services").at("fraude").at("history"), "failing");
  EXPECT_EQ(get("/health/ready").status, 200) << "what all servers share is no reason to take this one out";
  EXPECT_EQ(metric("vigie_history_failures_total"), 3);
  ASSERT_EQ(lines().size(), 3) << "two rules that fail, told before; and the history, once";
  EXPECT_THAT(lines()[2], HasSubstr("history/journal-1: No space left on device"));

  history()->broken = false;
  EXPECT_EQ(json::parse(post("/fraude", fraud_body("TX2")).body).at("historique"), "counted");
  EXPECT_EQ(json::parse(get("/health").body).at("status"), "ok");
  EXPECT_THAT(lines().back(), HasSubstr("the history answers again"));
}

TEST_F(FraudWatchTest, AServerThatCannotKeepItsHistoryIsNotReady) {
  EXPECT_EQ(get("/health/ready").status, 200);
  history()->for_good = true;
  EXPECT_EQ(get("/health/ready").status, 503);
  EXPECT_EQ(get("/health/live").status, 200);
}

}  // namespace
}  // namespace vigie::api
