// From the sum of a forest's leaves to its score: shared by every engine, so that they can only differ in walking.
#pragma once

#include <algorithm>
#include <cmath>

namespace vigie::scoring {

// XGBoost's logistic function, operation for operation (src/common/math.h of 1.7): float, the exponent kept below
// overflow, and 1e-16 added to the denominator.
inline float logistic(float margin) {
  constexpr float kLargestExponent = 88.7f;
  constexpr float kFloor = 1e-16f;
  const float exponential = std::exp(std::min(-margin, kLargestExponent));
  return 1.0f / (exponential + 1.0f + kFloor);
}

// 2^(-E[h] / c(n)) with E[h] = total_length / trees.
inline double isolation_score(double total_length, double trees, double expected_length) {
  return std::exp2(-(total_length / trees) / expected_length);
}

}  // namespace vigie::scoring
