// `vigie train credit` from rows to model: every row is measured by members that had no part of it (folds), calibrated
// on the other folds; the members that are kept learn from all rows and are calibrated on all those forecasts. A line
// goes into the scorecard's bins, a curve over it says what its sum forecasts (model::ForecastCurve).
//
//   auto result = VIGIE_TRY(train_credit({columns, labels, groups}, options, progress));
//   result.model.data.sha256 = ...;
//   VIGIE_TRY(model::write_package(path, result.model));
//
// Equal rows and options give equal models, whatever `threads` is.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "model/credit_model.h"
#include "training/credit_members.h"
#include "training/fairness.h"

namespace vigie::training {

// XGBoost's defaults for credit: chosen by the trial in docs/credit.md.
BoostedOptions credit_boosted_defaults();

struct CreditTrainingOptions {
  std::uint64_t seed = 1;
  unsigned folds = 5;              // 2 to 50
  std::uint32_t replicates = 200;  // bootstrap samples for intervals; 0: none
  std::size_t threads = 1;
  ScorecardOptions scorecard{};
  BinningOptions binning{};
  BoostedOptions boosted = credit_boosted_defaults();
  model::CreditThresholds thresholds{};
};

struct CreditTrainingData {
  CreditData data{};
  std::span<const PeopleGroups> groups{};  // to measure fairness by
};

struct CreditTrainingResult {
  // All but name, software_version, created_at, target, data.sha256 and data.rejected, which the caller knows.
  model::CreditModel model{};
  std::vector<std::string> notes{};  // what the user should know, a sentence each
};

// Errors: kInvalidArgument for options, kInvalidData for rows (one class only, fewer of one than folds, no field that
// says anything).
Result<CreditTrainingResult> train_credit(const CreditTrainingData& given, const CreditTrainingOptions& options,
                                          Progress& progress = no_progress());

}  // namespace vigie::training
