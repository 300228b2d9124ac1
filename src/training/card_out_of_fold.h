// Scores of training rows by members that had no part of them: what weights, calibration and thresholds are chosen on.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/result.h"
#include "training/card_members.h"

namespace vigie::training {

struct OutOfFoldOptions {
  unsigned folds = 5;
  std::size_t negatives = 0;  // so many train a fold's members where it has more than four times as many; 0: all
  CardFitOptions fit{};       // its seed, lanes and threads are each fold's own
  std::uint64_t seed = 0;
  std::size_t threads = 1;
  std::function<void()> on_round{};  // after every boosting round of any fold, from any thread
  // Work of the caller's that needs no fold. It is started after the last fold: folds are seldom a multiple of the
  // threads, so that some of them would wait.
  std::function<void()> beside{};
};

struct OutOfFold {
  std::vector<std::uint32_t> rows;  // as given
  std::vector<std::uint8_t> labels;
  std::vector<double> weights;  // empty for all 1
  std::vector<double> isolation;
  std::vector<double> isolation_scaled;  // min-max with the range of the fold's own training rows, in [0, 1]
  std::vector<double> boosted;
};

// `rows`: the training part. Errors: kInvalidData where a class has fewer rows than there are folds.
Result<OutOfFold> out_of_fold_scores(const CardData& data, std::span<const std::uint32_t> rows,
                                     const OutOfFoldOptions& options);

}  // namespace vigie::training
