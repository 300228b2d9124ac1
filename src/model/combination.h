// How member scores become the one score that is compared with the threshold.
//
//   score = calibration( sum of weight_i * transform_i(member_i) )          blend in probability
//   score = calibration( sigmoid(intercept + sum of weight_i * logit(transform_i(member_i))) )      blend in logit
//
// Every transform is monotone, so a higher member score never lowers the result when its weight is >= 0.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace vigie::model {

struct Transform {
  enum class Kind : std::uint8_t {
    kIdentity,
    kMinMax,           // clamp((x - low) / (high - low), 0, 1)
    kLogistic,         // sigmoid(slope * logit(x) + intercept): Platt's scaling on the logit
    kPiecewiseLinear,  // through the points (x, y), flat outside: isotonic calibration
  };
  Kind kind = Kind::kIdentity;
  double low = 0;  // kMinMax
  double high = 1;
  double slope = 1;  // kLogistic
  double intercept = 0;
  std::vector<double> x{};  // kPiecewiseLinear: x strictly increasing, y not decreasing, at least one point
  std::vector<double> y{};

  double operator()(double value) const;
};

struct Combination {
  enum class Space : std::uint8_t { kProbability, kLogit };
  struct Term {
    std::string member;
    double weight = 0;
    Transform transform{};
  };
  std::string method = "weighted";  // how it was chosen: "weighted" (given) or "auto"
  Space space = Space::kProbability;
  double intercept = 0;  // kLogit only
  std::vector<Term> terms;
  Transform calibration;

  // member_scores[i] belongs to terms[i].
  double operator()(std::span<const double> member_scores) const;
};

// Refuses what the formulas above have no value for: no terms, two terms for one member, points out of order, low >=
// high, a negative slope, numbers that are not finite or beyond 1e9.
Status validate(const Combination& combination);

double logit(double probability);  // clamped to [1e-9, 1 - 1e-9] first
double sigmoid(double margin);

}  // namespace vigie::model
