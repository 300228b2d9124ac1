// Random forests and rows for tests and benches: valid, lopsided, with duplicated thresholds, missing values and
// values exactly on thresholds.
#pragma once

#include <vector>

#include "base/random.h"
#include "model/forest.h"

namespace vigie::scoring {

struct RandomForestShape {
  std::uint32_t features = 35;
  std::size_t trees = 100;
  std::uint32_t depth = 5;  // at most
  double stop = 0.1;        // chance that a node above that depth is a leaf
  model::Comparison comparison = model::Comparison::kLess;
};

model::Forest random_forest(const RandomForestShape& shape, Random& random);

// `count` rows: normal values, and now and then a threshold of the forest, NaN, an infinity, a zero of either sign or
// a denormal.
std::vector<float> random_rows(const model::Forest& forest, std::size_t count, Random& random);

}  // namespace vigie::scoring
