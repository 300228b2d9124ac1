#include "training/transaction_training.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <utility>

#include "base/number.h"
#include "base/parallel.h"
#include "base/random.h"
#include "scoring/ensemble_shap.h"
#include "training/card_reference.h"
#include "training/column_reference.h"
#include "training/combine.h"
#include "training/contributions.h"
#include "training/metrics.h"
#include "training/transaction_calendar.h"
#include "training/transaction_members.h"
#include "training/transaction_replay.h"

namespace vigie::training {
namespace {

constexpr std::int64_t kSecondsADay = 86'400;

// Streams of the seed, one for each use.
constexpr std::uint64_t kFoldStream = 1;
constexpr std::uint64_t kChoiceStream = 2;
constexpr std::uint64_t kKeptStream = 3;
std::uint64_t derive(std::uint64_t seed, std::uint64_t stream) { return Random(seed, stream).next(); }

// The matrix, and where its columns are that a model takes.
struct Inputs {
  TransactionMatrix matrix;
  std::vector<std::size_t> own;   // the model's
  std::vector<std::size_t> book;  // the handbook's; empty where there is no protocol to compare by
};

// Fitted on the same rows.
struct Members {
  TrainedTransactionBoosted boosted;
  TrainedTransactionIsolation isolation;
};

Result<std::vector<std::size_t>> places_of(std::span<const std::string> names) {
  std::vector<std::size_t> places;
  for (const std::string& name : names) {
    const auto place = features::find_transaction_input(name);
    if (!place) {
      return fail(Code::kInvalidArgument, "\"" + name + "\" is no input of a transaction model", {.field = "inputs"},
                  "take names of docs/transaction-models.md");
    }
    if (std::ranges::find(places, *place) != places.end()) {
      return fail(Code::kInvalidArgument, "\"" + name + "\" is given twice", {.field = "inputs"}, "give it once");
    }
    places.push_back(*place);
  }
  if (places.empty()) return fail(Code::kInvalidArgument, "no input is given", {.field = "inputs"}, "give some");
  return places;
}

Result<Inputs> make_inputs(const dataset::TransactionRows& rows, const TransactionTrainingOptions& options,
                           std::uint32_t first, Progress& progress) {
  const auto own = VIGIE_TRY(places_of(options.inputs));
  const auto book = VIGIE_TRY(places_of(handbook_inputs()));
  Inputs inputs;
  std::vector<std::size_t> all = own;
  const auto column_of = [&](std::size_t place) {
    const auto found = std::ranges::find(all, place);
    if (found == all.end()) all.push_back(place);
    return static_cast<std::size_t>(std::ranges::find(all, place) - all.begin());
  };
  for (const std::size_t place : own) inputs.own.push_back(column_of(place));
  if (options.prequential) {
    for (const std::size_t place : book) inputs.book.push_back(column_of(place));
  }
  inputs.matrix = VIGIE_TRY(transaction_matrix(rows, std::int64_t{options.protocol.delay_days} * kSecondsADay,
                                               std::move(all), first, progress));
  return inputs;
}

BoostedOptions boosted_options(const TransactionTrainingOptions& options, std::uint64_t seed) {
  BoostedOptions boosted = options.boosted;
  boosted.seed = seed;
  boosted.lanes = options.lanes;
  boosted.threads = options.threads;
  return boosted;
}

Result<model::PrequentialFigures> try_fold(const dataset::TransactionRows& rows, const TransactionMatrix& matrix,
                                           const PrequentialSplit& fold, std::span<const std::size_t> columns,
                                           const BoostedOptions& options, std::uint32_t cards) {
  const auto boosted = VIGIE_TRY(fit_transaction_boosted(matrix, rows, fold.train, columns, options));
  const auto scores = score_transactions(*boosted.scorer, matrix, fold.test, columns, 1);
  return prequential_figures(rows, fold.test, scores, cards);
}

Result<model::Prequential> measure_folds(const dataset::TransactionRows& rows, const Inputs& inputs,
                                         std::span<const PrequentialSplit> folds,
                                         const TransactionTrainingOptions& options, Progress& progress) {
  const PrequentialOptions& protocol = options.protocol;
  model::Prequential out{.train_days = protocol.train_days,
                         .delay_days = protocol.delay_days,
                         .test_days = protocol.test_days,
                         .cards = protocol.cards};
  for (const PrequentialSplit& fold : folds) {
    out.folds.push_back({.train_from = date_of(fold.train_from),
                         .test_from = date_of(fold.test_from),
                         .train_rows = fold.train.size(),
                         .train_positives = positives_of(labels_of(rows, fold.train)),
                         .test_rows = fold.test.size(),
                         .test_positives = positives_of(labels_of(rows, fold.test))});
  }
  const std::pair<std::string, std::span<const std::size_t>> scorers[] = {{"xgboost", inputs.own},
                                                                          {"xgboost, handbook's inputs", inputs.book}};
  // Every fit is small: side by side, with a lane each, they are done sooner than one after the other with many.
  BoostedOptions boosted = boosted_options(options, derive(options.seed, kFoldStream));
  boosted.lanes = 1;
  boosted.threads = 1;
  const std::size_t fits = std::size(scorers) * folds.size();
  std::vector<Result<model::PrequentialFigures>> figures(fits);
  std::atomic<std::uint64_t> done{0};
  progress.begin("prequential", fits, "models");
  parallel_for(options.threads, fits, [&](std::size_t fit) {
    const auto& columns = scorers[fit / folds.size()].second;
    figures[fit] = try_fold(rows, inputs.matrix, folds[fit % folds.size()], columns, boosted, protocol.cards);
    progress.advance_to(done.fetch_add(1) + 1);
  });
  progress.end();
  for (std::size_t s = 0; s < std::size(scorers); ++s) {
    model::PrequentialScorer& scorer = out.scorers.emplace_back();
    scorer.name = scorers[s].first;
    for (std::size_t f = 0; f < folds.size(); ++f) {
      scorer.folds.push_back(VIGIE_TRY(std::move(figures[s * folds.size() + f])));
    }
    summarise(scorer);
  }
  return out;
}

Result<Members> fit_members(const dataset::TransactionRows& rows, const Inputs& inputs,
                            std::span<const std::uint32_t> chosen, const TransactionTrainingOptions& options,
                            std::uint64_t stream, std::string_view step, Progress& progress) {
  Random seeds(options.seed, stream);
  const IsolationOptions isolation{.trees = options.isolation_trees,
                                   .sample_size = options.isolation_sample,
                                   .seed = seeds.next(),
                                   .threads = options.threads};
  progress.begin(step, options.boosted.rounds, "rounds");
  Members members;
  members.isolation = VIGIE_TRY(fit_transaction_isolation(inputs.matrix, chosen, inputs.own, isolation));
  members.boosted =
      VIGIE_TRY(fit_transaction_boosted(inputs.matrix, rows, chosen, inputs.own, boosted_options(options, seeds.next()),
                                        [&](std::uint32_t done) { progress.advance_to(done); }));
  progress.end();
  return members;
}

std::array<MemberScores, 2> score_members(const Members& members, const Inputs& inputs,
                                          std::span<const std::uint32_t> rows, std::size_t threads) {
  return {{{std::string(model::kIsolationForest),
            score_transactions(*members.isolation.scorer, inputs.matrix, rows, inputs.own, threads)},
           {std::string(model::kXgboost),
            score_transactions(*members.boosted.scorer, inputs.matrix, rows, inputs.own, threads)}}};
}

// What is chosen on days that the members had not learnt from.
struct Choice {
  model::Combination combination;
  model::ThresholdChoice threshold;
  std::array<double, 2> member_thresholds{};
  std::vector<double> scores;  // the ensemble's, of TransactionCalendar::choose
};

Result<Choice> choose(std::span<const MemberScores, 2> members, std::span<const std::uint8_t> labels,
                      const TransactionTrainingOptions& options) {
  Choice choice;
  choice.combination = VIGIE_TRY(combine_auto(members, labels, {}, options.threads));
  choice.scores = combined_scores(choice.combination, members, options.threads);
  ThresholdOptions wanted;
  wanted.policy = options.threshold;
  wanted.target = options.threshold_target;
  wanted.cost_fn = options.cost_fn;
  wanted.cost_fp = options.cost_fp;
  // Calibrated scores are probabilities; a lone member that the blend fell back to is brought to one first.
  wanted.rule = choice.combination.space == model::Combination::Space::kLogit ? F1Rule::kHalfF : F1Rule::kPlatt;
  wanted.replicates = options.replicates;
  wanted.seed = options.seed;
  wanted.threads = options.threads;
  choice.threshold = VIGIE_TRY(choose_threshold(rank(choice.scores, labels, {}), wanted));
  constexpr std::array kRules = {F1Rule::kSmoothed, F1Rule::kPlatt};
  for (std::size_t m = 0; m < members.size(); ++m) {
    const Ranking ranking = rank(members[m].scores, labels, {});
    ThresholdOptions own;
    own.rule = kRules[m];
    own.low = ranking.score.back();
    own.high = ranking.score.front();
    own.threads = options.threads;
    choice.member_thresholds[m] = VIGIE_TRY(choose_threshold(ranking, own)).value;
  }
  return choice;
}

Result<model::Evaluation> evaluate(const TransactionCalendar& days, const Choice& choice,
                                   std::span<const MemberScores, 2> members, std::span<const std::uint8_t> labels,
                                   const TransactionTrainingOptions& options) {
  model::Evaluation out;
  out.rows = labels.size();
  out.positives = positives_of(labels);
  out.prevalence = static_cast<double>(out.positives) / static_cast<double>(out.rows);
  out.split = "the " + std::to_string(options.protocol.test_days) + " days from " + date_of(days.test) + " on, " +
              std::to_string(options.protocol.delay_days) + " days after those learnt from";
  const EvaluationOptions measure{.replicates = options.replicates, .seed = options.seed, .threads = options.threads};
  for (std::size_t m = 0; m < members.size(); ++m) {
    out.scorers.push_back(VIGIE_TRY(
        evaluate_scorer(members[m].member, members[m].scores, labels, {}, choice.member_thresholds[m], measure)));
  }
  const auto ensemble = combined_scores(choice.combination, members, options.threads);
  out.scorers.push_back(
      VIGIE_TRY(evaluate_scorer(model::kEnsemble, ensemble, labels, {}, choice.threshold.value, measure)));
  return out;
}

std::vector<model::FeatureReference> input_references(const Inputs& inputs, std::span<const std::uint32_t> rows,
                                                      std::span<const std::uint8_t> labels) {
  std::vector<model::FeatureReference> references;
  const auto names = input_names(inputs.matrix, inputs.own);
  std::vector<double> values(rows.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    for (std::size_t row = 0; row < rows.size(); ++row) {
      values[row] = static_cast<double>(inputs.matrix.row(rows[row])[inputs.own[i]]);
    }
    references.push_back(column_reference(names[i], values, labels));
  }
  return references;
}

Result<model::Contributions> contributions_of(const Members& members, const model::Combination& combination,
                                              const Inputs& inputs, std::span<const std::uint32_t> rows,
                                              std::span<const std::uint8_t> labels) {
  const auto explainer = VIGIE_TRY(scoring::EnsembleExplainer::make(combination, members.isolation.forest,
                                                                    members.boosted.forest, scoring::Tables::kNone));
  const ContributionSample sample = sample_to_explain(labels, [](std::size_t) { return 1.0; });
  std::vector<std::uint32_t> chosen;
  for (const std::uint32_t at : sample.rows) chosen.push_back(rows[at]);
  const auto scores = score_members(members, inputs, chosen, 1);
  const std::vector<float> matrix = gather(inputs.matrix, chosen, inputs.own);
  Explanations explained{.width = inputs.own.size(),
                         .features = {matrix.begin(), matrix.end()},
                         .contributions = std::vector<double>(matrix.size())};
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const std::array<double, 2> row_scores = {scores[0].scores[i], scores[1].scores[i]};
    const std::size_t at = i * explained.width;
    explainer.contributions(std::span(matrix).subspan(at, explained.width), row_scores,
                            std::span(explained.contributions).subspan(at, explained.width));
  }
  return summarise_contributions(explained, sample, input_names(inputs.matrix, inputs.own), explainer.base_score());
}

std::vector<model::Parameter> parameters_of(const TransactionTrainingOptions& o) {
  std::vector<model::Parameter> all;
  const auto add = [&](std::string_view name, std::string value) {
    all.push_back({std::string(name), std::move(value)});
  };
  add("seed", std::to_string(o.seed));
  add("train_days", std::to_string(o.protocol.train_days));
  add("delay_days", std::to_string(o.protocol.delay_days));
  add("test_days", std::to_string(o.protocol.test_days));
  add("threshold.policy", std::string(to_string(o.threshold)));
  if (o.threshold == ThresholdPolicy::kCost) {
    add("threshold.cost_fn", format_double(o.cost_fn));
    add("threshold.cost_fp", format_double(o.cost_fp));
  } else if (o.threshold != ThresholdPolicy::kF1) {
    add("threshold.target", format_double(o.threshold_target));
  }
  add("lanes", std::to_string(o.lanes));
  add("isolation_forest.trees", std::to_string(o.isolation_trees));
  add("isolation_forest.sample_size", std::to_string(o.isolation_sample));
  for (const auto& [name, value] : boosted_parameters(o.boosted)) add("xgboost." + name, value);
  return all;
}

void add_notes(const dataset::TransactionRows& rows, const TransactionCalendar& days,
               const PrequentialOptions& protocol, TransactionTrainingResult& result) {
  if (rows.form == dataset::TransactionForm::kHandbook) {
    result.notes.emplace_back("the columns are the handbook's: every transaction is taken as paiement");
  }
  if (rows.sorted_here) result.notes.emplace_back("the file was not in order of time and was sorted");
  if (rows.rejected > 0) result.notes.push_back(with_thousands(rows.rejected) + " rows were rejected");
  result.notes.push_back("days before " + date_of(days.first) +
                         " only fill the history; the model learns from there to " +
                         date_of(days.test - protocol.delay_days - 1));
}

}  // namespace

