#include <CLI/CLI.hpp>

#include "cli/rules_commands.h"
#include "decision/shipped_rules.h"

namespace vigie::cli {
Status report_problems(std::span<const Error> problems) {
  if (problems.empty()) return {};
  for (const Error& problem : problems.first(problems.size() - 1)) put_error(problem.to_string());
  return std::unexpected(problems.back());
}

void write_problem(JsonWriter& json, const Error& problem) {
  json.begin_object();
  if (!problem.place.file.empty()) json.member("file", problem.place.file);
  if (problem.place.line > 0) json.member("line", problem.place.line);
  if (problem.place.column > 0) json.member("column", problem.place.column);
  if (!problem.place.field.empty()) json.member("field", problem.place.field);
  json.member("message", problem.message).member("remedy", problem.remedy).end_object();
}

void add_rules_commands(CLI::App& app, Session& session) {
  CLI::App* const rules = app.add_subcommand("rules", "Check, test and backtest the rules that /fraude decides by");
  rules->require_subcommand(1);
  describe(*rules,
           "Examples:\n"
           "  vigie rules default > rules.yaml\n"
           "  vigie rules variables\n"
           "  vigie rules check rules.yaml\n"
           "  vigie rules test rules-test.yaml --rules rules.yaml\n"
           "  vigie rules backtest --data transactions.csv --rules new.yaml --against config.yaml\n");
  add_rules_check(*rules, session);
  add_rules_variables(*rules, session);
  add_rules_test(*rules, session);
  add_rules_backtest(*rules, session);
  CLI::App* const defaults = rules->add_subcommand("default", "The rules that ship, as a file to start from");
  describe(*defaults, "Examples:\n  vigie rules default > rules.yaml\n");
  defaults->callback([&session] { session.print(decision::shipped_rules()); });
}

}  // namespace vigie::cli
