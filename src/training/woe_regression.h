// Logistic regression on weights of evidence, without a penalty.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace vigie::training {

struct WoeRegression {
  double intercept = 0;
  std::vector<double> slopes{};  // of -woe: positive where more evidence of good means less risk
};

// `columns[i][row]` is the evidence against (minus the weight of evidence) of row `row` in
// field i. Newton's method with halved steps; a slope whose column does not vary is 0. Both classes have weight.
WoeRegression fit_woe_regression(std::span<const std::vector<double>> columns, std::span<const std::uint8_t> labels,
                                 std::span<const double> weights);

}  // namespace vigie::training
