// Optimal bins of a number for a scorecard: of all ways to cut it into ranges along which the risk keeps its trend, and
// each of which has enough rows, the one with the highest information value.
//
//   auto binning = VIGIE_TRY(fit_binning(age, labels, weights, {}));
//
// Candidate cuts are quantiles, or all values where there are few; among them the search is exact, by dynamic
// programming over the last range (the formulation of optimal binning as in Navas-Palencia, "Optimal binning:
// mathematical programming formulation", 2020). Weight of evidence: ln(share of the good / share of the bad), half a
// row added to each so that it is finite. Information value: the sum of (share of the good - share of the bad) * weight
// of evidence.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "model/scorecard.h"

namespace vigie::training {

struct BinningOptions {
  std::size_t candidates = 50;  // ranges to start from, 2..200
  double least_share = 0.01;    // of all weight in a range
  double least_each = 20;       // good and bad weight in a range; below that a special value's or a missing one's
                                // evidence counts as none
  std::optional<model::Trend> trend{};  // of the risk; nothing: what fits best
  double turn_gain = 0.05;              // then a peak or a valley needs so much more information than a monotone trend
  std::vector<double> special{};        // values with a bin of their own
};

// A field without name whose bins' log odds are minus their weight of evidence. `values`: NaN where missing; labels: 1
// is bad; `weights`: one a row, >= 0, or empty for all 1. kInvalidData where a class has no weight or a value is
// infinite, kInvalidArgument for options out of range.
Result<model::ScorecardField> fit_binning(std::span<const double> values, std::span<const std::uint8_t> labels,
                                          std::span<const double> weights, const BinningOptions& options);

// Ranges of candidates, [cuts[i], cuts[i + 1]): the first is 0, the last how many candidates there are.
struct Cuts {
  std::vector<std::size_t> at;
  model::Trend trend{};
  double information_value = 0;
};

// The search itself. `good`, `bad`: weight of each candidate, in order; the totals are those of all rows, missing ones
// too. Ranges have `least_all` weight and `least_each` of both classes; where no cut can have that, all is one range.
struct CutSearch {
  std::span<const double> good;
  std::span<const double> bad;
  double total_good = 0;
  double total_bad = 0;
  double least_all = 0;
  double least_each = 0;
};
// Of the trend asked for; kPeak and kValley include the monotone ones at their ends.
Cuts best_cuts(const CutSearch& search, model::Trend trend);

double weight_of_evidence(double good, double bad, double total_good, double total_bad);
double information_value(double good, double bad, double total_good, double total_bad);

}  // namespace vigie::training
