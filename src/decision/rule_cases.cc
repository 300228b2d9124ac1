#include "decision/rule_cases.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/number.h"
#include "history/embedded_history.h"

namespace vigie::decision {
namespace {

// Risks that analysts write are rounded.
constexpr double kRiskTolerance = 0.0005;

std::int64_t second_of(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

Status replay(const RuleCase& now, const history::EventKeys& keys, history::History& history) {
  std::size_t number = 0;
  for (const CaseEvent& event : now.past) {
    domain::Event each = keys.event(event.transaction.seen());
    for (std::uint32_t i = 0; i < event.times; ++i) {
      // No id that somebody wrote has a # in it.
      if (event.transaction.id.empty() || i > 0) each.id = keys("#" + std::to_string(number++));
      std::array<double, history::kFeatures> row;
      VIGIE_TRY(history.observe(each, each.time, row));
      if (event.fraud) {
        VIGIE_TRY(history.label({.id = each.id, .terminal = each.terminal, .time = each.time, .fraud = *event.fraud}));
      }
    }
  }
  return {};
}

class Comparison {
 public:
  Comparison(const rules::Ruleset& set, std::span<const rules::Value> values) : set_(set), values_(values) {}

  void rules(std::span<const std::uint32_t> expected, const std::vector<std::uint32_t>& found, std::string_view missing,
             std::string_view unexpected, std::vector<CaseDifference>& out) const {
    for (const std::uint32_t rule : expected) {
      if (!std::ranges::binary_search(found, rule)) out.push_back(difference(rule, missing));
    }
    for (const std::uint32_t rule : found) {
      if (!std::ranges::binary_search(expected, rule)) out.push_back(difference(rule, unexpected));
    }
  }

 private:
  CaseDifference difference(std::uint32_t rule, std::string_view what) const {
    CaseDifference made{.what = std::string(what), .rule = set_.rules()[rule].name};
    for (const std::uint32_t slot : set_.program(rule).reads()) {
      made.values.emplace_back(fraud_variables()[slot].name, rules::to_string(values_[slot]));
    }
    return made;
  }

  const rules::Ruleset& set_;
  std::span<const rules::Value> values_;
};

CaseDifference other_than(std::string_view what, const std::string& expected, const std::string& found) {
  return {.what = std::string(what), .detail = "is " + found + ", not " + expected};
}

void compare(const RuleCase& expected, const FraudDecision& decision, const rules::Verdict& verdict,
             const rules::Ruleset& set, std::span<const rules::Value> values, CaseResult& result) {
  std::vector<std::uint32_t> fired;
  std::vector<std::uint32_t> shadows;
  std::vector<std::uint32_t> errors;
  for (const rules::Hit& hit : verdict.hits) {
    (hit.shadow ? shadows : fired).push_back(hit.rule);
    if (!hit.shadow) result.fired.push_back(set.rules()[hit.rule].name);
  }
  for (const rules::RuleError& error : verdict.errors) errors.push_back(error.rule);
  for (auto* const found : {&fired, &shadows, &errors}) std::ranges::sort(*found);

  const Comparison comparison(set, values);
  comparison.rules(expected.rules, fired, "did not fire", "fired", result.differences);
  if (expected.shadows) {
    comparison.rules(*expected.shadows, shadows, "did not fire as a shadow", "fired as a shadow", result.differences);
  }
  const std::size_t before = result.differences.size();
  comparison.rules(expected.errors, errors, "was evaluated without an error", "could not be evaluated",
                   result.differences);
  for (CaseDifference& difference : std::span(result.differences).subspan(before)) {
    for (const rules::RuleError& error : verdict.errors) {
      if (set.rules()[error.rule].name == difference.rule) difference.detail = describe(error, set, false);
    }
  }
  if (expected.outcome && *expected.outcome != decision.outcome) {
    result.differences.push_back(other_than("decision", std::string(rules::to_string(*expected.outcome)),
                                            std::string(rules::to_string(decision.outcome))));
  }
  if (expected.level && *expected.level != decision.level) {
    result.differences.push_back(
        other_than("niveau", std::string(to_string(*expected.level)), std::string(to_string(decision.level))));
  }
  if (expected.risk && std::abs(*expected.risk - decision.risk) > kRiskTolerance) {
    result.differences.push_back(other_than("risque", format_double(*expected.risk), format_double(decision.risk)));
  }
}

}  // namespace

domain::Transaction CaseTransaction::seen() const {
  domain::Transaction out{.id = id, .client = client, .amount = amount, .type = type, .time = time};
  out.currency = currency;
  out.country = country;
  out.terminal = terminal;
  out.channel = channel;
  out.unpaid = unpaid;
  return out;
}

Result<std::vector<CaseResult>> run_rule_cases(const RuleCases& cases, const std::shared_ptr<const rules::Ruleset>& set,
                                               FraudOptions options) {
  if (cases.thresholds) options.thresholds = *cases.thresholds;
  const history::EventKeys keys(KeyedHash({1, 2}));  // of a history that nobody else ever sees
  std::vector<CaseResult> results;
  results.reserve(cases.cases.size());
  for (const RuleCase& now : cases.cases) {
    const std::shared_ptr<history::History> history = VIGIE_TRY(history::EmbeddedHistory::make({}));
    VIGIE_TRY(replay(now, keys, *history));
    const FraudService service(history, keys, set, {}, options);
    FraudWork work(service);
    const domain::Transaction transaction = now.transaction.seen();
    features::fill_own_part(transaction, work.row());
    VIGIE_TRY(
        history->observe(keys.event(transaction), second_of(transaction.time), features::history_part(work.row())));
    const FraudDecision decision = service.judge(transaction, transaction.time, work, now.score);
    CaseResult& result = results.emplace_back();
    result.risk = decision.risk;
    result.level = decision.level;
    result.outcome = decision.outcome;
    FraudSlots slots(options.thresholds);
    const auto values = slots.fill(transaction, features::history_part(work.row()),
                                   now.score.value_or(std::numeric_limits<double>::quiet_NaN()));
    compare(now, decision, work.verdict(), *set, values, result);
  }
  return results;
}

}  // namespace vigie::decision
