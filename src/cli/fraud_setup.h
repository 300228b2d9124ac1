// POST /fraude from the settings: a history that all sites of a server share, and what a site makes of it.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "cli/config.h"
#include "decision/fraud_service.h"
#include "history/checkpoints.h"
#include "history/event_keys.h"
#include "history/history.h"

namespace vigie::cli {

struct FraudHistory {
  std::shared_ptr<history::History> history;
  history::EventKeys keys;
  std::shared_ptr<history::Checkpoints> checkpoints{};  // of a history on this disk
  bool waits = false;                                   // it answers when a disk does
  std::function<Status()> at_stop{};                    // when nothing is decided any more
  std::optional<std::int64_t> clock{};                  // when it was opened, s; 0: empty. Of one on this disk
};

// The rules that the settings name, of fraud.rules_file or of fraud.rules, or all that is wrong with them.
std::expected<rules::Ruleset, std::vector<Error>> read_fraud_rules(const FraudConfig& config);

// kInvalidArgument where they do not rise.
Status check_bands(const decision::RiskBands& bands);

// What make_fraud_service() would refuse because of the settings alone: bands, and rules that do not compile.
std::vector<Error> fraud_problems(const FraudConfig& config);

// Opens what is below the state folder, and goes on from there.
Result<FraudHistory> open_fraud_history(const Config& config);

// Rules are read and compiled: an error names file, line, column and remedy of the first problem, and how many more
// there are.
Result<std::shared_ptr<const decision::FraudService>> make_fraud_service(const Config& config,
                                                                         const FraudHistory& history);

}  // namespace vigie::cli
