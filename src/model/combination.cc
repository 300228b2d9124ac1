#include "model/combination.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "model/usable_number.h"

namespace vigie::model {
namespace {

// Between its points a line; both ends are kept exact, and rounding cannot leave the range of the two.
double interpolate(const std::vector<double>& x, const std::vector<double>& y, double value) {
  const auto after = std::upper_bound(x.begin(), x.end(), value);
  if (after == x.begin()) return y.front();
  if (after == x.end()) return y.back();
  const auto i = static_cast<std::size_t>(after - x.begin());
  const double share = (value - x[i - 1]) / (x[i] - x[i - 1]);
  return std::clamp(y[i - 1] + share * (y[i] - y[i - 1]), y[i - 1], y[i]);
}

std::unexpected<Error> refuse(const std::string& field, std::string message) {
  return fail(Code::kInvalidData, std::move(message), {.field = field}, "make the package again");
}

Status validate_points(const Transform& transform, const std::string& field) {
  if (transform.x.empty() || transform.x.size() != transform.y.size()) {
    return refuse(field, "a piecewise linear transform needs as many y as x, and at least one");
  }
  for (std::size_t i = 0; i < transform.x.size(); ++i) {
    if (!usable(transform.x[i]) || !usable(transform.y[i])) {
      return refuse(field, "point " + std::to_string(i) + " is not a finite number up to 1e9");
    }
    if (i > 0 && transform.x[i] <= transform.x[i - 1]) {
      return refuse(field, "x of point " + std::to_string(i) + " is not above the one before");
    }
    if (i > 0 && transform.y[i] < transform.y[i - 1]) {
      return refuse(field, "y of point " + std::to_string(i) + " is below the one before");
    }
  }
  return {};
}

Status validate(const Transform& transform, const std::string& field) {
  switch (transform.kind) {
    case Transform::Kind::kIdentity: return {};
    case Transform::Kind::kMinMax:
      if (!usable(transform.low) || !usable(transform.high) || transform.low >= transform.high) {
        return refuse(field, "low must be below high, both finite and up to 1e9");
      }
      return {};
    case Transform::Kind::kLogistic:
      if (!usable(transform.slope) || !usable(transform.intercept) || transform.slope < 0) {
        return refuse(field, "slope and intercept must be finite and up to 1e9, the slope at least 0");
      }
      return {};
    case Transform::Kind::kPiecewiseLinear: return validate_points(transform, field);
  }
  return refuse(field, "the transform has no known kind");
}

}  // namespace

double logit(double probability) {
  constexpr double kEdge = 1e-9;
  const double p = std::clamp(probability, kEdge, 1 - kEdge);
  return std::log(p / (1 - p));
}

double sigmoid(double margin) {
  // Both forms keep the exponential at most 1, so neither overflows.
  if (margin >= 0) return 1 / (1 + std::exp(-margin));
  const double e = std::exp(margin);
  return e / (1 + e);
}

double Transform::operator()(double value) const {
  switch (kind) {
    case Kind::kIdentity: return value;
    case Kind::kMinMax: return std::clamp((value - low) / (high - low), 0.0, 1.0);
    case Kind::kLogistic: return sigmoid(slope * logit(value) + intercept);
    case Kind::kPiecewiseLinear: return interpolate(x, y, value);
  }
  return value;
}

double Combination::operator()(std::span<const double> member_scores) const {
  assert(member_scores.size() == terms.size());
  const bool in_logit = space == Space::kLogit;
  double sum = in_logit ? intercept : 0;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const double score = terms[i].transform(member_scores[i]);
    sum += terms[i].weight * (in_logit ? logit(score) : score);
  }
  return calibration(in_logit ? sigmoid(sum) : sum);
}

Status validate(const Combination& combination) {
  if (combination.terms.empty()) return refuse("combination.terms", "there are none");
  if (!usable(combination.intercept)) return refuse("combination.intercept", "it is not a finite number up to 1e9");
  for (std::size_t i = 0; i < combination.terms.size(); ++i) {
    const auto& term = combination.terms[i];
    const std::string field = "combination.terms[" + std::to_string(i) + "]";
    if (term.member.empty()) return refuse(field + ".member", "it is empty");
    for (std::size_t j = 0; j < i; ++j) {
      if (combination.terms[j].member == term.member) {
        return refuse(field + ".member", "\"" + term.member + "\" has a term already");
      }
    }
    if (!usable(term.weight)) return refuse(field + ".weight", "it is not a finite number up to 1e9");
    VIGIE_TRY(validate(term.transform, field + ".transform"));
  }
  return validate(combination.calibration, "combination.calibration");
}

}  // namespace vigie::model
