// Chooses the threshold above which a score is an alarm, on scores of rows that their models had not seen.
//
//   const Ranking ranking = rank(out_of_fold_scores, labels, weights);
//   auto choice = VIGIE_TRY(choose_threshold(ranking, {.policy = ThresholdPolicy::kPrecision, .target = 0.9}));
//
// A chosen value lies between two distinct scores (or is a smooth function of them), never on one: "score > threshold"
// says the same after rounding.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "model/package.h"
#include "training/ranking.h"

namespace vigie::training {

enum class ThresholdPolicy : std::uint8_t {
  kF1,         // best F1
  kPrecision,  // best recall with precision >= target
  kRecall,     // best precision with recall >= target
  kAlerts,     // as many alarms as a budget allows: target < 1 is a share of all weight, from 1 on a weight of rows
  kCost,       // least cost of missed positives and false alarms
  kGiven,      // target itself
};
std::string_view to_string(ThresholdPolicy policy);  // "f1", "precision", "recall", "alerts", "cost", "given"

// How best F1 is found. The optimum of a few hundred positives jumps between seeds: the other rules give up some of the
// sample's optimum for a value that moves less (docs/card-models.md has the trial). The other policies are exact.
enum class F1Rule : std::uint8_t {
  kOptimum,   // the sample's best cut
  kSmoothed,  // the best of F1 on a grid over [low, high], smoothed by a Gaussian of a tenth of that range
  kHalfF,     // half the best F1 that the scores, read as probabilities, promise (Lipton et al. 2014)
  kPlatt,     // kHalfF on Platt's scaling of the scores, carried back to their own scale
};

struct ThresholdOptions {
  ThresholdPolicy policy = ThresholdPolicy::kF1;
  double target = 0;
  double cost_fn = 1;                 // kCost: of a missed positive ...
  double cost_fp = 1;                 // ... and of a false alarm
  std::span<const double> amounts{};  // kCost: cost of missing each row, by its place in the input, instead of cost_fn
  F1Rule rule = F1Rule::kOptimum;
  double low = 0;  // range of the scores, for kSmoothed
  double high = 1;
  std::uint32_t replicates = 0;  // bootstrap samples for the choice's 5 % to 95 % range; 0 for none
  std::uint64_t seed = 0;
  std::size_t threads = 1;
};

// The ranking has weight in both classes. A rule that loses more than a twentieth of the best F1 gives way to the
// optimum. Errors: kInvalidArgument for a target out of range, and for one that no threshold reaches, with the best
// that one does.
Result<model::ThresholdChoice> choose_threshold(const Ranking& ranking, const ThresholdOptions& options);

}  // namespace vigie::training
