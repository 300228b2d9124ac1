// The subcommands of `vigie rules`, a file each. No CLI11 here.
#pragma once

#include <span>

#include "base/json_writer.h"
#include "base/result.h"
#include "cli/rules_source.h"
#include "cli/session.h"

namespace vigie::cli {

void add_rules_check(CLI::App& rules, Session& session);
void add_rules_variables(CLI::App& rules, Session& session);
void add_rules_test(CLI::App& rules, Session& session);
void add_rules_backtest(CLI::App& rules, Session& session);

// Each problem as a line on stderr but the last; then that, as the command's outcome.
Status report_problems(std::span<const Error> problems);

// {"file", "line", "column", "field", "message", "remedy"}, what is known of them.
void write_problem(JsonWriter& json, const Error& problem);

}  // namespace vigie::cli
