#include "decision/fraud_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "decision/shipped_rules.h"
#include "history/embedded_history.h"

namespace vigie::decision {
namespace {

using testing::HasSubstr;

const WallTime kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 20) + std::chrono::hours(12);

std::shared_ptr<const rules::Ruleset> rules_of(const std::string& yaml) {
  auto set = rules::Ruleset::parse(yaml, "test", fraud_variables());
  if (!set) throw std::runtime_error(set.error().front().to_string());
  return std::make_shared<const rules::Ruleset>(*std::move(set));
}

// One rule that fires for amounts of its own.
std::string rule(const std::string& name, int amount, const std::string& effect) {
  return "- {name: " + name + ", text: {fr: " + name + " fr, en: " + name +
         " en}, when: montant == " + std::to_string(amount) + ", " + effect + "}\n";
}

class Fraud : public testing::Test {
 protected:
  void use(std::shared_ptr<const rules::Ruleset> set, FraudOptions options = {}) {
    service_.emplace(history_, keys_, std::move(set), FraudModel{}, std::move(options));
    work_.emplace(*service_);
  }
  FraudDecision decide(double amount, std::string_view id, std::string_view client = "C1", WallTime at = kNow) {
    const auto decision =
        service_->decide({.id = id, .client = client, .amount = amount, .type = 0, .time = at}, kNow, *work_);
    if (!decision) throw std::runtime_error(decision.error().to_string());
    return *decision;
  }
  std::string message(const FraudDecision& decision, bool french = false) {
    return message_of(decision, work_->verdict(), service_->ruleset(), french);
  }

