#include "training/prevalence.h"

#include <algorithm>

#include "base/number.h"

namespace vigie::training {

Result<std::vector<double>> prevalence_weights(std::span<const std::uint8_t> labels, std::optional<double> prevalence) {
  if (!prevalence) return std::vector<double>();
  if (!(*prevalence > 0 && *prevalence < 1)) {
    return fail(Code::kInvalidArgument, format_double(*prevalence) + " is no share of frauds", {.field = "prevalence"},
                "give a number between 0 and 1, such as 0.00172749");
  }
  const auto positives = static_cast<std::size_t>(std::count(labels.begin(), labels.end(), std::uint8_t{1}));
  const std::size_t negatives = labels.size() - positives;
  if (positives == 0 || negatives == 0) {
    return fail(Code::kInvalidData, positives == 0 ? "no row is a fraud" : "every row is a fraud", {.field = "Class"},
                "a true base rate needs rows of both classes");
  }
  const double negative_weight =
      static_cast<double>(positives) * (1 - *prevalence) / (*prevalence * static_cast<double>(negatives));
  std::vector<double> weights(labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i) weights[i] = labels[i] == 1 ? 1 : negative_weight;
  return weights;
}

}  // namespace vigie::training
