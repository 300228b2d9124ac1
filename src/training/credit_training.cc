#include "training/credit_training.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <tuple>
#include <utility>

#include "base/number.h"
#include "base/parallel.h"
#include "base/random.h"
#include "dataset/split.h"
#include "training/calibration.h"
#include "training/metrics.h"
#include "training/ranking.h"
#include "training/woe_regression.h"

namespace vigie::training {
namespace {

constexpr std::size_t kPointRanges = 22;  // of 25 points on the usual scale
constexpr std::uint64_t kEvaluationStream = 1;

std::vector<double> probabilities(std::span<const double> margins) {
  std::vector<double> out;
  out.reserve(margins.size());
  for (const double margin : margins) out.push_back(model::sigmoid(margin));
  return out;
}

double calibrated(const model::Transform& line, double margin) { return line.slope * margin + line.intercept; }

// By logistic regression; without a part whose slope would be negative.
model::ForecastCurve fit_forecast(std::span<const double> margins, std::span<const std::uint8_t> labels) {
  const auto part = [&](double low, double high) {
    std::vector<double> column;
    column.reserve(margins.size());
    for (const double margin : margins) column.push_back(model::ForecastCurve{low, high, 0}(margin));
    return column;
  };
  const std::vector<double> columns[] = {part(1, 0), part(0, 1)};
  const WoeRegression both = fit_woe_regression(columns, labels, {});
  if (std::ranges::min(both.slopes) >= 0) return {both.slopes[0], both.slopes[1], both.intercept};
  const std::size_t kept = both.slopes[0] < 0 ? 1 : 0;
  const WoeRegression one = fit_woe_regression(std::span(columns).subspan(kept, 1), labels, {});
  const double slope = std::max(one.slopes[0], 0.0);
  return {kept == 0 ? slope : 0, kept == 1 ? slope : 0, one.intercept};
}

// The forecasts of one member on all rows, each by a fit without its fold.
struct OutOfFold {
  std::vector<double> margins{};     // as the members gave them
  std::vector<double> calibrated{};  // by the lines that the other folds ask for: what points follow
  std::vector<double> forecasts{};   // and by their curves
  model::Transform line{};           // that all of them ask for: the kept member's
  model::ForecastCurve curve{};
};

// Each fold's rows are calibrated without their own outcomes. `curved`: by a curve over the line.
void calibrate(OutOfFold& scores, std::span<const std::uint8_t> labels, std::span<const std::uint8_t> fold_of,
               unsigned folds, bool curved) {
  const auto fit = [curved](std::span<const double> margins, std::span<const std::uint8_t> outcomes) {
    const model::Transform line = fit_platt(probabilities(margins), outcomes, {});
    if (!curved) return std::pair(line, model::ForecastCurve());
    std::vector<double> straight;
    straight.reserve(margins.size());
    for (const double margin : margins) straight.push_back(calibrated(line, margin));
    return std::pair(line, fit_forecast(straight, outcomes));
  };
  scores.calibrated.resize(labels.size());
  scores.forecasts.resize(labels.size());
  for (unsigned fold = 0; fold < folds; ++fold) {
    std::vector<double> others;
    std::vector<std::uint8_t> outcomes;
    for (std::size_t row = 0; row < labels.size(); ++row) {
      if (fold_of[row] == fold) continue;
      others.push_back(scores.margins[row]);
      outcomes.push_back(labels[row]);
    }
    const auto [line, curve] = fit(others, outcomes);
    for (std::size_t row = 0; row < labels.size(); ++row) {
      if (fold_of[row] != fold) continue;
      scores.calibrated[row] = calibrated(line, scores.margins[row]);
      scores.forecasts[row] = curve(scores.calibrated[row]);
    }
  }
  std::tie(scores.line, scores.curve) = fit(scores.margins, labels);
}

model::SeedSummary auc_of_folds(std::string_view scorer, std::span<const double> margins,
                                std::span<const std::uint8_t> labels, std::span<const std::uint8_t> fold_of,
                                unsigned folds) {
  model::SeedSummary summary{.scorer = std::string(scorer), .metric = "roc_auc", .values = {}};
  for (unsigned fold = 0; fold < folds; ++fold) {
    std::vector<double> scores;
    std::vector<std::uint8_t> outcomes;
    for (std::size_t row = 0; row < labels.size(); ++row) {
      if (fold_of[row] != fold) continue;
      scores.push_back(margins[row]);
      outcomes.push_back(labels[row]);
    }
    summary.values.push_back(roc_auc(rank(scores, outcomes, {})));
    summary.mean += summary.values.back() / folds;
  }
  double squares = 0;
  for (const double value : summary.values) squares += (value - summary.mean) * (value - summary.mean);
  summary.deviation = std::sqrt(squares / (folds - 1));
  return summary;
}

model::PointsReference points_reference(const model::PointScale& scale, std::span<const double> margins,
                                        std::span<const std::uint8_t> labels) {
  model::PointsReference reference{.good = std::vector<double>(kPointRanges, 0),
                                   .bad = std::vector<double>(kPointRanges, 0)};
  const double width = (scale.most - scale.least) / kPointRanges;
  for (std::size_t i = 0; i <= kPointRanges; ++i) {
    reference.edges.push_back(scale.least + width * static_cast<double>(i));
  }
  for (std::size_t row = 0; row < margins.size(); ++row) {
    const auto range = static_cast<std::size_t>((scale(margins[row]) - scale.least) / width);
    (labels[row] == 1 ? reference.bad : reference.good)[std::min(range, kPointRanges - 1)] += 1;
  }
  return reference;
}

// A calibrated scorecard is a scorecard: the line goes into its bins.
void absorb(const model::Transform& line, model::Scorecard& scorecard) {
  scorecard.intercept = calibrated(line, scorecard.intercept);
  for (model::ScorecardField& field : scorecard.fields) {
    for (model::ScorecardBin& bin : field.bins) bin.log_odds *= line.slope;
  }
}

std::vector<model::Parameter> parameters(const CreditTrainingOptions& options, const model::Transform& line) {
  std::vector<model::Parameter> out = {
      {"folds", std::to_string(options.folds)},
      {"scorecard.candidates", std::to_string(options.binning.candidates)},
      {"scorecard.least_share", format_double(options.binning.least_share)},
      {"scorecard.least_each", format_double(options.binning.least_each)},
      {"scorecard.least_information", format_double(options.scorecard.least_information)},
      {"scorecard.draw", format_double(options.scorecard.draw)},
      {"scorecard.rounds", std::to_string(options.scorecard.rounds)},
      {"scorecard.calibration_slope", format_double(line.slope)},
  };
  for (auto& [name, value] : boosted_parameters(options.boosted)) out.push_back({"xgboost." + name, value});
  return out;
}

Status check(const CreditTrainingData& given, const CreditTrainingOptions& options) {
  const auto refuse = [](std::string field, std::string message, std::string remedy) {
    return fail(Code::kInvalidArgument, std::move(message), {.field = std::move(field)}, std::move(remedy));
  };
  if (given.data.columns.empty()) return refuse("fields", "there are none to learn from", "map a column to a field");
  if (given.data.columns.size() > model::kMostCreditFields) {
    return refuse("fields", std::to_string(given.data.columns.size()) + " fields", "give up to 64");
  }
  if (options.folds < 2 || options.folds > 50) {
    return refuse("folds", std::to_string(options.folds) + " is out of range", "give 2 to 50");
  }
  return model::validate(options.thresholds, options.scorecard.scale);
}

std::string left_out_note(const LeftOut& one) {
  const char* const why = one.why == LeftOut::Why::kLittleInformation ? "it says too little about the outcome"
                                                                      : "the other fields say what it says";
  return one.name + " is not in the scorecard: " + why + " (information value " +
         format_double(std::round(one.information_value * 1e4) / 1e4) + ")";
}

}  // namespace

BoostedOptions credit_boosted_defaults() {
  BoostedOptions options;
  options.rounds = 300;
  options.max_depth = 4;
  options.eta = 0.05;
  options.lambda = 5;
  options.subsample = 0.7;
  options.colsample_bytree = 0.5;
  return options;
}

Result<CreditTrainingResult> train_credit(const CreditTrainingData& given, const CreditTrainingOptions& options,
                                          Progress& progress) {
  VIGIE_TRY(check(given, options));
  const CreditData& data = given.data;
  const std::size_t count = data.labels.size();
  const auto fold_of = VIGIE_TRY(dataset::fold_assignment(data.labels, options.folds, options.seed));
  CreditFitOptions fit{.scorecard = options.scorecard, .binning = options.binning, .boosted = options.boosted};
  fit.boosted.seed = options.seed;

  // The last of them learns from all rows.
  struct Fold {
    std::vector<std::uint32_t> others{};
    std::vector<std::uint32_t> own{};
    CreditMembers members{};
    CreditMargins margins{};
    Status outcome{};
  };
  std::vector<Fold> folds(options.folds + 1);
  for (std::uint32_t row = 0; row < count; ++row) {
    for (std::size_t f = 0; f < folds.size(); ++f) (fold_of[row] == f ? folds[f].own : folds[f].others).push_back(row);
  }
  progress.begin("fit", folds.size(), "fits");
  std::atomic<std::uint64_t> done = 0;
  parallel_for(options.threads, folds.size(), [&](std::size_t f) {
    Fold& fold = folds[f];
    fold.outcome = [&]() -> Status {
      fold.members = VIGIE_TRY(fit_credit_members(data, fold.others, fit));
      fold.margins = VIGIE_TRY(credit_margins(fold.members, data, fold.own));
      return {};
    }();
    progress.advance_to(++done);
  });
  progress.end();
  for (const Fold& fold : folds) VIGIE_TRY(fold.outcome);

  std::array<OutOfFold, 2> scores;  // scorecard, XGBoost
  for (OutOfFold& member : scores) member.margins.resize(count);
  for (const Fold& fold : folds) {
    for (std::size_t i = 0; i < fold.own.size(); ++i) {
      scores[0].margins[fold.own[i]] = fold.margins.scorecard[i];
      scores[1].margins[fold.own[i]] = fold.margins.boosted[i];
    }
  }
  parallel_for(options.threads, scores.size(), [&](std::size_t member) {
    calibrate(scores[member], data.labels, fold_of, options.folds, member == 0);
  });

  for (const OutOfFold& member : scores) {
    if (member.line.slope > 0 && member.curve.low_slope + member.curve.high_slope > 0) continue;
    return fail(Code::kInvalidData, "what was learnt says nothing about people who had no part in it", {},
                "check that the target is the right column, or give more rows or other fields");
  }

  CreditTrainingResult result;
  model::CreditModel& out = result.model;
  CreditMembers& kept = folds.back().members;
  out.seed = options.seed;
  out.data.rows = count;
  out.data.positives = static_cast<std::uint64_t>(std::ranges::count(data.labels, 1));
  for (std::size_t c = 0; c < data.columns.size(); ++c) {
    out.fields.push_back(data.columns[c].field);
    out.fields.back().categories = kept.categories[c];
  }
  out.thresholds = options.thresholds;
  out.parameters = parameters(options, scores[0].line);
  out.evaluation = {.rows = count,
                    .positives = out.data.positives,
                    .prevalence = static_cast<double>(out.data.positives) / static_cast<double>(count),
                    .split = std::to_string(options.folds) + " folds, each measured by a fit on the others",
                    .scorers = {}};
  const model::PointScale& scale = options.scorecard.scale;
  const double limit = scale.margin_at(options.thresholds.accepted);
  constexpr std::array kMembers = {model::kScorecard, model::kXgboost};
  for (std::size_t member = 0; member < kMembers.size(); ++member) {
    const std::vector<double>& margins = scores[member].calibrated;
    const EvaluationOptions measuring{.replicates = options.replicates,
                                      .seed = Random(options.seed, kEvaluationStream).next(),
                                      .threads = options.threads};
    const double threshold = model::sigmoid(scores[member].curve(limit));
    out.evaluation.scorers.push_back(VIGIE_TRY(evaluate_scorer(
        kMembers[member], probabilities(scores[member].forecasts), data.labels, {}, threshold, measuring)));
    out.folds.push_back(auc_of_folds(kMembers[member], scores[member].margins, data.labels, fold_of, options.folds));
    std::vector<std::uint8_t> approved;
    for (const double margin : margins) approved.push_back(scale.whole(margin) >= options.thresholds.accepted);
    for (const PeopleGroups& groups : given.groups) {
      out.fairness.push_back(measure_fairness(groups, std::string(kMembers[member]), approved, data.labels));
    }
  }
  out.reference = points_reference(scale, scores[0].calibrated, data.labels);
  out.scorecard = std::move(kept.scorecard.scorecard);
  absorb(scores[0].line, out.scorecard);
  out.forecast = scores[0].curve;
  out.boosted = std::move(kept.boosted);
  out.boosted_source = std::move(kept.boosted_source);
  out.calibration = scores[1].line;
  for (const LeftOut& one : kept.scorecard.left_out) result.notes.push_back(left_out_note(one));
  return result;
}

}  // namespace vigie::training