BoostedOptions transaction_boosted_defaults() {
  BoostedOptions options;
  options.rounds = 150;
  options.max_depth = 4;
  options.eta = 0.05;
  options.max_bin = 1024;  // what tells frauds is in the tails, where 256 bins are too few
  options.subsample = 0.7;
  options.others = {{"colsample_bynode", "0.5"}};
  return options;
}

std::vector<std::string> handbook_inputs() {
  return {"montant",
          "week_end",
          "nuit",
          "nb_transactions_24h",
          "nb_transactions_7j",
          "nb_transactions_30j",
          "montant_moyen_24h",
          "montant_moyen_7j",
          "montant_moyen_30j",
          "terminal_nb_1j",
          "terminal_nb_7j",
          "terminal_nb_30j",
          "terminal_risque_1j",
          "terminal_risque_7j",
          "terminal_risque_30j"};
}

std::vector<std::string> transaction_input_defaults() {
  std::vector<std::string> names = handbook_inputs();
  for (const char* name :
       {"montant_ratio_7j", "montant_ratio_30j", "montant_zscore_30j", "montant_max_7j", "montant_max_30j"}) {
    names.emplace_back(name);
  }
  return names;
}

Result<TransactionTrainingResult> train_transaction(const dataset::TransactionRows& rows,
                                                    const TransactionTrainingOptions& options, Progress& progress) {
  TransactionTrainingResult result;
  Stopwatch watch(result.steps);
  VIGIE_TRY(places_of(options.inputs));
  const TransactionCalendar days = VIGIE_TRY(make_calendar(rows, options.protocol));
  std::vector<PrequentialSplit> folds;
  if (options.prequential) folds = VIGIE_TRY(prequential_folds(rows, options.protocol));
  std::uint32_t first = days.learn.front();
  for (const PrequentialSplit& fold : folds) first = std::min(first, fold.train.front());
  const Inputs inputs = VIGIE_TRY(make_inputs(rows, options, first, progress));
  watch.lap("replay");

  model::TransactionModel& out = result.model;
  if (options.prequential) {
    out.evaluation.prequential = VIGIE_TRY(measure_folds(rows, inputs, folds, options, progress));
    watch.lap("prequential");
  }
  Choice choice;
  {
    const Members early =
        VIGIE_TRY(fit_members(rows, inputs, days.early, options, kChoiceStream, "earlier model", progress));
    const auto scores = score_members(early, inputs, days.choose, options.threads);
    choice = VIGIE_TRY(choose(scores, labels_of(rows, days.choose), options));
    watch.lap("combination and threshold");
  }
  Members members = VIGIE_TRY(fit_members(rows, inputs, days.learn, options, kKeptStream, "model", progress));
  watch.lap("members");
  auto evaluation = VIGIE_TRY(evaluate(days, choice, score_members(members, inputs, days.tests, options.threads),
                                       labels_of(rows, days.tests), options));
  evaluation.prequential = std::move(out.evaluation.prequential);
  out.evaluation = std::move(evaluation);
  watch.lap("figures");

  const std::vector<std::uint8_t> labels = labels_of(rows, days.learn);
  out.seed = options.seed;
  out.data.rows = labels.size();
  out.data.positives = positives_of(labels);
  out.inputs = input_names(inputs.matrix, inputs.own);
  out.combination = std::move(choice.combination);
  out.threshold = choice.threshold;
  out.parameters = parameters_of(options);
  out.reference.features = input_references(inputs, days.learn, labels);
  out.reference.score = column_reference("score", choice.scores, labels_of(rows, days.choose));
  out.reference.contributions = VIGIE_TRY(contributions_of(members, out.combination, inputs, days.learn, labels));
  const double share = static_cast<double>(out.data.positives) / static_cast<double>(out.data.rows);
  set_own_threshold(
      members.isolation.forest, std::min(0.5, share),
      score_transactions(*members.isolation.scorer, inputs.matrix, days.learn, inputs.own, options.threads), {});
  out.boosted = std::move(members.boosted.forest);
  out.boosted_source = std::move(members.boosted.source);
  out.isolation = std::move(members.isolation.forest);
  add_importance(out.boosted, out.reference.features);
  add_notes(rows, days, options.protocol, result);
  watch.lap("reference");
  return result;
}

}  // namespace vigie::training
