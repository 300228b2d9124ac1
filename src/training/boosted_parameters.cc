// The names by which parameters are given and recorded: XGBoost's own.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/number.h"
#include "training/boosted.h"

namespace vigie::training {
namespace {

struct RealParameter {
  std::string_view name;
  std::string_view alias;
  double BoostedOptions::* field;
  double minimum;
  double maximum;
};
struct CountParameter {
  std::string_view name;
  std::string_view alias;
  std::uint32_t BoostedOptions::* field;
  std::uint32_t minimum;
  std::uint32_t maximum;
};

constexpr double kLargest = std::numeric_limits<float>::max();
constexpr std::array kReal = {
    RealParameter{"eta", "learning_rate", &BoostedOptions::eta, 1e-6, 1},
    RealParameter{"min_child_weight", "", &BoostedOptions::min_child_weight, 0, kLargest},
    RealParameter{"lambda", "reg_lambda", &BoostedOptions::lambda, 0, kLargest},
    RealParameter{"alpha", "reg_alpha", &BoostedOptions::alpha, 0, kLargest},
    RealParameter{"gamma", "min_split_loss", &BoostedOptions::gamma, 0, kLargest},
    RealParameter{"subsample", "", &BoostedOptions::subsample, 1e-6, 1},
    RealParameter{"colsample_bytree", "", &BoostedOptions::colsample_bytree, 1e-6, 1},
    RealParameter{"scale_pos_weight", "", &BoostedOptions::scale_pos_weight, 1e-6, kLargest},
    RealParameter{"max_delta_step", "", &BoostedOptions::max_delta_step, 0, kLargest},
};
constexpr std::array kCounts = {
    CountParameter{"rounds", "n_estimators", &BoostedOptions::rounds, 1, 100'000},
    CountParameter{"max_depth", "", &BoostedOptions::max_depth, 1, 16},
    CountParameter{"max_bin", "", &BoostedOptions::max_bin, 2, 65'536},
};

struct Decided {
  std::string_view name;
  std::string_view remedy;
};
constexpr std::array kDecided = {
    Decided{"objective", "fraud models are binary:logistic"},
    Decided{"booster", "the scorer serves gbtree"},
    Decided{"num_class", "fraud models have two classes"},
    Decided{"nthread", "use --threads; the number of lanes is fixed so that threads do not change the model"},
    Decided{"n_jobs", "use --threads; the number of lanes is fixed so that threads do not change the model"},
    Decided{"seed", "use --seed"},
    Decided{"random_state", "use --seed"},
    Decided{"verbosity", "use --quiet"},
    Decided{"validate_parameters", "parameter names are always checked"},
    Decided{"eval_metric", "use early_stopping_metric"},
    Decided{"process_type", "trees are always new"},
    Decided{"updater", "use tree_method"},
    Decided{"gpu_id", "training runs on the CPU"},
};
constexpr std::array<std::string_view, 3> kTreeMethods = {"hist", "approx", "exact"};
constexpr std::array<std::string_view, 4> kMetrics = {"logloss", "aucpr", "auc", "error"};

std::unexpected<Error> refuse(std::string_view name, std::string message, std::string remedy) {
  return fail(Code::kInvalidArgument, std::move(message), {.field = "xgboost." + std::string(name)}, std::move(remedy));
}

std::string choices(std::span<const std::string_view> names) {
  std::string text = "use ";
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text;
}

Result<double> number_in(std::string_view name, std::string_view value, double minimum, double maximum, bool whole) {
  const auto number = parse_double(value);
  if (!number || (whole && *number != std::floor(*number)) || *number < minimum || *number > maximum) {
    std::string remedy = whole ? "give a whole number" : "give a number";
    remedy += maximum < kLargest ? " from " + format_double(minimum) + " to " + format_double(maximum)
                                 : " of at least " + format_double(minimum);
    return refuse(name, "\"" + std::string(value) + "\" is out of range", remedy);
  }
  return *number;
}

// "(1,0,-1)" or "1,0,-1".
Result<std::vector<int>> parse_monotone(std::string_view value) {
  std::string_view list = value;
  if (list.size() >= 2 && list.front() == '(' && list.back() == ')') list = list.substr(1, list.size() - 2);
  std::vector<int> signs;
  while (true) {
    const std::size_t comma = list.find(',');
    const std::string_view item = list.substr(0, comma);
    if (item == "1" || item == "+1") {
      signs.push_back(1);
    } else if (item == "-1") {
      signs.push_back(-1);
    } else if (item == "0") {
      signs.push_back(0);
    } else {
      return refuse("monotone_constraints", "\"" + std::string(item) + "\" is no direction",
                    "give 1, 0 or -1 a feature, as (1,0,-1,...)");
    }
    if (comma == std::string_view::npos) return signs;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

Status set_boosted_parameter(BoostedOptions& options, std::string_view name, std::string_view value) {
  for (const Decided& decided : kDecided) {
    if (name == decided.name) return refuse(name, "is not for you to set", std::string(decided.remedy));
  }
  for (const RealParameter& parameter : kReal) {
    if (name != parameter.name && (parameter.alias.empty() || name != parameter.alias)) continue;
    options.*parameter.field = VIGIE_TRY(number_in(name, value, parameter.minimum, parameter.maximum, false));
    return {};
  }
  for (const CountParameter& parameter : kCounts) {
    if (name != parameter.name && (parameter.alias.empty() || name != parameter.alias)) continue;
    const double count = VIGIE_TRY(number_in(name, value, parameter.minimum, parameter.maximum, true));
    options.*parameter.field = static_cast<std::uint32_t>(count);
    return {};
  }
  if (name == "num_boost_round" || name == "num_round") return set_boosted_parameter(options, "rounds", value);
  if (name == "tree_method") {
    if (std::find(kTreeMethods.begin(), kTreeMethods.end(), value) == kTreeMethods.end()) {
      return refuse(name, "\"" + std::string(value) + "\" is not available", choices(kTreeMethods));
    }
    options.tree_method = value;
    return {};
  }
  if (name == "monotone_constraints") {
    options.monotone = VIGIE_TRY(parse_monotone(value));
    return {};
  }
  if (name == "early_stopping_rounds") {
    const double rounds = VIGIE_TRY(number_in(name, value, 0, 100'000, true));
    if (rounds == 0) {
      options.early_stopping.reset();
      return {};
    }
    if (!options.early_stopping) options.early_stopping.emplace();
    options.early_stopping->rounds = static_cast<std::uint32_t>(rounds);
    return {};
  }
  if (name == "early_stopping_metric") {
    if (std::find(kMetrics.begin(), kMetrics.end(), value) == kMetrics.end()) {
      return refuse(name, "\"" + std::string(value) + "\" is no metric to stop on", choices(kMetrics));
    }
    if (!options.early_stopping) options.early_stopping.emplace();
    options.early_stopping->metric = value;
    return {};
  }
  if (name.empty() || value.empty()) return refuse(name, "has no value", "write name=value");
  const auto same = [&](const auto& other) { return other.first == name; };
  const auto known = std::find_if(options.others.begin(), options.others.end(), same);
  if (known != options.others.end()) {
    known->second = value;
  } else {
    options.others.emplace_back(name, value);
  }
  return {};
}

std::vector<std::pair<std::string, std::string>> boosted_parameters(const BoostedOptions& options) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const CountParameter& parameter : kCounts) {
    all.emplace_back(parameter.name, std::to_string(options.*parameter.field));
  }
  all.emplace_back("tree_method", options.tree_method);
  for (const RealParameter& parameter : kReal)
    all.emplace_back(parameter.name, format_double(options.*parameter.field));
  if (!options.monotone.empty()) {
    std::string signs = "(";
    for (const int sign : options.monotone) signs += (signs.size() > 1 ? "," : "") + std::to_string(sign);
    all.emplace_back("monotone_constraints", signs + ")");
  }
  if (options.early_stopping) {
    all.emplace_back("early_stopping_rounds", std::to_string(options.early_stopping->rounds));
    all.emplace_back("early_stopping_metric", options.early_stopping->metric);
  }
  auto others = options.others;
  std::sort(others.begin(), others.end());
  all.insert(all.end(), others.begin(), others.end());
  return all;
}

}  // namespace vigie::training
