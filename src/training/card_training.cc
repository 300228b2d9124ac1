#include "training/card_training.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/number.h"
#include "base/parallel.h"
#include "base/random.h"
#include "dataset/split.h"
#include "features/card.h"
#include "training/card_contributions.h"
#include "training/card_members.h"
#include "training/card_out_of_fold.h"
#include "training/card_parameters.h"
#include "training/card_reference.h"
#include "training/card_rows.h"
#include "training/combine.h"
#include "training/metrics.h"

namespace vigie::training {
namespace {

constexpr std::size_t kTime = 0;
constexpr std::size_t kAmount = 1;

// Streams of a run's seed.
constexpr std::uint64_t kSplitStream = 1;
constexpr std::uint64_t kFoldsStream = 2;
constexpr std::uint64_t kMembersStream = 3;
constexpr std::uint64_t kRefitStream = 4;
std::uint64_t derive(std::uint64_t seed, std::uint64_t stream) { return Random(seed, stream).next(); }

// One seed's way through the protocol.
struct Run {
  dataset::Split split;
  OutOfFold out_of_fold;
  CardMembers members;  // fitted on the training part
  model::Combination combination;
  model::ThresholdChoice threshold;
  std::vector<double> ensemble_out_of_fold;
  std::vector<model::ScorerEvaluation> scorers;
  std::vector<model::FeatureReference> fields;  // of the seed whose model is kept
};

std::string percent(double share) { return format_double(std::round(share * 1e4) / 1e2) + " %"; }

Result<dataset::Split> hold_out(const CardData& data, const CardTrainingOptions& options, std::uint64_t seed) {
  if (!options.split_by_time) return dataset::split_random(data.labels, options.test_share, derive(seed, kSplitStream));
  std::vector<double> time(data.rows());
  for (std::size_t i = 0; i < time.size(); ++i) time[i] = data.row(i)[kTime];
  auto split = VIGIE_TRY(dataset::split_by_time(time, options.test_share));
  for (const std::uint8_t label : {std::uint8_t{1}, std::uint8_t{0}}) {
    const auto has = [&](std::uint32_t row) { return data.labels[row] == label; };
    if (std::any_of(split.test.begin(), split.test.end(), has)) continue;
    return fail(Code::kInvalidData,
                "the last " + percent(options.test_share) + " by Time have no row of class " + std::to_string(label),
                {.field = "Time"}, "hold out a larger share, or random rows");
  }
  return split;
}

bool refits(const CardData& data, const CardTrainingOptions& options) {
  return options.refit == Refit::kAlways || (options.refit == Refit::kAuto && data.rows() <= kRefitRows);
}

// What the kept model is fitted on.
std::vector<std::uint32_t> kept_rows(const CardData& data, const CardTrainingOptions& options,
                                     const dataset::Split& split) {
  if (!refits(data, options)) return split.train;
  std::vector<std::uint32_t> rows(data.rows());
  std::iota(rows.begin(), rows.end(), 0u);
  return rows;
}

std::vector<double> weights_of(const CardData& data, std::span<const std::uint32_t> rows) {
  std::vector<double> weights;
  if (data.weights.empty()) return weights;
  weights.reserve(rows.size());
  for (const std::uint32_t row : rows) weights.push_back(data.weights[row]);
  return weights;
}

CardFitOptions fit_options(const CardTrainingOptions& options, std::uint64_t seed) {
  CardFitOptions fit;
  fit.scaler = options.scaler;
  fit.isolation = {.trees = options.isolation_trees, .sample_size = options.isolation_sample};
  fit.boosted = options.boosted;
  fit.seed = seed;
  fit.lanes = options.lanes;
  fit.threads = options.threads;
  return fit;
}

// A step whose units are boosting rounds, counted over all folds.
class RoundProgress {
 public:
  RoundProgress(Progress& progress, std::string_view step, std::uint64_t total) : progress_(progress) {
    progress_.begin(step, total, "rounds");
  }
  ~RoundProgress() { progress_.end(); }
  RoundProgress(const RoundProgress&) = delete;
  RoundProgress& operator=(const RoundProgress&) = delete;
  void advance() { progress_.advance_to(done_.fetch_add(1) + 1); }

