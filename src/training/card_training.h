// `vigie train card` from rows to model: split, out-of-fold scores, combination, threshold, evaluation on rows that had
// no part in any of them.
//
//   auto result = VIGIE_TRY(train_card({.raw = rows.values, .labels = rows.labels}, options, progress));
//   result.model.data.sha256 = rows.sha256;
//   VIGIE_TRY(model::write_package(path, result.model));
//
// Every choice (weights, calibration, thresholds) is made on out-of-fold scores of the training part; the held-out part
// is only measured. Equal rows and options give equal models, whatever `threads` is.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "model/package.h"
#include "schema/fitted.h"
#include "training/boosted.h"
#include "training/isolation_forest.h"
#include "training/step_time.h"
#include "training/threshold.h"

namespace vigie::training {

enum class Refit : std::uint8_t {
  kAuto,    // always up to kRefitRows rows, never beyond
  kAlways,  // ship members fitted on all rows; the figures are of members fitted without the held-out part
  kNever,   // ship the members that were measured
};
inline constexpr std::size_t kRefitRows = 100'000;

// XGBoost's defaults for card fraud: chosen by the trial in docs/card-models.md.
BoostedOptions card_boosted_defaults();

struct CardTrainingOptions {
  std::uint64_t seed = 1;
  std::uint32_t seeds = 1;  // evaluations on splits of seed, seed + 1, ...; the first one's model is shipped
  std::size_t threads = 1;
  double test_share = 0.2;
  bool split_by_time = false;  // hold the last rows by Time out instead of random ones
  unsigned folds = 5;
  // So many negatives train a fold's members, weighted up, where it has more than four times as many; 0: always all.
  std::size_t fold_negatives = 10'000;
  std::optional<double> prevalence;  // the true share of positives, where the rows were under-sampled
  std::optional<std::array<double, 2>> weights{{0.4, 0.6}};  // isolation forest, XGBoost; or nothing: chosen (auto)
  schema::ScalerKind scaler = schema::ScalerKind::kStandard;
  std::uint32_t isolation_trees = 100;
  std::uint32_t isolation_sample = 256;
  std::optional<double> contamination;  // for the isolation forest's own threshold; default: the share of positives
  BoostedOptions boosted = card_boosted_defaults();
  // Parts that XGBoost adds its histograms up in: as many CPUs can help. Another number gives other last digits, so it
  // is part of the model and not of the machine.
  std::uint32_t lanes = 2;
  ThresholdPolicy threshold = ThresholdPolicy::kF1;  // of the ensemble; members are measured at their own best F1
  double threshold_target = 0;
  double cost_fn = 1;
  double cost_fp = 1;
  bool cost_is_amount = false;   // a missed fraud costs its Amount instead of cost_fn
  bool stable_threshold = true;  // false: the plain optimum of F1
  bool drop_duplicates = true;   // rows equal in all fields and label are kept once
  Refit refit = Refit::kAuto;
  std::uint32_t replicates = 200;  // bootstrap samples for intervals and for the threshold's range
};

struct CardTrainingData {
  std::span<const double> raw;  // row-major, 30 a row: Time, Amount, V1..V28, all finite
  std::span<const std::uint8_t> labels;
  std::span<const double> weights{};  // one a row, >= 0, or empty; `prevalence` multiplies them
};

struct CardTrainingResult {
  // All but name, software_version, created_at, data.sha256 and data.rejected, which the caller knows.
  model::CardModel model;
  std::vector<StepTime> steps;     // for remarks only: they vary from run to run
  std::vector<std::string> notes;  // what the user should know, a sentence each
};

// Errors: kInvalidArgument for options, kInvalidData for rows (one class only, too few positives for the folds),
// kInternal where the scorers that will serve differ from their reference.
Result<CardTrainingResult> train_card(const CardTrainingData& given, const CardTrainingOptions& options,
                                      Progress& progress = no_progress());

}  // namespace vigie::training
