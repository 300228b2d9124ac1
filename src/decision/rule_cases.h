// Test cases that an analyst writes for a set of rules: a transaction, what came before it, and which rules are to
// fire. The file's format is docs/rules.md's.
//
//   const auto cases = parse_rule_cases(yaml, "rules-test.yaml", *set);   // or all problems of the file
//   const auto results = VIGIE_TRY(run_rule_cases(*cases, set, options));
//   results[i].differences.empty()                                        // whether case i is as expected
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "decision/fraud_service.h"
#include "decision/fraud_variables.h"
#include "domain/transaction.h"
#include "rules/ruleset.h"

namespace vigie::decision {

inline constexpr std::size_t kMostCaseFileBytes = 8 * 1024 * 1024;
inline constexpr std::size_t kMostCases = 10'000;
inline constexpr std::size_t kMostCaseEvents = 100'000;  // of all cases together
inline constexpr std::size_t kMostTimes = 512;           // as many as a history keeps of a client

// A transaction with the texts that it sees.
struct CaseTransaction {
  std::string id;
  std::string client;
  std::string currency;
  std::string country;
  std::string terminal;
  std::string channel;
  double amount = 0;
  std::uint8_t type = 0;
  WallTime time{};
  std::optional<double> unpaid;

  domain::Transaction seen() const;
};

// Earlier transactions that say the same.
struct CaseEvent {
  CaseTransaction transaction;
  std::uint32_t times = 1;
  std::optional<bool> fraud;  // what became of it; only where it has a terminal
};

struct RuleCase {
  std::string name;
  std::uint64_t line = 0;  // at which it begins
  CaseTransaction transaction;
  std::vector<CaseEvent> past;  // in order of time
  std::optional<double> score;  // of the model
  // What is to be. Rules are places in the set, rising.
  std::vector<std::uint32_t> rules;
  std::optional<std::vector<std::uint32_t>> shadows;
  std::vector<std::uint32_t> errors;
  std::optional<double> risk;
  std::optional<RiskLevel> level;
  std::optional<rules::Outcome> outcome;
};

struct RuleCases {
  std::optional<FraudThresholds> thresholds;  // where the file has its own
  std::vector<RuleCase> cases;
};

// All problems that there are, each with its line, column and remedy; at most 1,000. `set`: whose rules are expected.
std::expected<RuleCases, std::vector<Error>> parse_rule_cases(std::string_view yaml, std::string_view file,
                                                              const rules::Ruleset& set);

// Something that is not as it was to be.
struct CaseDifference {
  std::string what;    // "did not fire", "fired", "decision", ...
  std::string rule{};  // empty where it is about none
  std::string detail{};
  // What the rule reads and what stood there, as a person would write it in a rule.
  std::vector<std::pair<std::string, std::string>> values{};
};

struct CaseResult {
  std::vector<std::string> fired;  // names of the rules, without shadows
  double risk = 0;
  RiskLevel level = RiskLevel::kLow;
  rules::Outcome outcome = rules::Outcome::kAccept;
  std::vector<CaseDifference> differences;
};

// One result a case. Each case has a history of its own; the moment is its transaction's. Thresholds of the file go
// before those of `options`. Errors are those of the history.
Result<std::vector<CaseResult>> run_rule_cases(const RuleCases& cases, const std::shared_ptr<const rules::Ruleset>& set,
                                               FraudOptions options);

}  // namespace vigie::decision
