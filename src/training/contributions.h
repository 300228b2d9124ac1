// What moves a model's score, from some explained rows: the mean size of each input's contribution, and how the largest
// depend on the input's value. Shapley values as scoring/ensemble_shap.h has them; means of their sizes as global
// importance, and dependence plots: Lundberg et al. 2020.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "model/package.h"

namespace vigie::training {

// So many rows of each class are explained, at most. A row takes about 0.11 ms without tables, nearly all of it for the
// isolation forest; building tables takes as long as 600 rows.
inline constexpr std::size_t kExplainedPerClass = 200;

// Rows to explain, in their order.
struct ContributionSample {
  std::vector<std::uint32_t> rows;
  std::vector<std::uint8_t> labels;
  std::vector<double> weights;   // each class weighs what all its rows do
  std::vector<double> balanced;  // each class weighs one half
};

// Rows of each class at equal distance. `weight_of(i)` is row i's weight; rows of none are left out.
ContributionSample sample_to_explain(std::span<const std::uint8_t> labels,
                                     const std::function<double(std::size_t)>& weight_of);

// Of a sample's rows, in its order; row-major, `width` a row.
struct Explanations {
  std::size_t width = 0;
  std::vector<double> features;  // unscaled; NaN where there is no value
  std::vector<double> contributions;
};

// `names`: of the inputs. A dependence leaves out rows whose input has no value.
model::Contributions summarise_contributions(const Explanations& explained, const ContributionSample& sample,
                                             std::span<const std::string> names, double base_score);

}  // namespace vigie::training
