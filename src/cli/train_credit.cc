#include <CLI/CLI.hpp>
#include <memory>

#include "base/json_writer.h"
#include "base/number.h"
#include "base/parallel.h"
#include "cli/credit_options.h"
#include "cli/credit_text.h"
#include "cli/package_origin.h"
#include "cli/train_commands.h"
#include "cli/training_options.h"
#include "model/credit_model.h"
#include "training/credit_training.h"

namespace vigie::cli {
namespace {

struct CreditFlags {
  std::string data;
  std::string out;
  std::string name = "credit";
  std::string created_at;
  std::string target = "defaut";
  std::string delimiter = "comma";
  std::string thresholds = "300,600,800";
  bool no_header = false;
  std::vector<std::string> good;
  std::vector<std::string> map;
  std::vector<std::string> special;
  std::vector<std::string> trends;
  std::vector<std::string> boosted;
  training::CreditReading reading;
  training::CreditTrainingOptions training;
};

std::string comma_list(const std::vector<std::string>& values) {
  std::string out;
  for (const std::string& value : values) out += (out.empty() ? "" : ",") + value;
  return out;
}

void write_json(JsonWriter& json, const CreditFlags& options, const training::CreditRows& rows,
                const training::CreditTrainingResult& result, const model::PackageInfo& package) {
  const model::CreditModel& model = result.model;
  json.begin_object().member("model", options.out).member("version", package.version);
  json.member("rows", model.data.rows).member("defaults", model.data.positives);
  json.member("rejected", model.data.rejected).member("indeterminate", rows.indeterminate);
  json.key("held_out");
  model::write_summary(json, model.evaluation);
  json.key("folds");
  write_folds(json, model);
  json.key("fairness");
  write_fairness(json, model);
  json.key("notes").begin_array();
  for (const std::string& note : result.notes) json.value(note);
  json.end_array().end_object();
}

Status run(CreditFlags options, Session& session) {
  training::CreditReading& reading = options.reading;
  training::CreditTrainingOptions& training = options.training;
  for (const std::string& text : options.map) reading.map.push_back(VIGIE_TRY(parse_mapping(text)));
  for (const std::string& text : options.special) VIGIE_TRY(add_special(reading, text));
  for (const std::string& text : options.trends) VIGIE_TRY(add_trend(reading, text));
  for (const std::string& text : options.boosted) VIGIE_TRY(set_boosted(training.boosted, text));
  VIGIE_TRY(set_target(reading, options.target));
  for (const std::string& text : options.good) VIGIE_TRY(add_good(reading, text));
  reading.delimiter = VIGIE_TRY(parse_delimiter(options.delimiter));
  reading.header = !options.no_header;
  training.thresholds = VIGIE_TRY(parse_thresholds(options.thresholds));
  training.threads = thread_count(training.threads);
  reading.threads = training.threads;

  const auto rows = VIGIE_TRY(training::read_credit_rows(options.data, reading, session.progress()));
  auto result = VIGIE_TRY(training::train_credit(
      {.data = {.columns = rows.columns, .labels = rows.labels}, .groups = rows.groups}, training, session.progress()));
  result.notes.insert(result.notes.begin(), rows.notes.begin(), rows.notes.end());
  model::CreditModel& model = result.model;
  set_origin(options, rows, model);
  model.target = reading.target + "=" + reading.bad;
  if (!reading.good.empty()) {
    const model::Parameter kept[] = {{"target.good", comma_list(reading.good)},
                                     {"target.indeterminate", std::to_string(rows.indeterminate)}};
    model.parameters.insert(model.parameters.begin(), std::begin(kept), std::end(kept));
  }
  const auto package = VIGIE_TRY(model::write_package(options.out, model));

  if (session.json()) {
    JsonWriter json(2);
    write_json(json, options, rows, result, package);
    session.print(std::move(json).text() + "\n");
    return {};
  }
  for (const std::string& note : result.notes) session.note(note);
  session.print("\n" + credit_figures_text(model) + "\nPackage " + options.out + ": model \"" + model.name +
                "\", version " + package.version + "\n");
  return {};
}

void add_data_options(CLI::App& command, CreditFlags& options) {
  const std::string group = "Data";
  command.add_option("--data", options.data, "file of credits and what became of them, plain or .gz/.xz/.zst")
      ->required()
      ->group(group);
  command
      .add_option("--map", options.map,
                  "FIELD=COLUMN or FIELD=COLUMN*FACTOR: which column plays which field; repeatable (default: every "
                  "field whose name is a column's)")
      ->group(group);
  command
      .add_option("--extra", options.reading.extra, "a column that is a further field, numbers or texts; repeatable")
      ->group(group);
  command.add_option("--target", options.target, "COLUMN or COLUMN=VALUE: who defaulted (default defaut=1)")
      ->group(group);
  command
      .add_option("--good", options.good,
                  "VALUE,VALUE: who repaid, where the target has more than two values; rows of others are left out as "
                  "indeterminate; repeatable")
      ->group(group);
  command
      .add_option("--special", options.special,
                  "FIELD=VALUE,VALUE: values that mean something else than their size; repeatable")
      ->group(group);
  command
      .add_option("--fairness", options.reading.fairness,
                  "a column to measure fairness by, field or not; repeatable (age bands always are)")
      ->group(group);
  command
      .add_option("--delimiter", options.delimiter, "comma, semicolon, tab, space, bar, auto, or the character itself")
      ->group(group);
  command.add_flag("--no-header", options.no_header, "the first line is a row: columns are 1, 2, ...")->group(group);
}

void add_model_options(CLI::App& command, CreditFlags& options) {
  const std::string group = "Model";
  training::CreditTrainingOptions& training = options.training;
  command
      .add_option("--trend", options.trends,
                  "FIELD=rising, falling, peak or valley: how its risk goes (default: falling for revenu, rising for "
                  "historique_impaye, what the data say for others); repeatable")
      ->group(group);
  command
      .add_option("--least-information", training.scorecard.least_information,
                  "information value below which a field is left out of the scorecard (default 0.02)")
      ->group(group);
  command
      .add_option("--xgb", options.boosted,
                  "NAME=VALUE: a parameter of XGBoost by its own name, such as rounds=600; repeatable")
      ->group(group);
  command
      .add_option("--thresholds", options.thresholds,
                  "LOW,ACCEPTED,EXCELLENT: points that classes and decisions follow from (default 300,600,800)")
      ->group(group);
  command.add_option("--folds", training.folds, "parts of which each is measured by a fit on the others (default 5)")
      ->group(group);
  command.add_option("--seed", training.seed, "seed of folds and trees (default 1)")->group(group);
  command.add_option("--replicates", training.replicates, "bootstrap samples for intervals; 0: none (default 200)")
      ->group(group);
  command.add_option("--threads", training.threads, "how many threads to use (default: all; the model is the same)")
      ->group(group);
}

}  // namespace

void add_train_credit(CLI::App& parent, Session& session) {
  auto options = std::make_shared<CreditFlags>();
  options->training.threads = 0;  // all
  CLI::App* const command =
      parent.add_subcommand("credit", "Train a scorecard and its challenger for /score, and write their package");
  add_data_options(*command, *options);
  command->add_option("--out", options->out, "model package to write: a folder, or a file ending in .tar.zst")
      ->required();
  command->add_option("--name", options->name, "name of the model (default credit)");
  command->add_option(
      "--created-at", options->created_at,
      "time to record, such as 2026-11-21T08:00:00Z (default: none, so that equal trainings give equal bytes)");
  add_model_options(*command, *options);
  add_json_flag(*command, session);
  describe(
      *command,
      "Every row is measured by a scorecard and by monotone boosted trees that were fitted without its fold; those "
      "that\n"
      "are kept learn from all rows. Fields: age, revenu (a year), historique_impaye, montant_credit,\n"
      "taux_endettement, credits_ouverts, personnes_a_charge.\n"
      "Examples:\n"
      "  vigie train credit --data credit.csv --out models/credit\n"
      "  vigie train credit --data gmsc.csv.xz --map age=age --map revenu=MonthlyIncome*12 \\\n"
      "      --map historique_impaye=NumberOfTimes90DaysLate --special historique_impaye=96,98 \\\n"
      "      --target SeriousDlqin2yrs --out models/credit\n"
      "  vigie train credit --data german.data --no-header --delimiter space --map age=13 --map montant_credit=5 \\\n"
      "      --extra 1 --extra 3 --target 21=2 --fairness 9 --out models/german\n");
  command->callback([options, &session] { session.finish(run(*options, session)); });
}

}  // namespace vigie::cli