  std::shared_ptr<history::History> history_ = *history::EmbeddedHistory::make({});
  history::EventKeys keys_{KeyedHash({1, 2})};
  std::optional<FraudService> service_;
  std::optional<FraudWork> work_;
};

TEST_F(Fraud, WeightsAreJoinedAndBandsDecide) {
  use(rules_of("rules:\n" + rule("a", 1, "weight: 0.15") + rule("b", 2, "weight: 0.2") + rule("c", 3, "weight: 0.5") +
               rule("d", 4, "weight: 0.8") + rule("d2", 5, "weight: 0.4") + rule("d3", 5, "weight: 0.5")));
  const FraudDecision none = decide(9, "T0");
  EXPECT_EQ(none.risk, 0);
  EXPECT_EQ(to_string(none.level), "faible");
  EXPECT_FALSE(none.alert);
  EXPECT_EQ(message(none), "Transaction accepted (risk 0%).");

  EXPECT_EQ(to_string(decide(1, "T1").level), "faible");
  const FraudDecision middle = decide(2, "T2");
  EXPECT_EQ(to_string(middle.level), "moyen");
  EXPECT_EQ(rules::to_string(middle.outcome), "accepter");
  EXPECT_FALSE(middle.alert);

  const FraudDecision high = decide(3, "T3");
  EXPECT_EQ(to_string(high.level), "eleve");
  EXPECT_EQ(rules::to_string(high.outcome), "verifier");
  EXPECT_TRUE(high.alert);
  EXPECT_EQ(message(high, true), "Transaction à vérifier : c fr (risque de 50 %).");

  EXPECT_EQ(rules::to_string(decide(4, "T4").outcome), "refuser");
  const FraudDecision joined = decide(5, "T5");
  EXPECT_NEAR(joined.risk, 0.7, 1e-12);
  EXPECT_EQ(message(joined), "Transaction to be checked: d3 en (risk 70%).");
}

TEST_F(Fraud, ARuleNeverLowersWhatTheRiskSays) {
  use(rules_of("rules:\n" + rule("weight", 1, "weight: 0.9") + rule("review", 1, "outcome: verifier") +
               rule("weight2", 2, "weight: 0.9") + rule("refuse2", 2, "outcome: refuser") +
               rule("weight3", 3, "weight: 0.3") + rule("review3", 3, "outcome: verifier") +
               rule("weight4", 4, "weight: 0.6") + rule("review4", 4, "outcome: verifier") +
               rule("weight5", 5, "weight: 0.9") + rule("review5", 5, "outcome: verifier") +
               rule("accept5", 5, "outcome: accepter")));
  const FraudDecision refused = decide(1, "T1");
  EXPECT_EQ(rules::to_string(refused.outcome), "refuser") << "the risk is 0.9, and verifier is less than that";
  EXPECT_FALSE(refused.by_rule);
  EXPECT_TRUE(refused.alert);
  EXPECT_EQ(message(refused), "Transaction refused: weight en (risk 90%).");
  const FraudDecision both = decide(2, "T2");
  EXPECT_EQ(rules::to_string(both.outcome), "refuser");
  EXPECT_TRUE(both.by_rule);
  EXPECT_THAT(message(both), HasSubstr("refuse2 en"));
  const FraudDecision raised = decide(3, "T3");
  EXPECT_EQ(rules::to_string(raised.outcome), "verifier");
  EXPECT_TRUE(raised.by_rule);
  EXPECT_THAT(message(raised), HasSubstr("review3 en"));
  const FraudDecision same = decide(4, "T4");
  EXPECT_EQ(rules::to_string(same.outcome), "verifier");
  EXPECT_TRUE(same.by_rule);
  EXPECT_EQ(rules::to_string(decide(5, "T5").outcome), "refuser") << "accepter has no effect beside verifier";
}

TEST_F(Fraud, ARuleThatAcceptsWinsOverTheBands) {
  use(rules_of("rules:\n" + rule("weight", 1, "weight: 0.9") + rule("accept", 1, "outcome: accepter") +
               rule("refuse", 2, "outcome: refuser") + rule("review", 2, "outcome: verifier") +
               rule("shadow", 3, "outcome: refuser, state: shadow")));
  const FraudDecision accepted = decide(1, "T1");
  EXPECT_EQ(rules::to_string(accepted.outcome), "accepter");
  EXPECT_EQ(to_string(accepted.level), "eleve") << "the risk stays what it is";
  EXPECT_FALSE(accepted.alert);
  EXPECT_TRUE(accepted.by_rule);
  const FraudDecision refused = decide(2, "T2");
  EXPECT_EQ(rules::to_string(refused.outcome), "refuser");
  EXPECT_THAT(message(refused), HasSubstr("refuse en"));
  EXPECT_FALSE(decide(3, "T3").alert) << "shadows have no effect";
}

TEST_F(Fraud, HistoryCountsWhatCameBefore) {
  use(rules_of(std::string(shipped_rules())));
  for (int i = 1; i <= 5; ++i) EXPECT_EQ(decide(10, "T" + std::to_string(i)).weight, 0) << i;
  const FraudDecision sixth = decide(10, "T6");
  EXPECT_NEAR(sixth.weight, 0.3, 1e-12) << "more than five in a day";
  EXPECT_EQ(to_string(sixth.level), "moyen");
  EXPECT_EQ(decide(10, "T7", "C2").weight, 0) << "another client";
}

TEST_F(Fraud, ATransactionCountsOnceAndSaysSo) {
  use(rules_of(std::string(shipped_rules())));
  EXPECT_EQ(decide(10, "T1").counted, history::Outcome::kCounted);
  EXPECT_EQ(decide(10, "T1").counted, history::Outcome::kDuplicate);
  EXPECT_EQ(decide(10, "T2", "C1", kNow - std::chrono::days(40)).counted, history::Outcome::kLate);
  EXPECT_EQ(decide(10, "T3", "C1", kNow + std::chrono::days(1)).counted, history::Outcome::kAhead);
}

TEST_F(Fraud, BandsComeFromTheSettings) {
  use(rules_of("rules:\n" + rule("a", 1, "weight: 0.15")), {.bands = {.middle = 0.05, .high = 0.1, .refuse = 0.12}});
  const FraudDecision decision = decide(1, "T1");
  EXPECT_EQ(to_string(decision.level), "eleve");
  EXPECT_EQ(rules::to_string(decision.outcome), "refuser");
}

}  // namespace
}  // namespace vigie::decision
