#include "training/card_out_of_fold.h"

#include <algorithm>
#include <string>

#include "base/parallel.h"
#include "base/random.h"
#include "dataset/split.h"

namespace vigie::training {
namespace {

struct Fold {
  std::vector<std::uint32_t> places;  // of its held-out rows in the training part
  std::vector<std::uint32_t> rows;    // the same as row numbers
  CardMembers members;
  Status outcome;
};

// A capped fold has too few rows for fine bins to pay: what they cost grows with bins, not with rows.
constexpr std::uint32_t kCappedBins = 64;

constexpr std::uint64_t kFoldStream = 100;  // fold f's members and sample are seeded from streams of their own

}  // namespace

Result<OutOfFold> out_of_fold_scores(const CardData& data, std::span<const std::uint32_t> rows,
                                     const OutOfFoldOptions& options) {
  OutOfFold result;
  result.rows.assign(rows.begin(), rows.end());
  const std::size_t count = rows.size();
  result.labels.resize(count);
  for (std::size_t i = 0; i < count; ++i) result.labels[i] = data.labels[rows[i]];
  if (!data.weights.empty()) {
    result.weights.resize(count);
    for (std::size_t i = 0; i < count; ++i) result.weights[i] = data.weights[rows[i]];
  }
  result.isolation.resize(count);
  result.isolation_scaled.resize(count);
  result.boosted.resize(count);

  const auto assignment = VIGIE_TRY(dataset::fold_assignment(result.labels, options.folds, options.seed));
  const auto negatives = static_cast<std::size_t>(std::count(result.labels.begin(), result.labels.end(), 0));
  const bool capped = options.negatives > 0 && negatives / options.folds * (options.folds - 1) > 4 * options.negatives;
  std::vector<Fold> folds(options.folds);
  parallel_for(options.threads, folds.size() + 1, [&](std::size_t f) {
    if (f == folds.size()) {
      if (options.beside) options.beside();
      return;
    }
    Fold& fold = folds[f];
    std::vector<std::uint32_t> others;
    others.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) {
      if (assignment[i] == f) {
        fold.places.push_back(i);
        fold.rows.push_back(rows[i]);
      } else {
        others.push_back(rows[i]);
      }
    }
    Random random(options.seed, kFoldStream + f);
    CardFitOptions fit = options.fit;
    fit.lanes = 1;
    fit.threads = 1;
    if (capped) fit.boosted.max_bin = std::min(fit.boosted.max_bin, kCappedBins);
    const CardSample sample = cap_negatives(data, others, capped ? options.negatives : count, random.next());
    fit.seed = random.next();
    if (options.on_round) fit.on_round = [&](std::uint32_t) { options.on_round(); };
    auto fitted = fit_card_members(data, sample, fit);
    if (fitted) {
      fold.members = std::move(*fitted);
    } else {
      fold.outcome = std::unexpected(std::move(fitted).error());
    }
  });

  for (Fold& fold : folds) {
    if (!fold.outcome) return std::unexpected(std::move(fold.outcome).error());
    std::vector<double> isolation(fold.rows.size());
    std::vector<double> boosted(fold.rows.size());
    score_card_rows(fold.members, data, fold.rows, isolation, boosted, options.threads);
    const auto [low, high] =
        std::minmax_element(fold.members.isolation_scores.begin(), fold.members.isolation_scores.end());
    const double range = *high > *low ? *high - *low : 1;
    for (std::size_t i = 0; i < fold.places.size(); ++i) {
      const std::uint32_t place = fold.places[i];
      result.isolation[place] = isolation[i];
      result.isolation_scaled[place] = std::clamp((isolation[i] - *low) / range, 0.0, 1.0);
      result.boosted[place] = boosted[i];
    }
  }
  return result;
}

}  // namespace vigie::training
