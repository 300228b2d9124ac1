// Why an applicant has the points he has: the reasons that a refusal must name (Regulation B, 12 CFR 1002.9 and its
// official interpretation).
//
//   const auto lost = points_lost(scorecard, row);              // worst first
//
// The baseline is what a field gives on average to the rows that the scorecard was fitted on: one of the two methods
// that the interpretation of 1002.9(b)(2) names. Points are those of the scale before it is cut off, so a reason's
// points are exactly what the sum changes by when its field gives the baseline.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "model/scorecard.h"

namespace vigie::scoring {

// Mean of a field's points over the rows that it was fitted on; of bins alike where no bin has rows.
double baseline_points(const model::Scorecard& scorecard, std::size_t field);

// Values that make a difference: up to and with the limit, or above it.
struct Bound {
  double limit = 0;
  bool above = false;

  bool operator==(const Bound&) const = default;
};

struct PointsLost {
  std::size_t field = 0;
  std::size_t bin = 0;            // that the value fell into
  double points = 0;              // above 0: baseline minus what the bin gives
  std::optional<Bound> enough{};  // the values nearest to this one that give the baseline or more; nothing: none do, or
                                  // the value is missing or special and has no neighbours
};

// Of the fields that give less than their baseline, the worst first (the earlier field where two lose the same).
// `row`: one value a field, NaN where missing; `most`: no more than so many.
std::vector<PointsLost> points_lost(const model::Scorecard& scorecard, std::span<const double> row,
                                    std::size_t most = 4);

}  // namespace vigie::scoring
