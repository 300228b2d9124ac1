// Trains XGBoost's boosted trees (binary:logistic, gbtree) through libxgboost. Training only: scoring::Scorer runs the
// result, bit for bit as libxgboost would.
//
//   BoostedOptions options;
//   VIGIE_TRY(set_boosted_parameter(options, "max_depth", "6"));
//   auto trained = VIGIE_TRY(train_boosted({rows, labels, weights, 35}, options));
//   auto forest = VIGIE_TRY(model::parse_xgboost_json(trained.json));
//
// libxgboost adds histograms up in one part per thread, so its result depends on how many it believes it has. `lanes`
// fixes that number; `threads` only says how many CPUs may run the lanes. Equal inputs and lanes give equal JSON.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace vigie::training {

// Stops when `metric` on the validation rows has not improved for `rounds` rounds, and keeps the best round's trees.
struct EarlyStopping {
  std::uint32_t rounds = 10;
  std::string metric = "logloss";  // or "aucpr", "auc", "error"
};

struct BoostedOptions {
  std::uint32_t rounds = 100;
  std::uint32_t max_depth = 5;
  double eta = 0.1;
  std::string tree_method = "hist";
  std::uint32_t max_bin = 256;
  double min_child_weight = 1;
  double lambda = 1;
  double alpha = 0;
  double gamma = 0;
  double subsample = 1;
  double colsample_bytree = 1;
  double scale_pos_weight = 1;
  double max_delta_step = 0;
  std::vector<int> monotone;                                // one a feature: 1 rising, -1 falling, 0 free; or empty
  std::vector<std::pair<std::string, std::string>> others;  // any further parameter of XGBoost, by its name
  std::optional<EarlyStopping> early_stopping;
  std::uint64_t seed = 0;  // its low 31 bits reach XGBoost
  std::uint32_t lanes = 4;
  std::size_t threads = 1;
};

// Sets a parameter by XGBoost's name or alias ("eta", "learning_rate", "n_estimators", ...), or "early_stopping_rounds"
// and "early_stopping_metric"; a name that no field has goes to `others` and is checked by XGBoost when training
// starts. Errors: kInvalidArgument for a value that is no number or out of range, and for names that Vigie decides
// itself (objective, booster, nthread, seed, ...), with what to use instead.
Status set_boosted_parameter(BoostedOptions& options, std::string_view name, std::string_view value);

// All parameters by XGBoost's names as text, in a fixed order: what the package records.
std::vector<std::pair<std::string, std::string>> boosted_parameters(const BoostedOptions& options);

struct BoostedRows {
  std::span<const float> rows;           // row-major, `features` a row; NaN where missing, never infinite
  std::span<const std::uint8_t> labels;  // 0 or 1
  std::span<const float> weights;        // one a row, >= 0, or empty for all 1
  std::uint32_t features = 0;
  std::vector<std::string> names{};  // one a feature, kept in the model; or empty
};

struct TrainedBoosted {
  std::string json;          // the model in XGBoost's own JSON
  std::uint32_t rounds = 0;  // kept; fewer than asked for after early stopping
};

// `validation` is needed for early stopping and ignored without it. `on_round` is told how many rounds are done, on the
// training thread. Errors: kInvalidArgument for what XGBoost refuses, an unknown parameter name included (XGBoost alone
// would only warn).
Result<TrainedBoosted> train_boosted(const BoostedRows& training, const BoostedOptions& options,
                                     const BoostedRows* validation = nullptr,
                                     const std::function<void(std::uint32_t)>& on_round = {});

}  // namespace vigie::training
