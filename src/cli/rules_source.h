// The rules that a subcommand of `vigie rules` is about, and what they are judged with: a file of rules, the rules that
// ship, or a config.yaml with its thresholds and bands.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "base/result.h"
#include "decision/fraud_service.h"
#include "rules/ruleset.h"

namespace CLI {
class App;
}

namespace vigie::cli {

// The name of the rules that Vigie comes with, where a file of rules may be named.
inline constexpr const char* kShipped = "shipped";

struct RuleSource {
  std::string file;  // as it was named
  std::shared_ptr<const rules::Ruleset> set;
  std::optional<decision::FraudOptions> settings{};  // of a config.yaml; nothing of other files
};

// `file`: a file of rules, kShipped, or a config.yaml (it has fraud: and no rules: at the beginning of a line), of
// which the rules are fraud.rules, those of fraud.rules_file, or, without both, the rules that ship. Otherwise all that
// is wrong with it.
std::expected<RuleSource, std::vector<Error>> read_rule_source(const std::string& file);

// What flags say about the settings that rules name and decisions follow; it goes before what files say.
struct FraudFlags {
  std::optional<double> high_amount{};
  std::optional<std::uint32_t> transactions_a_day{};
  std::optional<std::vector<std::string>> suspicious_countries{};
  std::optional<double> threshold{};
  std::optional<decision::RiskBands> bands{};  // rising
};
void add_fraud_flags(CLI::App& command, FraudFlags& flags);

// The settings of `own`, or where its file has none those of `other` (which may be null), or the defaults; and on top
// of them the flags.
decision::FraudOptions settings_of(const FraudFlags& flags, const RuleSource& own, const RuleSource* other);

// "8 rules", "1 rule"
std::string rules_in(const rules::Ruleset& set);
// "NG, RU, KP", or how many where they are more than five.
std::string countries_of(const decision::FraudThresholds& thresholds);
// "0.2, 0.5, 0.8"
std::string bands_of(const decision::RiskBands& bands);
// "seuils.montant_eleve 10000, seuils.nb_transactions_24h 5, pays_suspect NG, RU, KP"
std::string thresholds_of(const decision::FraudThresholds& thresholds);
// "thresholds": {"montant_eleve", "nb_transactions_24h", "pays_suspect"}
void write_thresholds(JsonWriter& json, const decision::FraudThresholds& thresholds);
// The same, and "bands": {"moyen", "eleve", "refuser"}
void write_settings(JsonWriter& json, const decision::FraudOptions& options);

}  // namespace vigie::cli
