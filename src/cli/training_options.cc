#include "cli/training_options.h"

#include <string>
#include <tuple>
#include <utility>

#include "base/number.h"
#include "schema/card.h"

namespace vigie::cli {
namespace {

using training::ThresholdPolicy;

Result<std::pair<std::string_view, std::string_view>> split_setting(std::string_view setting, std::string_view option) {
  const auto equals = setting.find('=');
  if (equals == std::string_view::npos || equals == 0 || equals + 1 == setting.size()) {
    return fail(Code::kInvalidArgument, "\"" + std::string(setting) + "\" is not NAME=VALUE",
                {.field = std::string(option)}, "write it as in --help");
  }
  return std::pair(setting.substr(0, equals), setting.substr(equals + 1));
}

// The policy and its target.
Result<std::pair<ThresholdPolicy, double>> parse_threshold(std::string_view text) {
  if (const auto given = parse_double(text)) return std::pair(ThresholdPolicy::kGiven, *given);
  for (const ThresholdPolicy policy : {ThresholdPolicy::kF1, ThresholdPolicy::kCost}) {
    if (text == training::to_string(policy)) return std::pair(policy, 0.0);
  }
  for (const ThresholdPolicy policy :
       {ThresholdPolicy::kPrecision, ThresholdPolicy::kRecall, ThresholdPolicy::kAlerts}) {
    const std::string_view name = training::to_string(policy);
    if (!text.starts_with(name) || !text.substr(name.size()).starts_with("=")) continue;
    const auto target = parse_double(text.substr(name.size() + 1));
    if (!target) break;
    return std::pair(policy, *target);
  }
  return fail(Code::kInvalidArgument, "\"" + std::string(text) + "\" is no way to choose a threshold",
              {.field = "--threshold"}, "use f1, precision=0.9, recall=0.8, alerts=0.001, cost, or a number");
}

}  // namespace

Result<std::optional<std::array<double, 2>>> parse_weights(std::string_view text) {
  if (text == "auto") return std::nullopt;
  const auto refused = [&] {
    return fail(Code::kInvalidArgument, "\"" + std::string(text) + "\" is neither two weights nor auto",
                {.field = "--weights"}, "give the isolation forest's and XGBoost's, such as 0.4,0.6, or auto");
  };
  const auto comma = text.find(',');
  if (comma == std::string_view::npos) return refused();
  const auto isolation = parse_double(text.substr(0, comma));
  const auto boosted = parse_double(text.substr(comma + 1));
  if (!isolation || !boosted || *isolation < 0 || *boosted < 0 || !(*isolation + *boosted > 0)) return refused();
  const double sum = *isolation + *boosted;
  // 0.4 + 0.6 is 1 already: dividing would only blur the figures that were typed.
  if (sum == 1) return std::array{*isolation, *boosted};
  return std::array{*isolation / sum, *boosted / sum};
}

Status set_threshold(training::CardTrainingOptions& options, std::string_view text) {
  std::tie(options.threshold, options.threshold_target) = VIGIE_TRY(parse_threshold(text));
  return {};
}

Status set_threshold(training::TransactionTrainingOptions& options, std::string_view text) {
  std::tie(options.threshold, options.threshold_target) = VIGIE_TRY(parse_threshold(text));
  return {};
}

Status set_boosted(training::BoostedOptions& options, std::string_view setting) {
  const auto [name, value] = VIGIE_TRY(split_setting(setting, "--xgb"));
  return training::set_boosted_parameter(options, name, value);
}

Status set_monotone(training::BoostedOptions& options, std::string_view setting) {
  const auto [name, value] = VIGIE_TRY(split_setting(setting, "--monotone"));
  const auto input = schema::find(schema::card_input_fields(), name);
  const auto direction = parse_int(value);
  if (!input || !direction || *direction < -1 || *direction > 1) {
    return fail(Code::kInvalidArgument, "\"" + std::string(setting) + "\" is no constraint", {.field = "--monotone"},
                "give a model input (V1..V28, amount_log, ...) and 1 for rising, -1 for falling, as in amount_log=1");
  }
  options.monotone.resize(schema::kCardInputs, 0);
  options.monotone[*input] = static_cast<int>(*direction);
  return {};
}

}  // namespace vigie::cli
