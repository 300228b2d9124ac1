#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "base/number.h"
#include "cli/rules_commands.h"
#include "decision/fraud_variables.h"

namespace vigie::cli {
namespace {

// A condition on one line, as a listing shows it.
std::string one_line(std::string_view when) {
  std::string out;
  for (const char c : when) {
    const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!blank) out += c;
    if (blank && !out.empty() && out.back() != ' ') out += ' ';
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

std::string effect_of(const rules::Rule& rule) {
  return rule.weight ? "weight " + format_double(*rule.weight) : std::string(rules::to_string(*rule.outcome));
}

std::string listing(const std::string& file, const rules::Ruleset& set) {
  std::string out = fmt::format("{}: {}, version {}\n", file, rules_in(set), set.version());
  std::size_t widest = 0;
  for (const rules::Rule& rule : set.rules()) widest = std::max(widest, rule.name.size());
  for (const rules::Rule& rule : set.rules()) {
    const std::string state = rule.state == rules::State::kOn ? "" : std::string(rules::to_string(rule.state));
    out += fmt::format("  {:<{}}  {:<12} {:<6} {}\n", rule.name, widest, effect_of(rule), state, one_line(rule.when));
  }
  for (const Error& warning : set.warnings()) out += "  warning: " + warning.to_string() + "\n";
  return out;
}

void write_rules(JsonWriter& json, const rules::Ruleset& set) {
  json.member("version", set.version()).key("rules").begin_array();
  for (std::size_t i = 0; i < set.rules().size(); ++i) {
    const rules::Rule& rule = set.rules()[i];
    json.begin_object().member("name", rule.name).member("when", rule.when);
    if (rule.weight) json.member("weight", *rule.weight);
    if (rule.outcome) json.member("outcome", rules::to_string(*rule.outcome));
    json.member("state", rules::to_string(rule.state)).member("priority", rule.priority);
    json.member("cost", set.program(i).cost()).key("reads").begin_array();
    for (const std::uint32_t slot : set.program(i).reads()) json.value(decision::fraud_variables()[slot].name);
    json.end_array().end_object();
  }
  json.end_array();
}

Status check(const std::vector<std::string>& files, Session& session) {
  std::vector<Error> problems;
  std::string text;
  JsonWriter json(2);
  json.begin_object().key("files").begin_array();
  for (const std::string& file : files) {
    const auto source = read_rule_source(file);
    json.begin_object().member("file", file).member("ok", source.has_value());
    if (source) {
      text += listing(file, *source->set);
      write_rules(json, *source->set);
      json.key("warnings").begin_array();
      for (const Error& warning : source->set->warnings()) write_problem(json, warning);
      json.end_array();
    } else {
      json.key("problems").begin_array();
      for (const Error& problem : source.error()) write_problem(json, problem);
      json.end_array();
      problems.insert(problems.end(), source.error().begin(), source.error().end());
    }
    json.end_object();
  }
  json.end_array().end_object();
  session.print(session.json() ? json.text() + "\n" : text);
  return report_problems(problems);
}

Status show_variables(Session& session) {
  if (!session.json()) {
    session.print(decision::fraud_variable_table());
    return {};
  }
  JsonWriter json(2);
  json.begin_object().key("variables").begin_array();
  for (std::uint32_t slot = 0; slot < decision::fraud_variables().size(); ++slot) {
    const rules::Variable& variable = decision::fraud_variables()[slot];
    json.begin_object()
        .member("name", variable.name)
        .member("type", rules::to_string(variable.type))
        .member("optional", variable.optional)
        .member("text", decision::fraud_variable_text(slot));
    if (!variable.choices.empty()) json.key("choices").values(std::span<const std::string>(variable.choices));
    json.end_object();
  }
  json.end_array().end_object();
  session.print(json.text() + "\n");
  return {};
}

}  // namespace

void add_rules_check(CLI::App& rules, Session& session) {
  auto files = std::make_shared<std::vector<std::string>>();
  CLI::App* const command = rules.add_subcommand("check", "Say what is wrong in files of rules, or what is in them");
  command->add_option("files", *files, "files of rules, or config.yaml (default: shipped, the rules that ship)")
      ->type_name("FILE");
  add_json_flag(*command, session);
  describe(
      *command,
      "Every problem is said, with its line, column and remedy; the exit code is 1 where there is one. Warnings are\n"
      "about rules that are allowed and hardly meant, and leave it at 0.\n"
      "Examples:\n"
      "  vigie rules check\n"
      "  vigie rules check rules.yaml\n"
      "  vigie rules check config.yaml --json\n");
  command->callback([files, &session] {
    session.finish(check(files->empty() ? std::vector<std::string>{kShipped} : *files, session));
  });
}

void add_rules_variables(CLI::App& rules, Session& session) {
  CLI::App* const command = rules.add_subcommand("variables", "What rules may name, as a table in Markdown");
  add_json_flag(*command, session);
  describe(*command, "Examples:\n  vigie rules variables\n");
  command->callback([&session] { session.finish(show_variables(session)); });
}

}  // namespace vigie::cli
