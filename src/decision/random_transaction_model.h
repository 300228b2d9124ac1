// Random transaction models and rows for tests.
#pragma once

#include <array>
#include <limits>
#include <string>
#include <vector>

#include "base/random.h"
#include "features/transaction.h"
#include "model/transaction_model.h"
#include "scoring/random_forest.h"

namespace vigie::decision {

using TransactionRowValues = std::array<double, features::kTransactionInputs>;

inline model::LoadedTransactionModel random_transaction_model(std::vector<std::string> inputs, std::uint64_t seed) {
  Random random(seed);
  model::LoadedTransactionModel loaded;
  loaded.info.version = "0123456789ab";
  model::TransactionModel& model = loaded.model;
  model.inputs = std::move(inputs);
  const auto count = static_cast<std::uint32_t>(model.inputs.size());
  model.boosted.forest = scoring::random_forest({.features = count}, random);
  model.isolation.forest =
      scoring::random_forest({.features = count, .depth = 8, .comparison = model::Comparison::kLessEqual}, random);
  model::Transform platt;
  platt.kind = model::Transform::Kind::kLogistic;
  platt.slope = 1.2;
  platt.intercept = -0.5;
  model.combination.space = model::Combination::Space::kLogit;
  model.combination.terms = {{std::string(model::kIsolationForest), 0.3, platt},
                             {std::string(model::kXgboost), 0.7, platt}};
  model.combination.calibration = platt;
  model.threshold.value = 0.45;
  for (const std::string& name : model.inputs) {
    model::FeatureReference& reference = model.reference.features.emplace_back();
    reference.name = name;
    reference.quantiles = {-10, -4, -3, -1, 0, 1, 3, 4, 10};
  }
  return loaded;
}

// One value in ten does not exist.
inline TransactionRowValues random_transaction_row(Random& random) {
  TransactionRowValues row;
  for (double& value : row) {
    value = random.bernoulli(0.1) ? std::numeric_limits<double>::quiet_NaN() : random.normal(0, 2);
  }
  return row;
}

}  // namespace vigie::decision
