// Random card models and transactions for tests.
#pragma once

#include <string>
#include <vector>

#include "base/random.h"
#include "model/package.h"
#include "schema/card.h"
#include "scoring/random_forest.h"

namespace vigie::decision {

inline model::LoadedCardModel random_card_model(std::uint64_t seed) {
  Random random(seed);
  model::LoadedCardModel loaded;
  loaded.info.version = "0123456789ab";
  model::CardModel& model = loaded.model;
  model.inputs.amount = {.mean = 88, .deviation = 250};
  model.inputs.scaler.kind = schema::ScalerKind::kStandard;
  for (std::size_t i = 0; i < schema::kCardInputs; ++i) {
    model.inputs.scaler.center.push_back(random.normal());
    model.inputs.scaler.scale.push_back(random.uniform(0.5, 2));
  }
  model.boosted.forest = scoring::random_forest({}, random);
  model.isolation.forest = scoring::random_forest({.depth = 8, .comparison = model::Comparison::kLessEqual}, random);
  model::Transform scaled;
  scaled.kind = model::Transform::Kind::kMinMax;
  scaled.low = 0.3;
  scaled.high = 0.8;
  model.combination.terms = {{std::string(model::kIsolationForest), 0.4, scaled},
                             {std::string(model::kXgboost), 0.6, {}}};
  model.threshold.value = 0.45;
  return loaded;
}

inline std::vector<double> random_transactions(std::size_t count, Random& random) {
  std::vector<double> rows(count * schema::kCardRaw);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i] = i % schema::kCardRaw < 2 ? random.exponential(300) : random.normal(0, 2);
  }
  return rows;
}

}  // namespace vigie::decision
