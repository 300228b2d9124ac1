#include "training/threshold.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/number.h"
#include "base/parallel.h"
#include "model/combination.h"
#include "training/calibration.h"

namespace vigie::training {
namespace {

constexpr double kSlack = 1e-12;        // floors and budgets forgive rounding
constexpr double kWorthTheRule = 0.95;  // of the best F1

// What is alarmed when everything from the top down to some row is.
struct Cut {
  double tp = 0;
  double fp = 0;
  double saved = 0;  // cost of the positives that are caught
};

struct Totals {
  double positives = 0;
  double negatives = 0;
  double loss = 0;  // cost of missing every positive
};

using Weights = std::span<const double>;

class Chooser {
 public:
  Chooser(const Ranking& ranking, const ThresholdOptions& options) : r_(ranking), o_(options) {
    if (o_.policy == ThresholdPolicy::kF1 && o_.rule == F1Rule::kPlatt) {
      platt_ = fit_platt(r_.score, r_.label, r_.weight, o_.threads);
      probability_.resize(r_.size());
      constexpr std::size_t kBlock = 8192;
      parallel_blocks(o_.threads, r_.size(), kBlock, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) probability_[i] = platt_(r_.score[i]);
      });
    }
  }

  // Nothing where no threshold reaches the target. weights[i] is that of the ranking's place i: the ranking's own, or a
  // replicate's.
  std::optional<double> choose(Weights weights) const {
    if (o_.policy == ThresholdPolicy::kGiven) return o_.target;
    const Totals totals = total(weights);
    if (!(totals.positives > 0) || !(totals.negatives > 0)) return std::nullopt;
    const auto optimum = best_cut(weights, totals);
    if (o_.policy != ThresholdPolicy::kF1 || o_.rule == F1Rule::kOptimum || !optimum) return optimum;
    const auto ruled = o_.rule == F1Rule::kSmoothed ? smoothed(weights, totals) : half_f(weights);
    if (!ruled) return optimum;
    const double wanted = kWorthTheRule * f1(at(*optimum, weights), totals);
    return f1(at(*ruled, weights), totals) >= wanted ? ruled : optimum;
  }

  // The alarms above a threshold.
  Cut at(double threshold, Weights weights) const {
    Cut cut;
    for (std::size_t i = 0; i < r_.size() && r_.score[i] > threshold; ++i) take(cut, i, weights);
    return cut;
  }

  Totals total(Weights weights) const {
    Cut all;
    for (std::size_t i = 0; i < r_.size(); ++i) take(all, i, weights);
    return {.positives = all.tp, .negatives = all.fp, .loss = all.saved};
  }

  // Walks the cuts from no alarm at all to alarming everything: visit(cut, threshold).
  template <typename Visit>
  void walk(Weights weights, Visit&& visit) const {
    Cut cut;
    visit(cut, [&] { return std::max(r_.score.front(), (r_.score.front() + 1) / 2); });
    for (std::size_t i = 0; i < r_.size();) {
      const double score = r_.score[i];
      for (; i < r_.size() && r_.score[i] == score; ++i) take(cut, i, weights);
      visit(cut, [&] { return i < r_.size() ? between(score, r_.score[i]) : std::nextafter(score, -1.0); });
    }
  }

 private:
  void take(Cut& cut, std::size_t i, Weights weights) const {
    const double weight = weights[i];
    if (r_.label[i] == 0) {
      cut.fp += weight;
    } else {
      cut.tp += weight;
      cut.saved += weight * (o_.amounts.empty() ? o_.cost_fn : o_.amounts[r_.row[i]]);
    }
  }

  static double between(double above, double below) {
    const double middle = below + (above - below) / 2;
    return middle < above ? middle : below;
  }

  static double f1(const Cut& cut, const Totals& totals) { return 2 * cut.tp / (cut.tp + cut.fp + totals.positives); }

  // What the policy wants as large as possible, or nothing where the cut is not allowed.
  std::optional<double> value(const Cut& cut, const Totals& totals) const {
    const double alarms = cut.tp + cut.fp;
    switch (o_.policy) {
      case ThresholdPolicy::kF1: return f1(cut, totals);
      case ThresholdPolicy::kPrecision:
        if (!(alarms > 0) || cut.tp < o_.target * alarms * (1 - kSlack)) return std::nullopt;
        return cut.tp;
      case ThresholdPolicy::kRecall:
        if (!(alarms > 0) || cut.tp < o_.target * totals.positives * (1 - kSlack)) return std::nullopt;
        return cut.tp / alarms;
      case ThresholdPolicy::kAlerts: {
        const double all = totals.positives + totals.negatives;
        const double budget = o_.target < 1 ? o_.target * all : o_.target;
        if (!(alarms > 0) || alarms > budget * (1 + kSlack)) return std::nullopt;
        return alarms;
      }
      case ThresholdPolicy::kCost: return -(totals.loss - cut.saved + cut.fp * o_.cost_fp);
      case ThresholdPolicy::kGiven: break;
    }
    return std::nullopt;
  }

