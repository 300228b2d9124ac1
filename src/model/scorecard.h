// A scorecard: each field's value falls into a bin, each bin adds to the logarithm of the odds of default, and people
// read the sum as points (Siddiqi, "Credit Risk Scorecards", 2006). Higher points, lower risk.
//
//   const double margin = scorecard.margin(row);          // ln(P(default) / P(no default))
//   const double points = scorecard.scale.points(margin); // 600 at odds of 20 : 1, 50 more where they double
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vigie::model {

// How the risk goes along a field's values: what may be said of a value beside its neighbours.
enum class Trend : std::uint8_t { kRising, kFalling, kPeak, kValley };
std::string_view to_string(Trend trend);  // "rising", ...

inline constexpr std::size_t kMostCategories = 10'000;

// The place of `category` among `categories` as a number; NaN where it is not there.
double category_value(std::span<const std::string> categories, std::string_view category);
// Refuses an empty name, one that is there twice, or more than kMostCategories.
Status validate_categories(std::span<const std::string> categories, const std::string& place);

struct ScorecardBin {
  double log_odds = 0;  // what it adds to ln(P(default) / P(no default))
  double good = 0;      // weight of the rows that it was fitted on, by what became of them
  double bad = 0;
  double woe = 0;  // ln(share of all good / share of all bad): the evidence of this bin by itself
};

// A text field's value is the place of its category among `categories`, which stand in order of their risk; a category
// that is not among them has no value (NaN). From there on it is a number like any other.
//
// A number's bins: (-inf, edges[0]], (edges[0], edges[1]], ..., (edges.back(), inf), then one for each special value,
// then one for a missing value (NaN).
struct ScorecardField {
  std::string name{};
  Trend trend = Trend::kRising;           // of the risk over the ranges
  std::vector<double> edges{};            // strictly rising
  std::vector<double> special{};          // values that mean something else than their size
  std::vector<std::string> categories{};  // of a text field; none of a number's
  std::vector<ScorecardBin> bins{};
  double information_value = 0;

  std::size_t bin_of(double value) const;
  std::size_t missing_bin() const { return bins.size() - 1; }
};

// Points are a line of the log odds, cut off at both ends.
struct PointScale {
  double points = 600;  // at these odds of no default to default
  double odds = 20;
  double doubling = 50;  // so many more where the odds double
  double least = 300;
  double most = 850;

  double factor() const;                   // points of one unit of log odds
  double points_of(double margin) const;   // not cut off: the sum of what the bins give
  double operator()(double margin) const;  // in [least, most]
  double whole(double margin) const;  // the same, cut to whole points: what people are told and classes follow from
  double margin_at(double at) const;  // whose points_of() is `at`
};

struct Scorecard {
  std::vector<ScorecardField> fields{};
  double intercept = 0;  // log odds
  PointScale scale{};

  // `row`: one value a field, NaN where it is missing. ln(P(default) / P(no default)).
  double margin(std::span<const double> row) const;
};

// Refuses what could not be scored: no fields, a name that is empty or there twice, edges out of order or beyond the
// categories, bins that are
// not as many as ranges, special values and the missing one ask for, numbers that are not finite or beyond 1e9, a scale
// without room between its ends.
Status validate(const Scorecard& scorecard);

}  // namespace vigie::model
