#include "decision/fraud_service.h"

#include <chrono>
#include <cmath>
#include <limits>

namespace vigie::decision {
namespace {

RiskLevel level_of(double risk, const RiskBands& bands) {
  if (risk >= bands.high) return RiskLevel::kHigh;
  return risk >= bands.middle ? RiskLevel::kMiddle : RiskLevel::kLow;
}

rules::Outcome outcome_of(double risk, const RiskBands& bands) {
  if (risk >= bands.refuse) return rules::Outcome::kRefuse;
  return risk >= bands.high ? rules::Outcome::kReview : rules::Outcome::kAccept;
}

// The rule to name where only one is named: whose outcome it is, or, where it is the risk's, the heaviest.
const rules::Hit* main_hit(const FraudDecision& decision, const rules::Verdict& verdict,
                           const rules::Ruleset& ruleset) {
  const auto weight = [&](const rules::Hit& hit) { return ruleset.rules()[hit.rule].weight; };
  const rules::Hit* main = nullptr;
  for (const rules::Hit& hit : verdict.hits) {
    if (hit.shadow) continue;
    if (decision.by_rule && hit.rule == *verdict.decider) return &hit;
    if (!decision.by_rule && weight(hit) && (main == nullptr || *weight(hit) > *weight(*main))) main = &hit;
  }
  return main;
}

}  // namespace

std::string_view to_string(RiskLevel level) {
  switch (level) {
    case RiskLevel::kLow: return "faible";
    case RiskLevel::kMiddle: return "moyen";
    case RiskLevel::kHigh: return "eleve";
  }
  return "";
}

FraudWork::FraudWork(const FraudService& service) : slots_(service.options().thresholds) {}

FraudService::FraudService(std::shared_ptr<history::History> history, const history::EventKeys& keys,
                           std::shared_ptr<const rules::Ruleset> ruleset, FraudModel model, FraudOptions options)
    : history_(std::move(history)),
      keys_(keys),
      ruleset_(std::move(ruleset)),
      model_(std::move(model)),
      options_(std::move(options)) {}

Result<FraudDecision> FraudService::decide(const domain::Transaction& transaction, WallTime now,
                                           FraudWork& work) const {
  const std::int64_t second = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  features::fill_own_part(transaction, work.row());
  const auto counted =
      VIGIE_TRY(history_->observe(keys_.event(transaction), second, features::history_part(work.row())));
  const std::optional<double> score = model_.scorer ? std::optional(model_.scorer->score(work.row())) : std::nullopt;
  FraudDecision decision = judge(transaction, now, work, score);
  decision.counted = counted;
  return decision;
}

FraudDecision FraudService::judge(const domain::Transaction& transaction, WallTime now, FraudWork& work,
                                  std::optional<double> score) const {
  FraudDecision decision;
  decision.score = score;
  const auto slots = work.slots_.fill(transaction, features::history_part(work.row()),
                                      score.value_or(std::numeric_limits<double>::quiet_NaN()));
  ruleset_->evaluate(slots, now, work.scratch_, work.verdict_);
  decision.weight = work.verdict_.weight;
  decision.risk = rules::either(decision.weight, decision.score.value_or(0));
  decision.level = level_of(decision.risk, options_.bands);
  const rules::Outcome by_risk = outcome_of(decision.risk, options_.bands);
  const rules::Outcome by_rules = work.verdict_.outcome.value_or(by_risk);
  // accepter is an exception that somebody made, whatever the risk; the others are the least that happens.
  decision.by_rule = work.verdict_.outcome && (by_rules == rules::Outcome::kAccept || by_rules >= by_risk);
  decision.outcome = decision.by_rule ? by_rules : by_risk;
  decision.alert = decision.outcome != rules::Outcome::kAccept;
  return decision;
}

std::string reason_of(const rules::Hit& hit, const rules::Ruleset& ruleset, bool french) {
  const rules::Rule& rule = ruleset.rules()[hit.rule];
  if (!hit.by_error) return french ? rule.reason.french : rule.reason.english;
  return french ? "la règle " + rule.name + " ne peut pas être évaluée" : "rule " + rule.name + " cannot be evaluated";
}

std::string message_of(const FraudDecision& decision, const rules::Verdict& verdict, const rules::Ruleset& ruleset,
                       bool french) {
  std::string text;
  switch (decision.outcome) {
    case rules::Outcome::kAccept: text = french ? "Transaction acceptée" : "Transaction accepted"; break;
    case rules::Outcome::kReview: text = french ? "Transaction à vérifier" : "Transaction to be checked"; break;
    case rules::Outcome::kRefuse: text = french ? "Transaction refusée" : "Transaction refused"; break;
  }
  if (const rules::Hit* const hit = main_hit(decision, verdict, ruleset)) {
    text += french ? " : " : ": ";
    text += reason_of(*hit, ruleset, french);
  }
  const std::string percent = std::to_string(std::lround(decision.risk * 100));
  text += french ? " (risque de " + percent + " %)." : " (risk " + percent + "%).";
  return text;
}

}  // namespace vigie::decision
