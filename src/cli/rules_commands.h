// The subcommands of `vigie rules`, a file each. No CLI11 here.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "base/result.h"
#include "cli/session.h"
#include "decision/fraud_service.h"
#include "rules/ruleset.h"

namespace vigie::cli {

void add_rules_check(CLI::App& rules, Session& session);
void add_rules_variables(CLI::App& rules, Session& session);
void add_rules_test(CLI::App& rules, Session& session);
void add_rules_backtest(CLI::App& rules, Session& session);

// The name of the rules that Vigie comes with, where a file of rules may be named.
inline constexpr const char* kShipped = "shipped";

// `file` as a set of rules: a file of rules, or a config.yaml with rules: below fraud:, or kShipped.
std::expected<rules::Ruleset, std::vector<Error>> read_ruleset(const std::string& file);

// Flags for the settings that rules name and decisions follow.
void add_fraud_flags(CLI::App& command, decision::FraudOptions& options);

// Each problem as a line on stderr but the last; then that, as the command's outcome.
Status report_problems(std::span<const Error> problems);

// {"file", "line", "column", "field", "message", "remedy"}, what is known of them.
void write_problem(JsonWriter& json, const Error& problem);

}  // namespace vigie::cli
