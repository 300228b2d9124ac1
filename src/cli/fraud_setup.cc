#include "cli/fraud_setup.h"

#include <filesystem>

#include "base/file.h"
#include "cli/server_log.h"

namespace vigie::cli {
namespace {

Result<rules::Ruleset> rules_of(const FraudConfig& config) {
  auto set = read_fraud_rules(config);
  if (set) return *std::move(set);
  Error first = set.error().front();
  if (set.error().size() > 1) {
    first.remedy += " (and " + std::to_string(set.error().size() - 1) + " more: vigie rules check says all)";
  }
  return std::unexpected(std::move(first));
}

}  // namespace

std::expected<rules::Ruleset, std::vector<Error>> read_fraud_rules(const FraudConfig& config) {
  if (config.rules_file.empty()) {
    return rules::Ruleset::parse(config.rules.yaml, config.rules.file, decision::fraud_variables(), config.rules.group);
  }
  auto yaml = read_file(config.rules_file, rules::kMostRulesetBytes + 1);
  if (!yaml) return std::unexpected(std::vector{std::move(yaml).error()});
  return rules::Ruleset::parse(*yaml, config.rules_file, decision::fraud_variables());
}

Status check_bands(const decision::RiskBands& bands) {
  if (bands.middle <= bands.high && bands.high <= bands.refuse) return {};
  return fail(Code::kInvalidArgument, "the bands of risks do not rise", {.field = "fraud.bands"},
              "give moyen <= eleve <= refuser, such as 0.2, 0.5 and 0.8");
}

std::vector<Error> fraud_problems(const FraudConfig& config) {
  std::vector<Error> problems;
  if (const Status bands = check_bands(config.bands); !bands) problems.push_back(bands.error());
  if (const auto rules = read_fraud_rules(config); !rules) {
    problems.insert(problems.end(), rules.error().begin(), rules.error().end());
  }
  return problems;
}

Result<FraudHistory> open_fraud_history(const Config& config) {
  const FraudConfig& fraud = config.fraud;
  if (!fraud.redis.host.empty() || !fraud.redis.path.empty()) {
    std::shared_ptr<history::RedisHistory> shared =
        VIGIE_TRY(history::RedisHistory::open({.endpoint = fraud.redis, .prefix = fraud.redis_prefix}));
    const history::EventKeys keys = shared->keys();
    return FraudHistory{.history = std::move(shared), .keys = keys, .waits = true};
  }
  std::shared_ptr<history::DurableHistory> history = VIGIE_TRY(history::DurableHistory::open(
      std::filesystem::path(config.state) / "history",
      {.bounds = {.clients = fraud.clients, .terminals = fraud.terminals}, .durability = fraud.durability}));
  const auto checkpoints = std::make_shared<history::Checkpoints>(
      history, history::Checkpoints::Options{.every = fraud.checkpoint, .on_failure = [](const Error& error) {
                                               log_line("error", "no snapshot of the history was made", {},
                                                        error.to_string());
                                             }});
  return FraudHistory{.history = history,
                      .keys = history->keys(),
                      .checkpoints = checkpoints,
                      .waits = fraud.durability == history::Durability::kAlways,
                      .at_stop = [history] { return history->checkpoint(); },
                      .clock = history->memory().clock()};
}

Result<std::shared_ptr<const decision::FraudService>> make_fraud_service(const Config& config,
                                                                         const FraudHistory& history) {
  VIGIE_TRY(check_bands(config.fraud.bands));
  auto set = std::make_shared<const rules::Ruleset>(VIGIE_TRY(rules_of(config.fraud)));
  decision::FraudModel model;
  if (!config.transaction_model.empty()) {
    model.scorer = VIGIE_TRY(decision::TransactionScorer::load(config.transaction_model));
    model.explainer = VIGIE_TRY(decision::TransactionExplainer::make(model.scorer));
  }
  return std::make_shared<const decision::FraudService>(
      history.history, history.keys, std::move(set), std::move(model),
      decision::FraudOptions{.thresholds = config.fraud.thresholds, .bands = config.fraud.bands});
}

}  // namespace vigie::cli
