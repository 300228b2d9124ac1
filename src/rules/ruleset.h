// Rules that are evaluated together.
//
//   const auto set = Ruleset::parse(yaml, "rules.yaml", variables);   // or all problems of the file
//   Verdict verdict;
//   set->evaluate(slots, now, scratch, verdict);
//   verdict.weight; verdict.outcome; verdict.hits;
//
// A set is not changed after it was made: many threads may evaluate it, each with its own Scratch and Verdict, which
// keep their memory from one evaluation to the next. An error in a rule is recorded and loses no other rule.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rules/program.h"
#include "rules/rule.h"

namespace vigie::rules {

inline constexpr std::size_t kMostRules = 20'000;
inline constexpr std::size_t kMostRulesetBytes = 32 * 1024 * 1024;

struct Hit {
  std::uint32_t rule;  // its index in rules()
  bool shadow;         // recorded only
  bool by_error;       // it could not be evaluated and fails closed
};

struct RuleError {
  std::uint32_t rule;
  Fault fault;
  std::uint32_t at;  // the byte of `when` at which it happened
};

struct Verdict {
  std::vector<Hit> hits;  // by priority, the larger first; then as in the file
  std::vector<RuleError> errors;
  double weight = 0;               // noisy-or of the weights of the hits that are no shadows: 1 - (1 - w1)(1 - w2)...
  std::optional<Outcome> outcome;  // the most severe of theirs
  std::optional<std::uint32_t> decider;  // the rule that it comes from
};

// Noisy-or: how likely one of two independent causes is there. In this form either(0, p) is p to the last bit, and no
// band that begins at p is missed.
inline double either(double a, double b) { return a + b * (1 - a); }

class Ruleset {
 public:
  // The set in the file format of docs/rules.md. `file` names the text in problems. All problems that there are, each
  // with its line, column and remedy; at most 1,000. `variables` is not kept. `group`: the key of the file below which
  // rules: stands, beside other keys that are none of its business; empty: the file has rules: and nothing else.
  static std::expected<Ruleset, std::vector<Error>> parse(std::string_view yaml, std::string_view file,
                                                          const VariableTable& variables, std::string_view group = {});

  // Rules without a text. Errors as in parse(), with places inside `when`.
  static std::expected<Ruleset, std::vector<Error>> make(std::vector<Rule> rules, const VariableTable& variables);

  // `slots` as Program::evaluate takes them; `now` decides which rules are valid. Overwrites `verdict`.
  void evaluate(std::span<const Value> slots, WallTime now, Scratch& scratch, Verdict& verdict) const;

  const std::vector<Rule>& rules() const { return rules_; }
  const Program& program(std::size_t rule) const { return programs_[rule]; }
  // The first 12 hexadecimal digits of the SHA-256 of what the rules say: the same for two files that differ in
  // comments, order of keys and layout only.
  const std::string& version() const { return version_; }
  // What is allowed and hardly meant, each with its place and what to write: fields that may be absent and are read
  // without has(), which makes the rule an error wherever they are.
  const std::vector<Error>& warnings() const { return warnings_; }

 private:
  std::vector<Rule> rules_;
  std::vector<Program> programs_;      // one a rule
  std::vector<std::uint32_t> active_;  // rules that are not off, by priority
  std::string version_;
  std::vector<Error> warnings_;
};

// "pays: the field is absent (montant_eleve, line 1, column 5)", for people.
std::string describe(const RuleError& error, const Ruleset& set, bool french);

}  // namespace vigie::rules
