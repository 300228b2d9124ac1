// Fits a scorecard: bins of each field, a logistic regression on their weight of evidence that keeps the fields which
// say something, then each bin's own log odds beside all other fields, drawn towards the regression's and held to the
// field's trend.
//
//   auto fit = VIGIE_TRY(fit_scorecard(columns, labels, weights, {}));
//   fit.scorecard.scale(fit.scorecard.margin(row));
//
// The last step is what an additive model gains over one slope a field: fields that say nearly the same (three counts
// of late payments) share their evidence where each has it. Deterministic: no seed, no threads.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/scorecard.h"
#include "training/binning.h"

namespace vigie::training {

struct ScorecardColumn {
  std::string name;
  std::span<const double> values;  // NaN where missing
  BinningOptions binning{};
};

struct ScorecardOptions {
  double least_information = 0.02;  // of a field; below it says nothing (Siddiqi's rule of thumb)
  double draw = 10;         // towards the regression: so much information (rows * p * (1 - p)) beside a bin's own
  std::size_t rounds = 20;  // over all fields; 0 leaves the regression's log odds
  model::PointScale scale{};
};

struct LeftOut {
  enum class Why : std::uint8_t {
    kLittleInformation,
    kOtherFieldsSayIt,  // beside them its slope is not positive: higher evidence would mean more risk
  };
  std::string name{};
  Why why{};
  double information_value = 0;
};

struct ScorecardFit {
  model::Scorecard scorecard;       // fields in the columns' order
  std::vector<std::size_t> used{};  // the column of each field
  std::vector<LeftOut> left_out{};
  // Of each column, left out or not: how the risk goes along its values. Nothing where one range is all that the data
  // gave and no trend was asked for: they say nothing then.
  std::vector<std::optional<model::Trend>> trends{};
};

// labels: 1 is a default; `weights`: one a row, >= 0, or empty for all 1. kInvalidArgument where sizes differ, there
// are no columns or an option is out of range; kInvalidData as of fit_binning(), and where no field is left.
Result<ScorecardFit> fit_scorecard(std::span<const ScorecardColumn> columns, std::span<const std::uint8_t> labels,
                                   std::span<const double> weights, const ScorecardOptions& options);

}  // namespace vigie::training
