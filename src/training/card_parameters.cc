#include "training/card_parameters.h"

#include <cmath>
#include <string>
#include <utility>

#include "base/number.h"

namespace vigie::training {
namespace {

std::unexpected<Error> refuse(std::string_view option, const std::string& value, std::string remedy) {
  return fail(Code::kInvalidArgument, value + " is out of range", {.field = std::string(option)}, std::move(remedy));
}

std::string_view refit_name(Refit refit) {
  switch (refit) {
    case Refit::kAuto: return "auto";
    case Refit::kAlways: return "always";
    case Refit::kNever: return "never";
  }
  return "auto";
}

}  // namespace

Status check_card_options(const CardTrainingOptions& o) {
  if (o.seeds < 1 || o.seeds > 1000) return refuse("seeds", std::to_string(o.seeds), "give 1 to 1000");
  if (!(o.test_share > 0 && o.test_share < 1)) {
    return refuse("test_share", format_double(o.test_share), "give a share between 0 and 1, such as 0.2");
  }
  if (o.folds < 2 || o.folds > 50) return refuse("folds", std::to_string(o.folds), "give 2 to 50");
  if (o.lanes < 1 || o.lanes > 256) return refuse("lanes", std::to_string(o.lanes), "give 1 to 256");
  if (o.contamination && !(*o.contamination >= 0 && *o.contamination <= 0.5)) {
    return refuse("contamination", format_double(*o.contamination), "give a share from 0 to 0.5");
  }
  if (o.weights) {
    for (const double weight : *o.weights) {
      if (!(weight >= 0) || !std::isfinite(weight)) {
        return refuse("weights", format_double(weight), "give weights of 0 or more, such as 0.4,0.6, or auto");
      }
    }
    if (!((*o.weights)[0] + (*o.weights)[1] > 0)) {
      return refuse("weights", "0,0", "give weights such as 0.4,0.6, or auto");
    }
  }
  return {};
}

std::vector<model::Parameter> card_parameters(const CardTrainingOptions& o) {
  std::vector<model::Parameter> all;
  const auto add = [&](std::string_view name, std::string value) {
    all.push_back({std::string(name), std::move(value)});
  };
  add("seed", std::to_string(o.seed));
  add("seeds", std::to_string(o.seeds));
  add("test_share", format_double(o.test_share));
  add("split", o.split_by_time ? "time" : "random");
  add("folds", std::to_string(o.folds));
  add("fold_negatives", std::to_string(o.fold_negatives));
  if (o.prevalence) add("prevalence", format_double(*o.prevalence));
  add("duplicates", o.drop_duplicates ? "drop" : "keep");
  add("refit", std::string(refit_name(o.refit)));
  add("scaler", std::string(schema::to_string(o.scaler)));
  add("weights", o.weights ? format_double((*o.weights)[0]) + "," + format_double((*o.weights)[1]) : "auto");
  add("threshold.policy", std::string(to_string(o.threshold)));
  if (o.threshold == ThresholdPolicy::kCost) {
    add("threshold.cost_fn", o.cost_is_amount ? "amount" : format_double(o.cost_fn));
    add("threshold.cost_fp", format_double(o.cost_fp));
  } else if (o.threshold != ThresholdPolicy::kF1) {
    add("threshold.target", format_double(o.threshold_target));
  }
  add("threshold.rule", o.stable_threshold ? "stable" : "single");
  add("lanes", std::to_string(o.lanes));
  add("isolation_forest.trees", std::to_string(o.isolation_trees));
  add("isolation_forest.sample_size", std::to_string(o.isolation_sample));
  if (o.contamination) add("isolation_forest.contamination", format_double(*o.contamination));
  for (const auto& [name, value] : boosted_parameters(o.boosted)) add("xgboost." + name, value);
  return all;
}

}  // namespace vigie::training
