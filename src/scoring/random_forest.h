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
  bool fine = false;  // thresholds all over the place instead of on a coarse grid
};

model::Forest random_forest(const RandomForestShape& shape, Random& random);

// `count` rows: normal values, and now and then a threshold of the forest, an infinity, a zero of either sign, a
// denormal, and NaN where wanted.
std::vector<float> random_rows(const model::Forest& forest, std::size_t count, Random& random, bool missing = true);

}  // namespace vigie::scoring
