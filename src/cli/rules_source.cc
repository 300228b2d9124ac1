#include "cli/rules_source.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/file.h"
#include "base/number.h"
#include "cli/config.h"
#include "cli/fraud_setup.h"
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

std::expected<RuleSource, std::vector<Error>> read_config_source(const std::string& file) {
  Config config;
  auto read = read_config_file(file, config);
  if (read) read = check_bands(config.fraud.bands);
  if (!read) {
    Error problem = std::move(read).error();
    // The file is wrong, not the command.
    if (problem.code == Code::kInvalidArgument) problem.code = Code::kInvalidData;
    if (problem.place.file.empty()) problem.place.file = file;
    return std::unexpected(std::vector{std::move(problem)});
  }
  auto set = read_fraud_rules(config.fraud);
  if (!set) return std::unexpected(std::move(set).error());
  return RuleSource{
      .file = file,
      .set = std::make_shared<const rules::Ruleset>(*std::move(set)),
      .settings = decision::FraudOptions{.thresholds = config.fraud.thresholds, .bands = config.fraud.bands}};
}

std::string or_default(const std::string& what, const std::string& value) {
  return what + " (default: the config.yaml's, or " + value + ")";
}

}  // namespace

std::expected<RuleSource, std::vector<Error>> read_rule_source(const std::string& file) {
  const bool shipped = file == kShipped;
  auto text = shipped ? Result<std::string>(decision::shipped_rules()) : read_file(file, rules::kMostRulesetBytes);
  if (!text) return std::unexpected(std::vector{std::move(text).error()});
  if (has_group(*text, "fraud") && !has_group(*text, "rules")) return read_config_source(file);
  auto set = rules::Ruleset::parse(*text, file, decision::fraud_variables());
  if (!set) return std::unexpected(std::move(set).error());
  return RuleSource{.file = file, .set = std::make_shared<const rules::Ruleset>(*std::move(set))};
}

void add_fraud_flags(CLI::App& command, FraudFlags& flags) {
  const decision::FraudOptions defaults;
  command
      .add_option_function<double>(
          "--montant-eleve", [&flags](double amount) { flags.high_amount = amount; },
          or_default("what rules read as seuils.montant_eleve", format_double(defaults.thresholds.high_amount)))
      ->check(CLI::NonNegativeNumber);
  command.add_option_function<std::uint32_t>(
      "--nb-transactions-24h", [&flags](std::uint32_t count) { flags.transactions_a_day = count; },
      or_default("what rules read as seuils.nb_transactions_24h",
                 std::to_string(defaults.thresholds.transactions_a_day)));
  command
      .add_option_function<std::vector<std::string>>(
          "--pays-suspect",
          [&flags](const std::vector<std::string>& countries) { flags.suspicious_countries = countries; },
          or_default("what rules read as pays_suspect", countries_of(defaults.thresholds)))
      ->delimiter(',')
      ->type_name("COUNTRY")
      ->check([](const std::string& text) {
        const schema::Field& field = schema::transaction_fields()[schema::kPays];
        return schema::accepts_text(field, text) ? std::string() : "write " + schema::expectation(field);
      });
  CLI::Option* const threshold = command.add_option_function<double>(
      "--threshold", [&flags](double risk) { flags.threshold = risk; },
      or_default("risk from which a transaction is to be verified", format_double(defaults.bands.high)));
  threshold->check(CLI::Range(0.0, 1.0));
  command
      .add_option_function<std::vector<double>>(
          "--bands",
          [&flags](const std::vector<double>& risks) {
            flags.bands = {.middle = risks[0], .high = risks[1], .refuse = risks[2]};
            if (!check_bands(*flags.bands)) {
              throw CLI::ValidationError("--bands", "the bands do not rise; write moyen <= eleve <= refuser");
            }
          },
          or_default("risks from which a transaction is middling, to be verified, and refused",
                     bands_of(defaults.bands)))
      ->delimiter(',')
      ->expected(3)
      ->type_name("MOYEN,ELEVE,REFUSER")
      ->check(CLI::Range(0.0, 1.0))
      ->excludes(threshold);
}

decision::FraudOptions settings_of(const FraudFlags& flags, const RuleSource& own, const RuleSource* other) {
  decision::FraudOptions options;
  if (own.settings) {
    options = *own.settings;
  } else if (other != nullptr && other->settings) {
    options = *other->settings;
  }
  decision::FraudThresholds& thresholds = options.thresholds;
  thresholds.high_amount = flags.high_amount.value_or(thresholds.high_amount);
  thresholds.transactions_a_day = flags.transactions_a_day.value_or(thresholds.transactions_a_day);
  if (flags.suspicious_countries) thresholds.suspicious_countries = *flags.suspicious_countries;
  options.bands = flags.bands.value_or(options.bands);
  if (flags.threshold) {
    options.bands.high = *flags.threshold;
    options.bands.middle = std::min(options.bands.middle, *flags.threshold);
    options.bands.refuse = std::max(options.bands.refuse, *flags.threshold);
  }
  return options;
}

std::string rules_in(const rules::Ruleset& set) {
  return std::to_string(set.rules().size()) + (set.rules().size() == 1 ? " rule" : " rules");
}

std::string countries_of(const decision::FraudThresholds& thresholds) {
  constexpr std::size_t kMostShown = 5;
  const std::vector<std::string>& countries = thresholds.suspicious_countries;
  if (countries.empty()) return "none";
  if (countries.size() > kMostShown) return std::to_string(countries.size()) + " countries";
  return fmt::format("{}", fmt::join(countries, ", "));
}

std::string bands_of(const decision::RiskBands& bands) {
  return format_double(bands.middle) + ", " + format_double(bands.high) + ", " + format_double(bands.refuse);
}

std::string thresholds_of(const decision::FraudThresholds& thresholds) {
  return "seuils.montant_eleve " + format_double(thresholds.high_amount) + ", seuils.nb_transactions_24h " +
         std::to_string(thresholds.transactions_a_day) + ", pays_suspect " + countries_of(thresholds);
}

void write_thresholds(JsonWriter& json, const decision::FraudThresholds& thresholds) {
  json.key("thresholds").begin_object();
  json.member("montant_eleve", thresholds.high_amount).member("nb_transactions_24h", thresholds.transactions_a_day);
  json.key("pays_suspect").values(std::span<const std::string>(thresholds.suspicious_countries)).end_object();
}

void write_settings(JsonWriter& json, const decision::FraudOptions& options) {
  write_thresholds(json, options.thresholds);
  json.key("bands").begin_object();
  json.member("moyen", options.bands.middle).member("eleve", options.bands.high);
  json.member("refuser", options.bands.refuse).end_object();
}

}  // namespace vigie::cli
