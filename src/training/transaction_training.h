// `vigie train transaction` from recorded transactions to model: inputs by replay, the handbook's prequential figures,
// members fitted on the past, combination and threshold chosen on later days, figures of days later still.
//
//   auto result = VIGIE_TRY(train_transaction(rows, options, progress));
//   VIGIE_TRY(model::write_package(path, result.model));
//
// Days of the shipped model, from the last of the file backwards: test days that it is measured on; delay days, whose
// frauds are not known by then; and all days before those, which it learns from. Combination and threshold are chosen
// on the last test-length of these with members that learnt from the days a delay before them. The first 37 days, or
// half of what there is, only fill the history. Equal rows and options give equal models, whatever `threads` is.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "dataset/transaction_rows.h"
#include "model/transaction_model.h"
#include "training/boosted.h"
#include "training/prequential.h"
#include "training/step_time.h"
#include "training/threshold.h"

namespace vigie::training {

// Chosen by the trial in docs/transaction-models.md.
BoostedOptions transaction_boosted_defaults();
std::vector<std::string> transaction_input_defaults();
// The 15 of the handbook, under our names.
std::vector<std::string> handbook_inputs();

struct TransactionTrainingOptions {
  std::uint64_t seed = 1;
  std::size_t threads = 1;
  bool prequential = true;  // the handbook's protocol too; delay and test days are the shipped model's in either case
  PrequentialOptions protocol{};
  std::vector<std::string> inputs = transaction_input_defaults();  // names of features::transaction_inputs()
  BoostedOptions boosted = transaction_boosted_defaults();
  std::uint32_t lanes = 2;  // see BoostedOptions; part of the model and not of the machine
  std::uint32_t isolation_trees = 100;
  std::uint32_t isolation_sample = 256;
  ThresholdPolicy threshold = ThresholdPolicy::kF1;
  double threshold_target = 0;
  double cost_fn = 1;
  double cost_fp = 1;
  std::uint32_t replicates = 200;  // bootstrap samples for intervals and for the threshold's range
};

struct TransactionTrainingResult {
  // All but name, software_version, created_at, data.sha256 and data.rejected, which the caller knows.
  model::TransactionModel model;
  std::vector<StepTime> steps;     // for remarks only: they vary from run to run
  std::vector<std::string> notes;  // what the user should know, a sentence each
};

// Errors: kInvalidArgument for options, kInvalidData for rows: too few days, or a part of them of one class only.
Result<TransactionTrainingResult> train_transaction(const dataset::TransactionRows& rows,
                                                    const TransactionTrainingOptions& options,
                                                    Progress& progress = no_progress());

}  // namespace vigie::training
