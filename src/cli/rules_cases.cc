// vigie rules test
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "base/file.h"
#include "base/number.h"
#include "cli/rules_commands.h"
#include "decision/rule_cases.h"

namespace vigie::cli {
namespace {

struct CaseFlags {
  std::vector<std::string> files;
  std::string rules = kShipped;
  FraudFlags fraud;
};

std::string text_of(const decision::CaseDifference& difference) {
  std::string out = difference.rule.empty() ? difference.what + " " : difference.rule + " " + difference.what;
  out += (difference.rule.empty() || difference.detail.empty() ? "" : ": ") + difference.detail;
  for (const auto& [name, value] : difference.values) {
    out += (&name == &difference.values.front().first ? (difference.detail.empty() ? ": " : "; ") : ", ") + name +
           " = " + value;
  }
  return out;
}

std::string text_of(const decision::RuleCase& now, const decision::CaseResult& result) {
  if (result.differences.empty()) return "  ok      " + now.name + "\n";
  std::string out = fmt::format("  FAILED  {} (line {})\n", now.name, now.line);
  for (const auto& difference : result.differences) out += "          " + text_of(difference) + "\n";
  return out;
}

void write_case(JsonWriter& json, const decision::RuleCase& now, const decision::CaseResult& result) {
  json.begin_object().member("name", now.name).member("line", now.line).member("ok", result.differences.empty());
  json.key("fired").values(std::span<const std::string>(result.fired));
  json.member("risque", result.risk)
      .member("niveau", decision::to_string(result.level))
      .member("decision", rules::to_string(result.outcome));
  json.key("differences").begin_array();
  for (const auto& difference : result.differences) {
    json.begin_object().member("what", difference.what);
    if (!difference.rule.empty()) json.member("rule", difference.rule);
    if (!difference.detail.empty()) json.member("detail", difference.detail);
    json.key("values").begin_object();
    for (const auto& [name, value] : difference.values) json.member(name, value);
    json.end_object().end_object();
  }
  json.end_array().end_object();
}

// Names of the rules that are on and that no case expects to fire.
class Untested {
 public:
  explicit Untested(const rules::Ruleset& set) : set_(set), tested_(set.rules().size()) {}

  void see(const decision::RuleCase& now) {
    for (const std::uint32_t rule : now.rules) tested_[rule] = true;
    for (const std::uint32_t rule : now.shadows.value_or(std::vector<std::uint32_t>())) tested_[rule] = true;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < tested_.size(); ++i) {
      if (!tested_[i] && set_.rules()[i].state != rules::State::kOff) out.push_back(set_.rules()[i].name);
    }
    return out;
  }

 private:
  const rules::Ruleset& set_;
  std::vector<bool> tested_;
};

std::string summary(std::size_t all, std::size_t failed, const rules::Ruleset& set,
                    const decision::FraudOptions& options, const std::vector<std::string>& untested) {
  std::string out = fmt::format("{} of {} test cases are as expected, with {} of version {}\n", all - failed, all,
                                rules_in(set), set.version());
  out += "judged with " + thresholds_of(options.thresholds) + "; moyen, eleve, refuser from " +
         bands_of(options.bands) + "\n";
  if (!untested.empty()) out += fmt::format("no test case expects {} to fire\n", fmt::join(untested, ", "));
  return out;
}

Status run(const CaseFlags& flags, Session& session) {
  const auto source = read_rule_source(flags.rules);
  if (!source) return report_problems(source.error());
  const auto set = source->set;
  const decision::FraudOptions options = settings_of(flags.fraud, *source, nullptr);
  std::vector<Error> problems;
  std::string text;
  Untested untested(*set);
  std::size_t failed = 0;
  std::size_t all = 0;
  JsonWriter json(2);
  json.begin_object().member("rules", flags.rules).member("version", set->version());
  write_settings(json, options);
  json.key("files").begin_array();
  for (const std::string& file : flags.files) {
    const std::string yaml = VIGIE_TRY(read_file(file, decision::kMostCaseFileBytes));
    const auto cases = decision::parse_rule_cases(yaml, file, *set);
    json.begin_object().member("file", file);
    if (!cases) {
      problems.insert(problems.end(), cases.error().begin(), cases.error().end());
      json.key("problems").begin_array();
      for (const Error& problem : cases.error()) write_problem(json, problem);
      json.end_array().end_object();
      continue;
    }
    const auto results = VIGIE_TRY(decision::run_rule_cases(*cases, set, options));
    text += file + "\n";
    if (cases->thresholds) {
      text += "  with its own " + thresholds_of(*cases->thresholds) + "\n";
      write_thresholds(json, *cases->thresholds);
    }
    json.key("cases").begin_array();
    for (std::size_t i = 0; i < results.size(); ++i) {
      text += text_of(cases->cases[i], results[i]);
      untested.see(cases->cases[i]);
      write_case(json, cases->cases[i], results[i]);
      failed += results[i].differences.empty() ? 0 : 1;
      ++all;
    }
    json.end_array().end_object();
  }
  const std::vector<std::string> names = untested.names();
  if (all > 0) text += summary(all, failed, *set, options, names);
  json.end_array().member("cases", all).member("failed", failed);
  json.key("untested").values(std::span<const std::string>(names)).end_object();
  session.print(session.json() ? json.text() + "\n" : text);
  VIGIE_TRY(report_problems(problems));
  if (failed == 0) return {};
  return fail(Code::kInvalidData, fmt::format("{} of {} test cases failed", failed, all), {},
              "correct the rules, or what is expected of them");
}

}  // namespace

void add_rules_test(CLI::App& rules, Session& session) {
  auto flags = std::make_shared<CaseFlags>();
  CLI::App* const command = rules.add_subcommand("test", "Try rules on test cases: which rules fire, and which should");
  command->add_option("files", flags->files, "files of test cases")->required()->type_name("FILE");
  command->add_option("--rules", flags->rules, "a file of rules, or a config.yaml; shipped: the rules that ship")
      ->capture_default_str()
      ->type_name("FILE");
  add_fraud_flags(*command, flags->fraud);
  add_json_flag(*command, session);
  describe(
      *command,
      "A test case, in YAML; docs/rules.md describes all of it:\n"
      "  tests:\n"
      "    - name: a high amount after a quiet week\n"
      "      transaction: {montant: 12000, type: virement}\n"
      "      history:\n"
      "        - {montant: 50, ago: 2h}\n"
      "      expect: {rules: [montant_eleve], decision: accepter}\n"
      "Thresholds and bands are those of a config.yaml that --rules names, else the defaults; flags go before both,\n"
      "and thresholds: of a file of test cases before all.\n"
      "The exit code is 1 where a case fails.\n"
      "Examples:\n"
      "  vigie rules test docs/examples/rules-test.yaml\n"
      "  vigie rules test rules-test.yaml --rules config.yaml\n"
      "  vigie rules test rules-test.yaml --rules rules.yaml --json\n");
  command->callback([flags, &session] { session.finish(run(*flags, session)); });
}

}  // namespace vigie::cli