 private:
  Progress& progress_;
  std::atomic<std::uint64_t> done_{0};
};

Result<CardMembers> fit_whole(const CardData& data, std::span<const std::uint32_t> rows,
                              const CardTrainingOptions& options, std::uint64_t seed, std::string_view step,
                              Progress& progress) {
  RoundProgress rounds(progress, step, options.boosted.rounds);
  CardFitOptions fit = fit_options(options, seed);
  fit.on_round = [&](std::uint32_t) { rounds.advance(); };
  return fit_card_members(data, {.rows = {rows.begin(), rows.end()}, .negative_scale = 1}, fit);
}

// The given weights over the members as they are fitted now: the isolation forest's range is theirs.
Result<model::Combination> weighted_combination(const std::array<double, 2>& weights, const CardMembers& members) {
  const auto [low, high] = std::minmax_element(members.isolation_scores.begin(), members.isolation_scores.end());
  const std::array<WeightedTerm, 2> terms = {{
      {.member = std::string(model::kIsolationForest),
       .weight = weights[0],
       .scaled = true,
       .low = *low,
       .high = *high},
      {.member = std::string(model::kXgboost), .weight = weights[1]},
  }};
  return combine_weighted(terms);
}

// What the ensemble is, from out-of-fold scores only; its scores on them go to `run` too.
Status combine(const CardTrainingOptions& options, Run& run) {
  const OutOfFold& oof = run.out_of_fold;
  std::array<MemberScores, 2> members = {
      {{std::string(model::kIsolationForest), oof.isolation}, {std::string(model::kXgboost), oof.boosted}}};
  if (!options.weights) {
    run.combination = VIGIE_TRY(combine_auto(members, oof.labels, oof.weights, options.threads));
    run.ensemble_out_of_fold = combined_scores(run.combination, members, options.threads);
    return {};
  }
  run.combination = VIGIE_TRY(weighted_combination(*options.weights, run.members));
  // Each fold has a range of its own, so its scores come scaled already.
  members[0].scores = oof.isolation_scaled;
  model::Combination of_scaled = run.combination;
  of_scaled.terms[0].transform = {};
  run.ensemble_out_of_fold = combined_scores(of_scaled, members, options.threads);
  return {};
}

// A member's own threshold is its best F1, whatever the ensemble's policy.
Result<double> member_threshold(const Ranking& ranking, F1Rule rule, const CardTrainingOptions& options) {
  ThresholdOptions own;
  own.rule = options.stable_threshold ? rule : F1Rule::kOptimum;
  own.low = ranking.score.back();
  own.high = ranking.score.front();
  own.threads = options.threads;
  const auto choice = VIGIE_TRY(choose_threshold(ranking, own));
  return choice.value;
}

Result<model::ThresholdChoice> ensemble_threshold(const CardData& data, const Run& run, const Ranking& ranking,
                                                  const CardTrainingOptions& options, std::uint64_t seed) {
  const OutOfFold& oof = run.out_of_fold;
  ThresholdOptions wanted;
  wanted.policy = options.threshold;
  wanted.target = options.threshold_target;
  wanted.cost_fn = options.cost_fn;
  wanted.cost_fp = options.cost_fp;
  if (options.stable_threshold) {
    // Calibrated scores are probabilities; a lone member that auto fell back to is brought to one first.
    wanted.rule = options.weights                                              ? F1Rule::kSmoothed
                  : run.combination.space == model::Combination::Space::kLogit ? F1Rule::kHalfF
                                                                               : F1Rule::kPlatt;
  }
  wanted.replicates = options.replicates;
  wanted.seed = seed;
  wanted.threads = options.threads;
  std::vector<double> amounts;
  if (options.threshold == ThresholdPolicy::kCost && options.cost_is_amount) {
    for (const std::uint32_t row : oof.rows) amounts.push_back(data.row(row)[kAmount]);
    wanted.amounts = amounts;
  }
  return choose_threshold(ranking, wanted);
}

// Held-out rows as the metrics want them.
struct HeldOut {
  std::vector<std::uint8_t> labels;
  std::vector<double> weights;
  std::array<MemberScores, 2> members;
};

HeldOut score_held_out(const CardData& data, const Run& run, std::size_t threads) {
  HeldOut held_out;
  const std::vector<std::uint32_t>& rows = run.split.test;
  for (const std::uint32_t row : rows) held_out.labels.push_back(data.labels[row]);
  held_out.weights = weights_of(data, rows);
  held_out.members = {{{std::string(model::kIsolationForest), std::vector<double>(rows.size())},
                       {std::string(model::kXgboost), std::vector<double>(rows.size())}}};
  score_card_rows(run.members, data, rows, held_out.members[0].scores, held_out.members[1].scores, threads);
  return held_out;
}

Result<Run> run_seed(const CardData& data, const CardTrainingOptions& options, std::uint64_t seed,
                     std::uint32_t replicates, Stopwatch& watch, Progress& progress) {
  Run run;
  run.split = VIGIE_TRY(hold_out(data, options, seed));
  {
    RoundProgress rounds(progress, "fold models", std::uint64_t{options.folds} * options.boosted.rounds);
    OutOfFoldOptions folds;
    folds.folds = options.folds;
    folds.negatives = options.fold_negatives;
    folds.fit = fit_options(options, 0);
    folds.seed = derive(seed, kFoldsStream);
    folds.threads = options.threads;
    folds.on_round = [&] { rounds.advance(); };
    folds.beside = [&] {
      if (seed != options.seed) return;
      const auto rows = kept_rows(data, options, run.split);
      run.fields = field_references(data, fit_card_amount(data, rows, weights_of(data, rows)));
    };
    run.out_of_fold = VIGIE_TRY(out_of_fold_scores(data, run.split.train, folds));
  }
  watch.lap("out-of-fold scores");
  run.members = VIGIE_TRY(fit_whole(data, run.split.train, options, derive(seed, kMembersStream), "model", progress));
  watch.lap("members");

  VIGIE_TRY(combine(options, run));
  const OutOfFold& oof = run.out_of_fold;
  const std::array<std::span<const double>, 3> scorers = {oof.isolation, oof.boosted, run.ensemble_out_of_fold};
  std::array<Ranking, 3> rankings;
  parallel_for(options.threads, rankings.size(),
               [&](std::size_t scorer) { rankings[scorer] = rank(scorers[scorer], oof.labels, oof.weights); });
  const double isolation = VIGIE_TRY(member_threshold(rankings[0], F1Rule::kSmoothed, options));
  const double boosted = VIGIE_TRY(member_threshold(rankings[1], F1Rule::kPlatt, options));
  run.threshold = VIGIE_TRY(ensemble_threshold(data, run, rankings[2], options, seed));
  watch.lap("combination and thresholds");

  const HeldOut held_out = score_held_out(data, run, options.threads);
  const EvaluationOptions measure{.replicates = replicates, .seed = seed, .threads = options.threads};
  const auto add = [&](std::string_view scorer, std::span<const double> scores, double threshold) -> Status {
    run.scorers.push_back(
        VIGIE_TRY(evaluate_scorer(scorer, scores, held_out.labels, held_out.weights, threshold, measure)));
    return {};
  };
  VIGIE_TRY(add(model::kIsolationForest, held_out.members[0].scores, isolation));
  VIGIE_TRY(add(model::kXgboost, held_out.members[1].scores, boosted));
  VIGIE_TRY(
      add(model::kEnsemble, combined_scores(run.combination, held_out.members, options.threads), run.threshold.value));
  watch.lap("evaluation");
  return run;
}

// The scorers that will serve must give what the definition gives, bit for bit, on rows from outside training.
Status self_check(const CardMembers& members, const CardData& data, std::span<const std::uint32_t> rows) {
  constexpr std::size_t kChecked = 1000;
  const std::size_t step = std::max<std::size_t>(1, rows.size() / kChecked);
  std::array<float, schema::kCardInputs> inputs;
  for (std::size_t i = 0; i < rows.size(); i += step) {
    features::card_inputs(data.row(rows[i]), members.inputs, inputs);
    double isolation = 0;
    double boosted = 0;
    members.isolation_scorer->score(inputs, std::span(&isolation, 1));
    members.boosted_scorer->score(inputs, std::span(&boosted, 1));
    if (isolation != scoring::reference_score(members.isolation, inputs) ||
        boosted != scoring::reference_score(members.boosted, inputs)) {
      return fail(Code::kInternal, "the packed scorer differs from its reference on a held-out row", {},
                  "please report this with the data's description");
    }
  }
  return {};
}

std::vector<model::SeedSummary> summarise(std::span<const std::vector<model::ScorerEvaluation>> runs) {
  std::vector<model::SeedSummary> summaries;
  const auto add = [&](std::size_t scorer, std::string_view metric, auto&& value) {
    model::SeedSummary summary{.scorer = runs.front()[scorer].scorer, .metric = std::string(metric), .values = {}};
    for (const auto& run : runs) summary.values.push_back(value(run[scorer]));
    const auto count = static_cast<double>(summary.values.size());
    summary.mean = std::accumulate(summary.values.begin(), summary.values.end(), 0.0) / count;
    double squares = 0;
    for (const double x : summary.values) squares += (x - summary.mean) * (x - summary.mean);
    summary.deviation = std::sqrt(squares / (count - 1));
    summaries.push_back(std::move(summary));
  };
  for (std::size_t scorer = 0; scorer < runs.front().size(); ++scorer) {
    for (const model::Metric& metric : model::kMetrics) {
      add(scorer, metric.name, [&](const model::ScorerEvaluation& e) { return (e.*metric.field).value; });
    }
    add(scorer, "threshold", [](const model::ScorerEvaluation& e) { return e.threshold; });
  }
  return summaries;
}

// Rows that training owns, where the caller's had duplicates.
struct OwnRows {
  std::vector<double> raw;
  std::vector<std::uint8_t> labels;
  std::vector<double> weights;
};

OwnRows keep_rows(const CardData& data, std::span<const std::uint32_t> rows) {
  OwnRows own;
  own.raw.reserve(rows.size() * schema::kCardRaw);
  for (const std::uint32_t row : rows) {
    const auto values = data.row(row);
    own.raw.insert(own.raw.end(), values.begin(), values.end());
    own.labels.push_back(data.labels[row]);
    if (!data.weights.empty()) own.weights.push_back(data.weights[row]);
  }
  return own;
}

double positive_share(const CardData& data) {
  double positives = 0;
  double all = 0;
  for (std::size_t i = 0; i < data.rows(); ++i) {
    all += data.weight(i);
    positives += data.weight(i) * data.labels[i];
  }
  return all > 0 ? positives / all : 0;
}

void ship(CardMembers members, const CardData& data, std::span<const std::uint32_t> rows, double contamination,
          model::CardModel& out) {
  set_own_threshold(members.isolation, contamination, members.isolation_scores, weights_of(data, rows));
  out.inputs = std::move(members.inputs);
  out.boosted = std::move(members.boosted);
  out.boosted_source = std::move(members.boosted_source);
  out.isolation = std::move(members.isolation);
}

}  // namespace

BoostedOptions card_boosted_defaults() {
  BoostedOptions options;
  options.lambda = 5;
  options.others = {{"colsample_bynode", "0.5"}};
  return options;
}

Result<CardTrainingResult> train_card(const CardTrainingData& given, const CardTrainingOptions& options,
                                      Progress& progress) {
  VIGIE_TRY(check_card_options(options));
  CardData data{.raw = given.raw, .labels = given.labels, .weights = given.weights};
  VIGIE_TRY(check_card_rows(data));
  CardTrainingResult result;
  Stopwatch watch(result.steps);
  model::CardModel& out = result.model;

  OwnRows own;
  if (options.drop_duplicates) {
    const auto distinct = distinct_card_rows(data);
    out.data.dropped_duplicates = data.rows() - distinct.size();
    if (out.data.dropped_duplicates > 0) {
      own = keep_rows(data, distinct);
      data = {.raw = own.raw, .labels = own.labels, .weights = own.weights};
      result.notes.push_back(with_thousands(out.data.dropped_duplicates) + " exact duplicates were dropped");
      VIGIE_TRY(check_card_rows(data));
    }
  }
  const std::vector<double> weights = VIGIE_TRY(card_weights(data, options.prevalence));
  data.weights = weights;
  watch.lap("rows");

  std::vector<std::vector<model::ScorerEvaluation>> evaluations;
  Run first;
  for (std::uint32_t s = 0; s < options.seeds; ++s) {
    Run run = VIGIE_TRY(run_seed(data, options, options.seed + s, s == 0 ? options.replicates : 0, watch, progress));
    if (options.seeds > 1) evaluations.push_back(run.scorers);
    if (s == 0) first = std::move(run);
  }
  if (options.seeds > 1) out.seeds = summarise(evaluations);

  out.seed = options.seed;
  out.data.rows = data.rows();
  out.data.positives = static_cast<std::uint64_t>(std::count(data.labels.begin(), data.labels.end(), 1));
  out.data.prevalence = options.prevalence;
  out.parameters = card_parameters(options);
  out.threshold = first.threshold;
  out.combination = first.combination;
  out.evaluation.rows = first.split.test.size();
  out.evaluation.split = options.split_by_time ? "last " + percent(options.test_share) + " by Time"
                                               : "random hold-out of " + percent(options.test_share);
  double all = 0;
  double positives = 0;
  for (const std::uint32_t row : first.split.test) {
    all += data.weight(row);
    positives += data.weight(row) * data.labels[row];
    out.evaluation.positives += data.labels[row];
  }
  out.evaluation.prevalence = positives / all;
  out.evaluation.scorers = std::move(first.scorers);

  VIGIE_TRY(self_check(first.members, data, first.split.test));
  const double contamination = options.contamination.value_or(std::min(0.5, positive_share(data)));
  const std::vector<std::uint32_t> rows = kept_rows(data, options, first.split);
  CardMembers members = std::move(first.members);
  if (refits(data, options)) {
    members =
        VIGIE_TRY(fit_whole(data, rows, options, derive(options.seed, kRefitStream), "model on all rows", progress));
    if (options.weights) out.combination = VIGIE_TRY(weighted_combination(*options.weights, members));
    watch.lap("members on all rows");
  }
  out.reference.contributions = VIGIE_TRY(measure_contributions(members, out.combination, data, options.threads));
  watch.lap("contributions");
  ship(std::move(members), data, rows, contamination, out);
  out.reference.features = std::move(first.fields);
  add_importance(out.boosted, out.reference.features);
  out.reference.score = score_reference(data, first.out_of_fold.rows, first.ensemble_out_of_fold);
  watch.lap("reference");
  return result;
}

}  // namespace vigie::training
