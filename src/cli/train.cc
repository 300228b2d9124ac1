#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <optional>

#include "base/json_writer.h"
#include "base/number.h"
#include "base/parallel.h"
#include "cli/choice_option.h"
#include "cli/evaluation_text.h"
#include "cli/package_origin.h"
#include "cli/session.h"
#include "cli/train_commands.h"
#include "cli/training_options.h"
#include "dataset/card_rows.h"
#include "model/package.h"
#include "training/card_training.h"

namespace vigie::cli {
namespace {

struct TrainFlags {
  std::string data;
  std::string out;
  std::string name = "card";
  std::string created_at;
  std::string rejects;
  std::string weight_column;
  std::string weights = "0.4,0.6";
  std::string scaler = "standard";
  std::string threshold = "f1";
  std::vector<std::string> boosted;
  std::vector<std::string> monotone;
  training::CardTrainingOptions training;
};

void write_json(JsonWriter& json, const TrainFlags& options, const training::CardTrainingResult& result,
                const model::PackageInfo& package) {
  const model::CardModel& model = result.model;
  json.begin_object().member("model", options.out).member("version", package.version);
  json.member("rows", model.data.rows).member("positives", model.data.positives);
  json.member("dropped_duplicates", model.data.dropped_duplicates).member("rejected", model.data.rejected);
  json.key("threshold").begin_object();
  json.member("value", model.threshold.value).member("policy", model.threshold.policy);
  json.member("low", model.threshold.low).member("high", model.threshold.high).end_object();
  json.key("held_out");
  model::write_summary(json, model.evaluation);
  json.key("seeds").begin_array();
  for (const model::SeedSummary& summary : model.seeds) {
    json.begin_object().member("scorer", summary.scorer).member("metric", summary.metric);
    json.member("mean", summary.mean).member("deviation", summary.deviation);
    json.key("values").values(std::span<const double>(summary.values)).end_object();
  }
  json.end_array();
  json.key("seconds").begin_object();
  for (const training::StepTime& step : result.steps) json.member(step.step, step.took.count());
  json.end_object();
  json.key("notes").begin_array();
  for (const std::string& note : result.notes) json.value(note);
  json.end_array().end_object();
}

std::string report(const TrainFlags& options, const training::CardTrainingResult& result,
                   const model::PackageInfo& package) {
  const model::CardModel& model = result.model;
  std::string out = "\nHeld-out figures (rows that no choice was made on)\n";
  out += evaluation_text(model.evaluation);
  if (!model.seeds.empty()) out += "\n" + seeds_text(model.seeds);
  if (model.reference.contributions)
    out += "\n" + contributions_text(*model.reference.contributions, model.isolation.feature_names);
  out += "\nThreshold " + format_double(model.threshold.value) + " by " + model.threshold.policy +
         fmt::format(" on out-of-fold scores (90 % of bootstrap choices between {:.3f} and {:.3f})\n",
                     model.threshold.low, model.threshold.high);
  out += "Package " + options.out + ": model \"" + model.name + "\", version " + package.version + "\n";
  out += options.out.ends_with(".tar.zst") ? "Model card: vigie model card " + options.out + " --out card.html\n"
                                           : "Model card " + options.out + "/card.html\n";
  return out;
}

Status run(TrainFlags options, Session& session) {
  training::CardTrainingOptions& training = options.training;
  training.threads = thread_count(training.threads);
  training.weights = VIGIE_TRY(parse_weights(options.weights));
  training.scaler = VIGIE_TRY(schema::parse_scaler_kind(options.scaler));
  VIGIE_TRY(set_threshold(training, options.threshold));
  for (const std::string& setting : options.boosted) VIGIE_TRY(set_boosted(training.boosted, setting));
  for (const std::string& setting : options.monotone) VIGIE_TRY(set_monotone(training.boosted, setting));

  const auto rows = VIGIE_TRY(dataset::read_card_rows(
      options.data,
      {.on_bad_row = options.rejects.empty() ? dataset::OnBadRow::kFail : dataset::OnBadRow::kReject,
       .rejects = options.rejects,
       .weight = options.weight_column,
       .threads = training.threads},
      session.progress()));
  auto result = VIGIE_TRY(training::train_card({.raw = rows.values, .labels = rows.labels, .weights = rows.weights},
                                               training, session.progress()));
  set_origin(options, rows, result.model);
  const auto package = VIGIE_TRY(model::write_package(options.out, result.model));

  if (session.json()) {
    JsonWriter json(2);
    write_json(json, options, result, package);
    session.print(std::move(json).text() + "\n");
    return {};
  }
  for (const std::string& note : result.notes) session.note(note);
  session.print(report(options, result, package));
  return {};
}

void add_data_options(CLI::App& command, TrainFlags& options) {
  const std::string group = "Data";
  command.add_option("--data", options.data, "labelled CSV or NDJSON file, plain or .gz/.xz/.zst")
      ->required()
      ->group(group);
  command
      .add_option("--prevalence", options.training.prevalence,
                  "true share of frauds, where the file was under-sampled: trained and measured at that rate")
      ->group(group);
  command.add_option("--weight-column", options.weight_column, "column with each row's weight")->group(group);
  add_choice<bool>(command, "--duplicates", options.training.drop_duplicates, {{"drop", true}, {"keep", false}},
                   "rows equal in every field and label: drop keeps the first, keep keeps all")
      ->group(group);
  command
      .add_option("--rejects", options.rejects,
                  "leave out rows that cannot be used and write them here with the reason (default: stop at the first)")
      ->group(group);
}

void add_protocol_options(CLI::App& command, training::CardTrainingOptions& training) {
  const std::string group = "Protocol";
  command.add_option("--seed", training.seed, "seed of splits, folds and members (default 1)")->group(group);
  command
      .add_option("--seeds", training.seeds,
                  "measure on so many splits, seeds counting up; the first one's model is kept")
      ->check(CLI::Range(1u, 1000u))
      ->group(group);
  command.add_option("--test", training.test_share, "share of rows held out to measure on (default 0.2)")->group(group);
  command.add_flag("--by-time", training.split_by_time, "hold out the last rows by Time instead of random ones")
      ->group(group);
  command.add_option("--folds", training.folds, "folds for out-of-fold scores (default 5)")->group(group);
  command
      .add_option(
          "--fold-negatives", training.fold_negatives,
          "normal rows, weighted up, that a fold's members learn from where it has more than four times as many; "
          "0: all (default 10000)")
      ->group(group);
  using training::Refit;
  add_choice<Refit>(command, "--refit", training.refit,
                    {{"always", Refit::kAlways}, {"auto", Refit::kAuto}, {"never", Refit::kNever}},
                    "fit the kept model on all rows: auto does up to 100,000 rows")
      ->group(group);
  command.add_option("--replicates", training.replicates, "bootstrap samples for intervals; 0: none (default 200)")
      ->group(group);
  command.add_option("--threads", training.threads, "how many threads to use (default: all; the model is the same)")
      ->group(group);
}

void add_model_options(CLI::App& command, TrainFlags& options) {
  const std::string group = "Model";
  training::CardTrainingOptions& training = options.training;
  command
      .add_option("--weights", options.weights,
                  "weights of isolation forest and XGBoost, or auto: chosen and calibrated on out-of-fold scores "
                  "(default 0.4,0.6)")
      ->group(group);
  command.add_option("--scaler", options.scaler, "standard, robust or none (default standard)")->group(group);
  command
      .add_option("--xgb", options.boosted,
                  "NAME=VALUE: a parameter of XGBoost by its own name, such as max_depth=6 or "
                  "early_stopping_rounds=10; repeatable")
      ->group(group);
  command.add_option("--monotone", options.monotone, "FIELD=1 rising or FIELD=-1 falling risk in XGBoost; repeatable")
      ->group(group);
  command
      .add_option("--lanes", training.lanes,
                  "CPUs that XGBoost may share the kept model among (default 2); part of the model: other last digits")
      ->group(group);
  command.add_option("--isolation-trees", training.isolation_trees, "trees of the isolation forest (default 100)")
      ->group(group);
  command.add_option("--isolation-sample", training.isolation_sample, "rows a tree is grown on (default 256)")
      ->group(group);
  command
      .add_option("--contamination", training.contamination,
                  "share of rows above the isolation forest's own threshold (default: the share of frauds)")
      ->group(group);
}

void add_threshold_options(CLI::App& command, TrainFlags& options) {
  const std::string group = "Threshold";
  training::CardTrainingOptions& training = options.training;
  command
      .add_option("--threshold", options.threshold,
                  "f1, precision=P, recall=R, alerts=SHARE or alerts=COUNT, cost, or a number (default f1)")
      ->group(group);
  add_choice<bool>(command, "--threshold-choice", training.stable_threshold, {{"stable", true}, {"single", false}},
                   "stable smooths the choice of f1, single takes the plain optimum")
      ->group(group);
  command.add_option("--cost-fn", training.cost_fn, "cost of a missed fraud, for --threshold cost (default 1)")
      ->group(group);
  command.add_option("--cost-fp", training.cost_fp, "cost of a false alarm, for --threshold cost (default 1)")
      ->group(group);
  command.add_flag("--cost-amount", training.cost_is_amount, "a missed fraud costs its Amount instead of --cost-fn")
      ->group(group);
}

void add_card(CLI::App& parent, Session& session) {
  auto options = std::make_shared<TrainFlags>();
  options->training.threads = 0;  // all
  CLI::App* const command = parent.add_subcommand("card", "Train a card fraud model and write its package");
  add_data_options(*command, *options);
  command->add_option("--out", options->out, "model package to write: a folder, or a file ending in .tar.zst")
      ->required();
  command->add_option("--name", options->name, "name of the model (default card)");
  command->add_option(
      "--created-at", options->created_at,
      "time to record, such as 2026-11-21T08:00:00Z (default: none, so that equal trainings give equal bytes)");
  add_protocol_options(*command, options->training);
  add_model_options(*command, *options);
  add_threshold_options(*command, *options);
  add_json_flag(*command, session);
  describe(
      *command,
      "Reads Time, V1..V28, Amount and Class; holds 20 % out; chooses weights and threshold on out-of-fold scores of\n"
      "the rest; measures on what was held out; writes a package with its model card. Equal data, seed and software\n"
      "give equal bytes, whatever --threads is.\n"
      "Examples:\n"
      "  vigie train card --data card.csv --out models/card\n"
      "  vigie train card --data creditcard.csv.xz --prevalence 0.00172749 --seeds 5 --out models/card\n"
      "  vigie train card --data card.csv --weights auto --threshold precision=0.9 --out models/card\n"
      "  vigie train card --data card.csv --xgb max_depth=6 --xgb eta=0.05 --xgb rounds=300 --out "
      "models/deep.tar.zst\n");
  command->callback([options, &session] { session.finish(run(*options, session)); });
}

}  // namespace

void add_train_commands(CLI::App& app, Session& session) {
  CLI::App* const train = app.add_subcommand("train", "Train a model from labelled data");
  train->require_subcommand(1);
  describe(*train,
           "Examples:\n"
           "  vigie train card --data card.csv --out models/card\n"
           "  vigie train transaction --data transactions.csv --out models/transaction\n"
           "  vigie train credit --data credit.csv --out models/credit\n");
  add_card(*train, session);
  add_train_transaction(*train, session);
  add_train_credit(*train, session);
}

}  // namespace vigie::cli
