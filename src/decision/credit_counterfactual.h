// Which other values of one field would lead to a better class, or would lose no points: promises that hold for every
// one of them, since they are read off the points that a value gives, whole and cut off as everybody's are.
//
//   const ChangeSearch search{scorecard, 2, schema::kImpayes, row[2], margin, Side::kBelow};
//   if (const auto better = nearest_better_class(search, thresholds)) ...  // better->values, better->reaches
#pragma once

#include <cstddef>
#include <optional>

#include "model/credit_model.h"
#include "schema/applicant.h"

namespace vigie::decision {

// From `nearest`, the one with the smallest distance to the present value, to `furthest`, which is infinite where the
// promise holds as far as a request may have values.
struct WantedValues {
  double nearest = 0;
  double furthest = 0;

  bool operator==(const WantedValues&) const = default;
};

// On which side of the present value better ones are looked for.
enum class Side : std::uint8_t { kEither, kBelow, kAbove };

struct ChangeSearch {
  const model::Scorecard& scorecard;
  std::size_t field = 0;  // of the scorecard
  schema::ApplicantField asked{};
  double present = 0;  // its value: in one of the ranges, neither missing nor special
  double margin = 0;   // of the whole row
  Side side = Side::kEither;
};

struct BetterClass {
  WantedValues values{};
  model::CreditClass reaches{};  // exactly, by each of the values
};

// The nearest values that lead to a better class by themselves, with those behind them that lead to the same. Whole
// values, or with four digits where there are no whole ones between two edges and the field may have such; the lower
// ones where both sides are as near; nothing where no value of a request does it.
std::optional<BetterClass> nearest_better_class(const ChangeSearch& search, const model::CreditThresholds& thresholds);

// Likewise the nearest values that give `baseline` points or more (scoring::baseline_points()).
std::optional<WantedValues> nearest_without_loss(const ChangeSearch& search, double baseline);

}  // namespace vigie::decision
