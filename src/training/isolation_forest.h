// Grows an isolation forest by scikit-learn's definition (Liu, Ting, Zhou 2008; IsolationForest over ExtraTreeRegressor
// with max_features 1): every tree sees its own sample, every split is uniform in feature and threshold.
//
//   auto forest = VIGIE_TRY(fit_isolation_forest(rows, feature_count, {}, options));
//   ... score the training rows with scoring::make_isolation_scorer ...
//   set_own_threshold(forest, contamination, scores, {});
//
// Tree t draws from Random(seed, t), so the forest is the same for any number of threads.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "model/forest.h"

namespace vigie::training {

struct IsolationOptions {
  std::uint32_t trees = 100;
  std::uint32_t sample_size = 256;  // rows a tree, without replacement; all rows where there are fewer, or for 0
  std::uint64_t seed = 0;
  std::size_t threads = 1;
};

// `rows`: row-major, `feature_count` finite floats a row. `weights`: one a row, >= 0, or empty for all 1; a row's
// weight is its share of the population, so under-sampled rows are drawn as often as at their true rate and rows of
// weight 0 never. Depth is at most ceil(log2(sample)); a node's cover is its number of sampled rows. Errors:
// kInvalidArgument for 0 trees, no feature, or no row of positive weight.
Result<model::IsolationForest> fit_isolation_forest(std::span<const float> rows, std::uint32_t feature_count,
                                                    std::span<const double> weights, const IsolationOptions& options);

// The member's own alarm: `contamination` (0..0.5) of the training weight scores above it. `scores` are the training
// rows' (at least one); `weights` as above.
void set_own_threshold(model::IsolationForest& forest, double contamination, std::span<const double> scores,
                       std::span<const double> weights);

}  // namespace vigie::training
