#include "training/metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include "base/parallel.h"
#include "training/curves.h"

namespace vigie::training {
namespace {

constexpr std::size_t kFigures = std::size(model::kMetrics);
using Figures = std::array<double, kFigures>;  // in the order of model::kMetrics

double ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }

struct Pass {
  Figures figures;
  model::Confusion confusion;
};

// Sums over ten bins of equal weight along the ranking.
class CalibrationError {
 public:
  explicit CalibrationError(double total) : total_(total), limit_(total / kBins) {}

  // Rows of one score, highest score first; a group goes to the bin that its middle lies in.
  void add(double score, double weight, double positives) {
    while (seen_ + weight / 2 > limit_ && bin_ + 1 < kBins) close();
    seen_ += weight;
    score_ += score * weight;
    positives_ += positives;
  }
  double finish() {
    close();
    return error_ / total_;
  }

 private:
  static constexpr int kBins = 10;
  void close() {
    error_ += std::fabs(score_ - positives_);
    score_ = positives_ = 0;
    ++bin_;
    limit_ = total_ * (bin_ + 1) / kBins;
  }
  double total_;
  double limit_;
  double seen_ = 0;
  double score_ = 0;
  double positives_ = 0;
  double error_ = 0;
  int bin_ = 0;
};

// Consecutive rows of the ranking that are measured together.
struct Cell {
  std::uint32_t begin;
  std::uint32_t end;
  double score;
};

// Rows of equal score, which every figure must take together.
std::vector<Cell> tied_cells(const Ranking& r) {
  std::vector<Cell> cells;
  for (std::size_t i = 0; i < r.size();) {
    const std::size_t end = r.group_end(i);
    cells.push_back({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(end), r.score[i]});
    i = end;
  }
  return cells;
}

// For replicates: below the first rows, up to 16 neighbouring negatives on one side of the threshold become one cell
// with their mean score. No positive lies between them, so ROC-AUC, average precision, KS and all counts stay what they
// are; Brier and the calibration error move by less than the cell's spread of scores.
std::vector<Cell> coarse_cells(const Ranking& r, double threshold) {
  constexpr std::size_t kExact = 4096;
  constexpr std::uint32_t kMerged = 16;
  std::vector<Cell> cells;
  bool open = false;  // whether the last cell may take more
  for (const Cell& cell : tied_cells(r)) {
    const bool negative = std::all_of(r.label.begin() + cell.begin, r.label.begin() + cell.end,
                                      [](std::uint8_t label) { return label == 0; });
    const bool mergeable = negative && cell.begin >= kExact;
    if (open && mergeable && cell.end - cells.back().begin <= kMerged &&
        (cells.back().score > threshold) == (cell.score > threshold)) {
      Cell& last = cells.back();
      const double before = last.end - last.begin;
      const double more = cell.end - cell.begin;
      last.score = (last.score * before + cell.score * more) / (before + more);
      last.end = cell.end;
    } else {
      cells.push_back(cell);
    }
    open = mergeable;
  }
  return cells;
}

// Everything in one walk down the ranking, cell by cell. `counts` (by row, or null for all 1) multiplies the weights.
Pass measure(const Ranking& r, std::span<const Cell> cells, double threshold, const std::uint8_t* counts) {
  struct Sums {
    double tp;
    double fp;
  };
  std::vector<Sums> sums;
  sums.reserve(cells.size());
  double positives = 0;
  double negatives = 0;
  for (const Cell& cell : cells) {
    Sums sum{0, 0};
    for (std::uint32_t i = cell.begin; i < cell.end; ++i) {
      const double weight = counts == nullptr ? r.weight[i] : r.weight[i] * counts[r.row[i]];
      (r.label[i] != 0 ? sum.tp : sum.fp) += weight;
    }
    positives += sum.tp;
    negatives += sum.fp;
    sums.push_back(sum);
  }

  constexpr double kAllowedFpr = 0.01 * (1 + 1e-12);
  double tp = 0;
  double fp = 0;
  double area = 0;
  double precision_sum = 0;
  double gap = 0;
  double tp_at_allowed_fpr = 0;
  double squares = 0;
  CalibrationError calibration(positives + negatives);
  Pass pass{};
  for (std::size_t c = 0; c < cells.size(); ++c) {
    const double score = cells[c].score;
    const auto [group_tp, group_fp] = sums[c];
    area += group_fp * (tp + group_tp / 2);
    tp += group_tp;
    fp += group_fp;
    if (group_tp > 0) precision_sum += group_tp * tp / (tp + fp);
    gap = std::max(gap, std::fabs(tp * negatives - fp * positives));
    if (fp <= kAllowedFpr * negatives) tp_at_allowed_fpr = tp;
    squares += group_fp * score * score + group_tp * (score - 1) * (score - 1);
    calibration.add(score, group_tp + group_fp, group_tp);
    if (score > threshold) {
      pass.confusion.tp = tp;
      pass.confusion.fp = fp;
    }
  }
  pass.confusion.fn = positives - pass.confusion.tp;
  pass.confusion.tn = negatives - pass.confusion.fp;
  const model::Confusion& confusion = pass.confusion;
  pass.figures = {ratio(area, positives * negatives),
                  ratio(precision_sum, positives),
                  ratio(2 * confusion.tp, 2 * confusion.tp + confusion.fp + confusion.fn),
                  ratio(confusion.tp, confusion.tp + confusion.fp),
                  ratio(confusion.tp, positives),
                  ratio(tp_at_allowed_fpr, positives),
                  ratio(gap, positives * negatives),
                  ratio(squares, positives + negatives),
                  calibration.finish()};
  if (!(positives > 0) || !(negatives > 0)) pass.figures.fill(std::numeric_limits<double>::quiet_NaN());
  return pass;
}

// Linear interpolation between order statistics; `sorted` is not empty.
double quantile(std::span<const double> sorted, double share) {
  const double position = share * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(position);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (sorted[high] - sorted[low]) * (position - static_cast<double>(low));
}

}  // namespace

