#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/file.h"
#include "cli/rules_commands.h"
#include "decision/fraud_variables.h"
#include "decision/shipped_rules.h"
#include "schema/transaction.h"

namespace vigie::cli {
namespace {

// Whether a key of this name stands at the beginning of a line, as the groups of a config.yaml do.
bool has_group(std::string_view yaml, std::string_view name) {
  const std::string key = std::string(name) + ":";
  return yaml.starts_with(key) || yaml.contains("\n" + key);
}

}  // namespace

std::expected<rules::Ruleset, std::vector<Error>> read_ruleset(const std::string& file) {
  if (file == kShipped) {
    return rules::Ruleset::parse(decision::shipped_rules(), kShipped, decision::fraud_variables());
  }
  const auto text = read_file(file, rules::kMostRulesetBytes);
  if (!text) return std::unexpected(std::vector{text.error()});
  const bool in_group = has_group(*text, "fraud") && !has_group(*text, "rules");
  return rules::Ruleset::parse(*text, file, decision::fraud_variables(), in_group ? "fraud" : "");
}

void add_fraud_flags(CLI::App& command, decision::FraudOptions& options) {
  command.add_option("--montant-eleve", options.thresholds.high_amount, "what rules read as seuils.montant_eleve")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  command
      .add_option("--nb-transactions-24h", options.thresholds.transactions_a_day,
                  "what rules read as seuils.nb_transactions_24h")
      ->capture_default_str();
  command.add_option("--pays-suspect", options.thresholds.suspicious_countries, "what rules read as pays_suspect")
      ->delimiter(',')
      ->type_name("COUNTRY")
      ->capture_default_str()
      ->check([](const std::string& text) {
        const schema::Field& field = schema::transaction_fields()[schema::kPays];
        return schema::accepts_text(field, text) ? std::string() : "write " + schema::expectation(field);
      });
  command
      .add_option_function<double>(
          "--threshold",
          [&options](double threshold) {
            decision::RiskBands& bands = options.bands;
            bands.high = threshold;
            bands.middle = std::min(bands.middle, threshold);
            bands.refuse = std::max(bands.refuse, threshold);
          },
          "risk from which a transaction is to be verified (default: 0.5)")
      ->check(CLI::Range(0.0, 1.0));
}

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
           "  vigie rules backtest --data transactions.csv --rules rules.yaml\n");
  add_rules_check(*rules, session);
  add_rules_variables(*rules, session);
  add_rules_test(*rules, session);
  add_rules_backtest(*rules, session);
  CLI::App* const defaults = rules->add_subcommand("default", "The rules that ship, as a file to start from");
  describe(*defaults, "Examples:\n  vigie rules default > rules.yaml\n");
  defaults->callback([&session] { session.print(decision::shipped_rules()); });
}

}  // namespace vigie::cli
