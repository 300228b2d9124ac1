// What a package's numbers may be: far beyond any sensible weight or point, and small enough that no sum or difference
// of them overflows.
#pragma once

#include <cmath>

namespace vigie::model {

inline constexpr double kLargestNumber = 1e9;

inline bool usable(double number) { return std::abs(number) <= kLargestNumber; }  // false for NaN

}  // namespace vigie::model