  std::optional<double> best_cut(Weights weights, const Totals& totals) const {
    std::optional<double> best;
    std::optional<double> threshold;
    walk(weights, [&](const Cut& cut, auto&& place) {
      const auto here = value(cut, totals);
      if (!here || (best && !(*here > *best))) return;  // ties go to fewer alarms
      best = here;
      threshold = place();
    });
    return threshold;
  }

  std::optional<double> smoothed(Weights weights, const Totals& totals) const {
    constexpr int kGrid = 197;  // 1 % to 99 % of the range in steps of half a percent
    constexpr double kStep = 0.005;
    constexpr double kWidth = 0.1;
    if (!(o_.high > o_.low)) return std::nullopt;
    std::vector<double> grid(kGrid);
    Cut cut;
    std::size_t i = 0;
    for (int g = kGrid; g-- > 0;) {
      for (const double threshold = grid_point(g, kStep); i < r_.size() && r_.score[i] > threshold; ++i) {
        take(cut, i, weights);
      }
      grid[static_cast<std::size_t>(g)] = f1(cut, totals);
    }
    static const auto kKernel = [] {  // by distance on the grid
      std::array<double, kGrid> kernel;
      for (int g = 0; g < kGrid; ++g) {
        const double distance = g * kStep / kWidth;
        kernel[static_cast<std::size_t>(g)] = std::exp(-0.5 * distance * distance);
      }
      return kernel;
    }();
    int best = -1;
    double best_value = 0;
    for (int g = 0; g < kGrid; ++g) {
      double sum = 0;
      double kernel_sum = 0;
      for (int h = 0; h < kGrid; ++h) {
        const double kernel = kKernel[static_cast<std::size_t>(std::abs(g - h))];
        sum += kernel * grid[static_cast<std::size_t>(h)];
        kernel_sum += kernel;
      }
      if (sum / kernel_sum > best_value) {
        best_value = sum / kernel_sum;
        best = g;
      }
    }
    if (best < 0) return std::nullopt;
    return grid_point(best, kStep);
  }
  double grid_point(int g, double step) const { return o_.low + (o_.high - o_.low) * (0.01 + step * g); }

  // max over cuts of 2 sum(w p) / (sum(w) + all w p): the F1 to expect if p were true. Alarming p above half of it is
  // optimal then.
  std::optional<double> half_f(Weights weights) const {
    const bool scaled = !probability_.empty();
    const std::vector<double>& p = scaled ? probability_ : r_.score;
    double all = 0;
    for (std::size_t i = 0; i < r_.size(); ++i) all += weights[i] * p[i];
    double expected = 0;
    double alarms = 0;
    double best = 0;
    for (std::size_t i = 0; i < r_.size(); ++i) {
      const double w = weights[i];
      alarms += w;
      expected += w * p[i];
      best = std::max(best, 2 * expected / (alarms + all));
    }
    const double half = best / 2;
    if (!(half > 0)) return std::nullopt;
    if (!scaled) return half;
    if (!(platt_.slope > 0)) return std::nullopt;
    return model::sigmoid((model::logit(half) - platt_.intercept) / platt_.slope);
  }

  const Ranking& r_;
  const ThresholdOptions& o_;
  model::Transform platt_;
  std::vector<double> probability_;
};

Status check(const ThresholdOptions& o) {
  const auto refuse = [](std::string_view field, double value, std::string remedy) {
    return fail(Code::kInvalidArgument, format_double(value) + " is out of range", {.field = std::string(field)},
                std::move(remedy));
  };
  switch (o.policy) {
    case ThresholdPolicy::kF1: return {};
    case ThresholdPolicy::kPrecision:
    case ThresholdPolicy::kRecall:
      if (!(o.target > 0 && o.target <= 1))
        return refuse(to_string(o.policy), o.target, "give a floor above 0, at most 1");
      return {};
    case ThresholdPolicy::kAlerts:
      if (!(o.target > 0) || !std::isfinite(o.target)) {
        return refuse("alerts", o.target, "give a share of all rows below 1, or a number of rows");
      }
      return {};
    case ThresholdPolicy::kCost:
      if (!(o.cost_fn >= 0) || !std::isfinite(o.cost_fn))
        return refuse("cost_fn", o.cost_fn, "give a cost of 0 or more");
      if (!(o.cost_fp >= 0) || !std::isfinite(o.cost_fp))
        return refuse("cost_fp", o.cost_fp, "give a cost of 0 or more");
      if (o.amounts.empty() && o.cost_fn == 0 && o.cost_fp == 0) {
        return refuse("cost_fn", 0, "give at least one cost above 0");
      }
      return {};
    case ThresholdPolicy::kGiven:
      if (!(o.target >= 0 && o.target <= 1)) return refuse("threshold", o.target, "give a score from 0 to 1");
      return {};
  }
  return {};
}

