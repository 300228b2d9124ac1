#include "training/curves.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace vigie::training {
namespace {

constexpr std::size_t kPoints = 200;
constexpr std::size_t kHistogramBins = 50;
constexpr int kCalibrationBins = 10;

struct Cut {  // everything from the top down to and including `score` is an alarm
  double score;
  double tp;
  double fp;
};

std::vector<Cut> cuts(const Ranking& r) {
  std::vector<Cut> all;
  double tp = 0;
  double fp = 0;
  for (std::size_t i = 0; i < r.size();) {
    const std::size_t end = r.group_end(i);
    const double score = r.score[i];
    for (; i < end; ++i) (r.label[i] != 0 ? tp : fp) += r.weight[i];
    all.push_back({score, tp, fp});
  }
  return all;
}

// Keeps a point where the curve has moved by a step since the last one kept, and the last. A curve in the unit square
// that only goes up and right is at most 2 long.
void draw_roc(const Ranking& r, std::span<const Cut> all, std::vector<model::CurvePoint>& out) {
  constexpr double kStep = 2.0 / (kPoints - 4);
  out.assign(1, {0, 0});
  for (std::size_t k = 0; k < all.size(); ++k) {
    const model::CurvePoint point{all[k].fp / r.negatives, all[k].tp / r.positives};
    const double moved = point.x - out.back().x + point.y - out.back().y;
    if (moved >= kStep || k + 1 == all.size()) out.push_back(point);
  }
}

void draw_precision_recall(const Ranking& r, std::span<const Cut> all, std::vector<model::CurvePoint>& out) {
  constexpr double kStep = 1.0 / (kPoints - 4);
  out.clear();
  double last = -1;
  double before = 0;
  for (const Cut& cut : all) {
    const double recall = cut.tp / r.positives;
    const bool gained = cut.tp > before;  // between two positives precision only falls and recall stands
    before = cut.tp;
    if (!gained || (recall - last < kStep && recall < 1)) continue;
    out.push_back({recall, cut.tp / (cut.tp + cut.fp)});
    last = recall;
  }
}

void draw_thresholds(const Ranking& r, std::span<const Cut> all, std::vector<model::ThresholdPoint>& out) {
  const double low = r.score.back();
  const double high = r.score.front();
  const std::size_t points = high > low ? kPoints : 1;
  out.clear();
  std::size_t alarmed = all.size();
  for (std::size_t p = 0; p < points; ++p) {
    const double threshold = low + (high - low) * static_cast<double>(p) / static_cast<double>(kPoints - 1);
    while (alarmed > 0 && !(all[alarmed - 1].score > threshold)) --alarmed;
    const double tp = alarmed > 0 ? all[alarmed - 1].tp : 0;
    const double fp = alarmed > 0 ? all[alarmed - 1].fp : 0;
    out.push_back({.threshold = threshold,
                   .precision = tp + fp > 0 ? tp / (tp + fp) : 0,
                   .recall = tp / r.positives,
                   .f1 = 2 * tp / (tp + fp + r.positives),
                   .alert_rate = (tp + fp) / (r.positives + r.negatives)});
  }
}

void draw_calibration(const Ranking& r, std::vector<model::CalibrationBin>& out) {
  const double total = r.positives + r.negatives;
  out.clear();
  model::CalibrationBin bin;
  double positives = 0;
  double seen = 0;
  int index = 0;
  const auto close = [&] {
    if (bin.weight > 0) {
      bin.mean_score /= bin.weight;
      bin.observed = positives / bin.weight;
      out.push_back(bin);
    }
    bin = {};
    positives = 0;
    ++index;
  };
  for (std::size_t i = 0; i < r.size();) {
    const std::size_t end = r.group_end(i);
    double weight = 0;
    double group_positives = 0;
    const double score = r.score[i];
    for (; i < end; ++i) {
      weight += r.weight[i];
      group_positives += r.weight[i] * r.label[i];
    }
    while (seen + weight / 2 > total * (index + 1) / kCalibrationBins && index + 1 < kCalibrationBins) close();
    seen += weight;
    bin.weight += weight;
    bin.mean_score += score * weight;
    positives += group_positives;
  }
  close();
  std::reverse(out.begin(), out.end());
}

void draw_histogram(const Ranking& r, model::ScoreHistogram& out) {
  out.negatives.assign(kHistogramBins, 0);
  out.positives.assign(kHistogramBins, 0);
  for (std::size_t i = 0; i < r.size(); ++i) {
    const double place = std::clamp(r.score[i], 0.0, 1.0) * kHistogramBins;
    const std::size_t bin = std::min(static_cast<std::size_t>(place), kHistogramBins - 1);
    (r.label[i] != 0 ? out.positives : out.negatives)[bin] += r.weight[i];
  }
}

}  // namespace

void draw_curves(const Ranking& ranking, model::ScorerEvaluation& evaluation) {
  const std::vector<Cut> all = cuts(ranking);
  draw_roc(ranking, all, evaluation.roc);
  draw_precision_recall(ranking, all, evaluation.precision_recall);
  draw_thresholds(ranking, all, evaluation.thresholds);
  draw_calibration(ranking, evaluation.calibration);
  draw_histogram(ranking, evaluation.histogram);
}

}  // namespace vigie::training
