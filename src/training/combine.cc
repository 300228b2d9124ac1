#include "training/combine.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "base/number.h"
#include "base/parallel.h"
#include "training/calibration.h"
#include "training/metrics.h"

namespace vigie::training {
namespace {

// Share of the weaker member in the blend, from none to all.
constexpr std::array kShares = {0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0};
constexpr double kWorthBlending = 0.005;  // average precision that a blend must gain

double precision_of(std::span<const double> scores, std::span<const std::uint8_t> labels,
                    std::span<const double> weights) {
  return average_precision(rank(scores, labels, weights));
}

}  // namespace

Result<model::Combination> combine_weighted(std::span<const WeightedTerm> terms) {
  model::Combination combination;
  double total = 0;
  for (const WeightedTerm& term : terms) {
    if (!(term.weight >= 0) || !std::isfinite(term.weight)) {
      return fail(Code::kInvalidArgument, "the weight " + format_double(term.weight) + " is not usable",
                  {.field = "weights"}, "give weights of 0 or more, such as 0.4,0.6, or auto");
    }
    total += term.weight;
    model::Transform transform;
    if (term.scaled) {
      transform.kind = model::Transform::Kind::kMinMax;
      transform.low = term.low;
      transform.high = term.high > term.low ? term.high : term.low + 1;
    }
    combination.terms.push_back({.member = term.member, .weight = term.weight, .transform = std::move(transform)});
  }
  if (!(total > 0)) {
    return fail(Code::kInvalidArgument, "all weights are 0", {.field = "weights"},
                "give weights such as 0.4,0.6, or auto");
  }
  // A score is a share of what the weights allow, so that it stays in [0, 1]; weights that sum to 1 are kept as given.
  constexpr double kRounding = 1e-9;
  if (std::fabs(total - 1) > kRounding) {
    for (auto& term : combination.terms) term.weight /= total;
  }
  return combination;
}

Result<model::Combination> combine_auto(std::span<const MemberScores, 2> members, std::span<const std::uint8_t> labels,
                                        std::span<const double> weights, std::size_t threads) {
  std::array<double, 2> alone{};
  std::array<model::Transform, 2> platt;
  std::array<std::vector<double>, 2> logits;
  for (std::size_t m = 0; m < 2; ++m) {
    VIGIE_TRY(check_ranking_input(members[m].scores, labels, weights, "rows to combine members on"));
    alone[m] = precision_of(members[m].scores, labels, weights);
    platt[m] = fit_platt(members[m].scores, labels, weights, threads);
    logits[m].reserve(labels.size());
    for (const double score : members[m].scores) logits[m].push_back(model::logit(platt[m](score)));
  }
  const std::size_t better = alone[1] >= alone[0] ? 1 : 0;  // a tie goes to the supervised member, which comes last
  const double floor = alone[better];

  std::array<double, kShares.size()> precision{};
  const auto blend_with = [&](double share) {
    std::vector<double> blend(labels.size());
    for (std::size_t i = 0; i < blend.size(); ++i) {
      blend[i] = model::sigmoid((1 - share) * logits[better][i] + share * logits[1 - better][i]);
    }
    return blend;
  };
  parallel_for(threads, kShares.size(),
               [&](std::size_t s) { precision[s] = precision_of(blend_with(kShares[s]), labels, weights); });
  const double best = *std::max_element(precision.begin(), precision.end());

  model::Combination combination;
  combination.method = "auto";
  combination.space = model::Combination::Space::kLogit;
  for (std::size_t s = 0; s < kShares.size(); ++s) {
    if (precision[s] < best - kWorthBlending || precision[s] < floor) continue;
    combination.calibration = fit_platt(blend_with(kShares[s]), labels, weights, threads);
    if (!(combination.calibration.slope > 0)) continue;
    combination.terms.clear();
    for (std::size_t m = 0; m < 2; ++m) {
      combination.terms.push_back(
          {.member = members[m].member, .weight = m == better ? 1 - kShares[s] : kShares[s], .transform = platt[m]});
    }
    // The promise is about the scores that will be served, so it is checked on them: rounding may tie what was apart.
    if (precision_of(combined_scores(combination, members, threads), labels, weights) >= floor) return combination;
  }

  // The better member alone, as it is.
  combination.space = model::Combination::Space::kProbability;
  combination.calibration = {};
  combination.terms.clear();
  for (std::size_t m = 0; m < 2; ++m) {
    combination.terms.push_back({.member = members[m].member, .weight = m == better ? 1.0 : 0.0, .transform = {}});
  }
  return combination;
}

std::vector<double> combined_scores(const model::Combination& combination, std::span<const MemberScores> members,
                                    std::size_t threads) {
  assert(combination.terms.size() == members.size());
  std::vector<double> combined(members.front().scores.size());
  constexpr std::size_t kBlock = 8192;
  parallel_blocks(threads, combined.size(), kBlock, [&](std::size_t begin, std::size_t end) {
    std::vector<double> row(members.size());
    for (std::size_t i = begin; i < end; ++i) {
      for (std::size_t m = 0; m < members.size(); ++m) row[m] = members[m].scores[i];
      combined[i] = combination(row);
    }
  });
  return combined;
}

}  // namespace vigie::training