// Why no threshold reached the target, with the nearest that one does.
std::unexpected<Error> unreachable(const Chooser& chooser, const Ranking& r, const ThresholdOptions& o) {
  double best_precision = 0;
  double least_alarms = r.positives + r.negatives;
  chooser.walk(r.weight, [&](const Cut& cut, auto&&) {
    const double alarms = cut.tp + cut.fp;
    if (!(alarms > 0)) return;
    best_precision = std::max(best_precision, cut.tp / alarms);
    least_alarms = std::min(least_alarms, alarms);
  });
  const Place place{.field = std::string(to_string(o.policy))};
  if (o.policy == ThresholdPolicy::kPrecision) {
    return fail(Code::kInvalidArgument, "no threshold reaches a precision of " + format_double(o.target), place,
                "give a floor of at most " + format_double(std::floor(best_precision * 1e4) / 1e4));
  }
  const double share = least_alarms / (r.positives + r.negatives);
  return fail(Code::kInvalidArgument, "the fewest alarms that a threshold can give are over the budget", place,
              "allow at least " + (o.target < 1 ? "a share of " + format_double(std::ceil(share * 1e6) / 1e6)
                                                : format_double(std::ceil(least_alarms)) + " rows"));
}

// For resampling best F1 on many rows: all positives, the negatives down to where alarms outweigh positives twentyfold
// (F1 is below a tenth from there on), and of the rest every 32nd for all of them.
Ranking thinned(const Ranking& r) {
  constexpr double kDeep = 20;
  constexpr std::size_t kStride = 32;
  Ranking thin;
  thin.positives = r.positives;
  thin.negatives = r.negatives;
  double alarms = 0;
  double carried = 0;
  std::size_t skipped = 0;
  for (std::size_t i = 0; i < r.size(); ++i) {
    alarms += r.weight[i];
    double weight = r.weight[i];
    if (r.label[i] == 0 && alarms > kDeep * r.positives) {
      carried += weight;
      if (++skipped % kStride != 0) continue;
      weight = std::exchange(carried, 0);
    }
    thin.row.push_back(r.row[i]);
    thin.score.push_back(r.score[i]);
    thin.weight.push_back(weight);
    thin.label.push_back(r.label[i]);
  }
  return thin;
}

}  // namespace

std::string_view to_string(ThresholdPolicy policy) {
  switch (policy) {
    case ThresholdPolicy::kF1: return "f1";
    case ThresholdPolicy::kPrecision: return "precision";
    case ThresholdPolicy::kRecall: return "recall";
    case ThresholdPolicy::kAlerts: return "alerts";
    case ThresholdPolicy::kCost: return "cost";
    case ThresholdPolicy::kGiven: return "given";
  }
  return "f1";
}

Result<model::ThresholdChoice> choose_threshold(const Ranking& ranking, const ThresholdOptions& options) {
  VIGIE_TRY(check(options));
  const Chooser chooser(ranking, options);
  const auto value = chooser.choose(ranking.weight);
  if (!value) return unreachable(chooser, ranking, options);

  model::ThresholdChoice choice;
  choice.value = *value;
  choice.policy = to_string(options.policy);
  choice.target = options.target;
  if (options.policy == ThresholdPolicy::kCost)
    choice.target = options.cost_fp > 0 ? options.cost_fn / options.cost_fp : 0;
  const Cut cut = chooser.at(*value, ranking.weight);
  const double alarms = cut.tp + cut.fp;
  choice.expected_precision = alarms > 0 ? cut.tp / alarms : 0;
  choice.expected_recall = cut.tp / ranking.positives;
  choice.expected_f1 = 2 * cut.tp / (alarms + ranking.positives);
  choice.low = choice.high = *value;

  constexpr std::size_t kMany = 20'000;
  const bool thin = options.policy == ThresholdPolicy::kF1 && ranking.size() > kMany && options.replicates > 0;
  const Ranking few = thin ? thinned(ranking) : Ranking{};
  const Ranking& drawn = thin ? few : ranking;
  std::optional<Chooser> of_few;
  const Chooser& resampled = thin ? of_few.emplace(few, options) : chooser;
  std::vector<std::optional<double>> replicates(options.replicates);
  parallel_for(options.threads, options.replicates, [&](std::size_t replicate) {
    std::vector<std::uint8_t> counts(ranking.size());
    draw_replicate(options.seed, replicate, counts);
    std::vector<double> weights(drawn.size());
    for (std::size_t i = 0; i < drawn.size(); ++i) weights[i] = drawn.weight[i] * counts[drawn.row[i]];
    replicates[replicate] = resampled.choose(weights);
  });
  std::vector<double> values;
  for (const auto& replicate : replicates) {
    if (replicate) values.push_back(*replicate);
  }
  if (!values.empty()) {
    std::sort(values.begin(), values.end());
    const auto last = static_cast<double>(values.size() - 1);
    choice.low = values[static_cast<std::size_t>(std::lround(0.05 * last))];
    choice.high = values[static_cast<std::size_t>(std::lround(0.95 * last))];
  }
  return choice;
}

}  // namespace vigie::training