double roc_auc(const Ranking& ranking) { return measure(ranking, tied_cells(ranking), 1, nullptr).figures[0]; }

double average_precision(const Ranking& ranking) {
  return measure(ranking, tied_cells(ranking), 1, nullptr).figures[1];
}

Result<model::ScorerEvaluation> evaluate_scorer(std::string_view scorer, std::span<const double> scores,
                                                std::span<const std::uint8_t> labels, std::span<const double> weights,
                                                double threshold, const EvaluationOptions& options) {
  VIGIE_TRY(check_ranking_input(scores, labels, weights, "rows to evaluate on"));
  const Ranking ranking = rank(scores, labels, weights);
  const Pass pass = measure(ranking, tied_cells(ranking), threshold, nullptr);
  const std::vector<Cell> coarse = coarse_cells(ranking, threshold);

  std::vector<Figures> replicates(options.replicates);
  parallel_for(options.threads, options.replicates, [&](std::size_t replicate) {
    std::vector<std::uint8_t> counts(ranking.size());
    draw_replicate(options.seed, replicate, counts);
    replicates[replicate] = measure(ranking, coarse, threshold, counts.data()).figures;
  });

  model::ScorerEvaluation evaluation;
  evaluation.scorer = scorer;
  evaluation.threshold = threshold;
  evaluation.confusion = pass.confusion;
  for (std::size_t metric = 0; metric < kFigures; ++metric) {
    std::vector<double> values;
    values.reserve(replicates.size());
    for (const Figures& figures : replicates) {
      if (!std::isnan(figures[metric])) values.push_back(figures[metric]);  // a replicate may miss a whole class
    }
    std::sort(values.begin(), values.end());
    model::Measured& measured = evaluation.*model::kMetrics[metric].field;
    const double value = pass.figures[metric];
    measured = {value, value, value};
    if (!values.empty()) measured = {value, quantile(values, 0.025), quantile(values, 0.975)};
  }
  draw_curves(ranking, evaluation);
  return evaluation;
}

}  // namespace vigie::training
