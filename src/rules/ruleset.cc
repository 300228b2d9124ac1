#include "rules/ruleset.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "base/sha256.h"
#include "rules/lexer.h"

namespace vigie::rules {
namespace {

constexpr std::size_t kMostProblems = 1'000;

// The rules as bytes that only depend on what they say: each part behind its length, so that none can be taken for two.
std::string canonical(const std::vector<Rule>& rules) {
  std::string out = "vigie rules 1\n";
  const auto put = [&](std::string_view part) {
    out += std::to_string(part.size());
    out += ':';
    out += part;
  };
  const auto put_time = [&](const std::optional<WallTime>& time) {
    put(time ? std::to_string(time->time_since_epoch().count()) : "");
  };
  for (const Rule& rule : rules) {
    for (const std::string* text :
         {&rule.name, &rule.text.french, &rule.text.english, &rule.when, &rule.reason.french, &rule.reason.english}) {
      put(*text);
    }
    put(rule.weight ? std::to_string(std::bit_cast<std::uint64_t>(*rule.weight)) : "");
    put(rule.outcome ? to_string(*rule.outcome) : "");
    put(std::to_string(rule.priority));
    put(to_string(rule.state));
    put_time(rule.from);
    put_time(rule.to);
    put(to_string(rule.on_error));
    out += '\n';
  }
  return out;
}

Error absence_warning(const Rule& rule, const std::string& variable, std::uint32_t at) {
  Place place = place_at(rule.when, at);
  place.field = rule.name + ".when";
  return {.code = Code::kFailedPrecondition,
          .message = "'" + variable + "' may be absent, and the rule cannot be evaluated where it is",
          .place = std::move(place),
          .remedy = "write has(" + variable + ") && ..."};
}

}  // namespace

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::kAccept: return "accepter";
    case Outcome::kReview: return "verifier";
    case Outcome::kRefuse: return "refuser";
  }
  return "";
}

std::string_view to_string(State state) {
  switch (state) {
    case State::kOn: return "on";
    case State::kOff: return "off";
    case State::kShadow: return "shadow";
  }
  return "";
}

std::string_view to_string(OnError on_error) { return on_error == OnError::kFailOpen ? "fail_open" : "fail_closed"; }

std::expected<Ruleset, std::vector<Error>> Ruleset::make(std::vector<Rule> rules, const VariableTable& variables) {
  Ruleset made;
  std::vector<Error> problems;
  Compiler compiler(variables);
  made.programs_.resize(rules.size());
  for (std::size_t i = 0; i < rules.size() && !compiler.full() && problems.size() < kMostProblems; ++i) {
    auto program = compiler.compile(rules[i].when);
    if (program && !fits(program->type(), {Kind::kBool, 0})) {
      program = fail(Code::kInvalidData, "a rule is a condition, and this is of type " + to_string(program->type()),
                     place_at(rules[i].when, 0), "compare it with something, as in montant > 1000.0");
    }
    if (program) {
      made.programs_[i] = std::move(*program);
      for (const Program::Read& read : made.programs_[i].unguarded_reads(variables)) {
        made.warnings_.push_back(absence_warning(rules[i], variables[read.slot].name, read.at));
      }
    } else {
      problems.push_back(std::move(program).error());
      problems.back().place.field = rules[i].name + ".when";
    }
  }
  if (!problems.empty()) return std::unexpected(std::move(problems));
  made.rules_ = std::move(rules);
  made.active_.resize(made.rules_.size());
  std::iota(made.active_.begin(), made.active_.end(), 0u);
  std::erase_if(made.active_, [&](std::uint32_t i) { return made.rules_[i].state == State::kOff; });
  std::ranges::sort(made.active_, {}, [&](std::uint32_t i) { return std::pair(-made.rules_[i].priority, i); });
  made.version_ = sha256_hex(canonical(made.rules_)).substr(0, 12);
  return made;
}

void Ruleset::evaluate(std::span<const Value> slots, WallTime now, Scratch& scratch, Verdict& verdict) const {
  verdict.hits.clear();
  verdict.errors.clear();
  verdict.outcome.reset();
  verdict.decider.reset();
  verdict.weight = 0;
  for (const std::uint32_t i : active_) {
    const Rule& rule = rules_[i];
    if (!rule.valid_at(now)) continue;
    const Value result = programs_[i].evaluate(slots, scratch);
    if (result.is_false()) continue;
    const bool failed = !result.is_true();
    if (failed) {
      const bool known = result.is_error();  // what dyn() hid may be no condition
      verdict.errors.push_back({i, known ? result.fault() : Fault::kOverload, known ? result.place() : 0});
      if (rule.on_error == OnError::kFailOpen) continue;
    }
    const bool shadow = rule.state == State::kShadow;
    verdict.hits.push_back({i, shadow, failed});
    if (shadow) continue;
    if (rule.weight) verdict.weight = either(verdict.weight, *rule.weight);
    if (rule.outcome && (!verdict.outcome || *rule.outcome > *verdict.outcome)) {
      verdict.outcome = rule.outcome;
      verdict.decider = i;
    }
  }
}

std::string describe(const RuleError& error, const Ruleset& set, bool french) {
  const Rule& rule = set.rules()[error.rule];
  const Place place = place_at(rule.when, error.at);
  const std::size_t end = rule.when.find_first_of(" \t\r\n()[],=!<>&|?:", error.at);
  std::string shown =
      rule.when.substr(error.at, end == std::string::npos ? end : std::max<std::size_t>(end - error.at, 1));
  return shown + (french ? " : " : ": ") + std::string(text_of(error.fault, french)) + " (" + rule.name +
         (french ? ", ligne " : ", line ") + std::to_string(place.line) + (french ? ", colonne " : ", column ") +
         std::to_string(place.column) + ")";
}

}  // namespace vigie::rules
