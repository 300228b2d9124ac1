// Quantiles of weighted values.
#pragma once

#include <span>
#include <vector>

namespace vigie::training {

// Some values in rising order, each with the weight up to and with it.
class Quantiles {
 public:
  // At least one value, all finite; weights[i], >= 0, belongs to values[i].
  Quantiles(std::span<const double> values, std::span<const double> weights);

  // The least value with at least `share`, in [0, 1], of the weight at or below it.
  double operator()(double share) const;

 private:
  std::vector<double> values_;
  std::vector<double> running_;
};

}  // namespace vigie::training
