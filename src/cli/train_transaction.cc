#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "base/json_writer.h"
#include "base/number.h"
#include "base/parallel.h"
#include "base/timestamp.h"
#include "cli/choice_option.h"
#include "cli/evaluation_text.h"
#include "cli/package_origin.h"
#include "cli/session.h"
#include "cli/train_commands.h"
#include "cli/training_options.h"
#include "dataset/transaction_rows.h"
#include "model/prequential_json.h"
#include "model/transaction_model.h"
#include "training/transaction_training.h"

namespace vigie::cli {
namespace {

struct TransactionFlags {
  std::string data;
  std::string out;
  std::string name = "transaction";
  std::string created_at;
  std::string rejects;
  std::string start;
  std::string threshold = "f1";
  std::vector<std::string> inputs;
  std::vector<std::string> boosted;
  training::TransactionTrainingOptions training;
};

constexpr std::int64_t kMicrosecondsADay = 86'400'000'000;

Status set_start(training::PrequentialOptions& protocol, const std::string& text) {
  if (text.empty()) return {};
  const auto moment = parse_timestamp(text);
  if (!moment || *moment < 0 || *moment % kMicrosecondsADay != 0) {
    return fail(Code::kInvalidArgument, "\"" + text + "\" is no day", {.field = "--start"},
                "give one such as 2018-08-15");
  }
  protocol.start = *moment / kMicrosecondsADay;
  return {};
}

std::string as_json(const TransactionFlags& options, const training::TransactionTrainingResult& result,
                    const model::PackageInfo& package) {
  const model::TransactionModel& model = result.model;
  JsonWriter json(2);
  json.begin_object().member("model", options.out).member("version", package.version);
  json.member("rows", model.data.rows).member("positives", model.data.positives);
  json.member("rejected", model.data.rejected).key("threshold").begin_object();
  json.member("value", model.threshold.value).member("policy", model.threshold.policy);
  json.member("low", model.threshold.low).member("high", model.threshold.high).end_object();
  json.key("held_out");
  model::write_summary(json, model.evaluation);
  json.key("prequential");
  if (model.evaluation.prequential) {
    model::write_prequential(json, *model.evaluation.prequential);
  } else {
    json.null();
  }
  json.key("seconds").begin_object();
  for (const training::StepTime& step : result.steps) json.member(step.step, step.took.count());
  json.end_object().key("notes").begin_array();
  for (const std::string& note : result.notes) json.value(note);
  json.end_array().end_object();
  return std::move(json).text() + "\n";
}

std::string report(const TransactionFlags& options, const training::TransactionTrainingResult& result,
                   const model::PackageInfo& package) {
  const model::TransactionModel& model = result.model;
  std::string out = "\n";
  if (model.evaluation.prequential) {
    out += "Prequential figures\n" + prequential_text(*model.evaluation.prequential) + "\n";
  }
  out += "Held-out figures of the model that is kept (days that no choice was made on)\n";
  out += evaluation_text(model.evaluation);
  if (model.reference.contributions) out += "\n" + contributions_text(*model.reference.contributions, model.inputs);
  out += fmt::format("\nThreshold {} by {} on earlier days (90 % of bootstrap choices between {:.3f} and {:.3f})\n",
                     format_double(model.threshold.value), model.threshold.policy, model.threshold.low,
                     model.threshold.high);
  out += "Package " + options.out + ": model \"" + model.name + "\", version " + package.version + "\n";
  return out;
}

Status run(TransactionFlags options, Session& session) {
  training::TransactionTrainingOptions& training = options.training;
  training.threads = thread_count(training.threads);
  VIGIE_TRY(set_start(training.protocol, options.start));
  VIGIE_TRY(set_threshold(training, options.threshold));
  for (const std::string& setting : options.boosted) VIGIE_TRY(set_boosted(training.boosted, setting));
  if (!options.inputs.empty()) training.inputs = options.inputs;

  const auto rows = VIGIE_TRY(dataset::read_transaction_rows(
      options.data,
      {.on_bad_row = options.rejects.empty() ? dataset::OnBadRow::kFail : dataset::OnBadRow::kReject,
       .rejects = options.rejects},
      session.progress()));
  auto result = VIGIE_TRY(training::train_transaction(rows, training, session.progress()));
  set_origin(options, rows, result.model);
  const auto package = VIGIE_TRY(model::write_package(options.out, result.model));
  if (session.json()) {
    session.print(as_json(options, result, package));
    return {};
  }
  for (const std::string& note : result.notes) session.note(note);
  session.print(report(options, result, package));
  return {};
}

void add_data_options(CLI::App& command, TransactionFlags& options) {
  const std::string group = "Data";
  command.add_option("--data", options.data, "labelled CSV or NDJSON file, plain or .gz/.xz/.zst")
      ->required()
      ->group(group);
  command
      .add_option("--rejects", options.rejects,
                  "leave out rows that cannot be used and write them here with the reason (default: stop at the first)")
      ->group(group);
}

void add_protocol_options(CLI::App& command, TransactionFlags& options) {
  const std::string group = "Protocol";
  training::PrequentialOptions& protocol = options.training.protocol;
  add_choice<bool>(command, "--protocol", options.training.prequential, {{"book", true}, {"split", false}},
                   "book: the handbook's prequential figures too; split: only the kept model's")
      ->group(group);
  command
      .add_option("--start", options.start,
                  "first day that the latest fold learns from (default: the book's 2018-08-15, or else the last that "
                  "the file has room for)")
      ->group(group);
  command.add_option("--folds", protocol.folds, "prequential folds (default 4)")->group(group);
  command.add_option("--train-days", protocol.train_days, "days that a fold learns from (default 7)")->group(group);
  command
      .add_option("--delay-days", protocol.delay_days,
                  "days until a fraud is known, for folds and the kept model (default 7)")
      ->group(group);
  command
      .add_option("--test-days", protocol.test_days,
                  "days that a fold is tried on, and the kept model is chosen and measured on (default 7)")
      ->group(group);
  command
      .add_option("--cards", protocol.cards,
                  "most suspicious clients of a day that card precision counts (default 100)")
      ->group(group);
  command.add_option("--seed", options.training.seed, "seed of members and bootstrap (default 1)")->group(group);
  command
      .add_option("--replicates", options.training.replicates, "bootstrap samples for intervals; 0: none (default 200)")
      ->group(group);
  command
      .add_option("--threads", options.training.threads,
                  "how many threads to use (default: all; the model is the same)")
      ->group(group);
}

void add_model_options(CLI::App& command, TransactionFlags& options) {
  const std::string group = "Model";
  command
      .add_option("--inputs", options.inputs,
                  "what the model takes, by the names in docs/transaction-models.md (default: the 20 told there)")
      ->delimiter(',')
      ->group(group);
  command
      .add_option("--xgb", options.boosted, "an XGBoost parameter, NAME=VALUE, such as max_depth=6; may be repeated")
      ->group(group);
  command
      .add_option("--isolation-trees", options.training.isolation_trees, "trees of the isolation forest (default 100)")
      ->group(group);
  command
      .add_option("--isolation-sample", options.training.isolation_sample,
                  "rows that each isolation tree is grown on (default 256)")
      ->group(group);
  command
      .add_option("--threshold", options.threshold,
                  "f1, precision=P, recall=R, alerts=N (a share below 1, a number from 1 on), cost, or a number "
                  "(default f1)")
      ->group(group);
  command.add_option("--cost-fn", options.training.cost_fn, "cost of a missed fraud, for --threshold cost (default 1)")
      ->group(group);
  command.add_option("--cost-fp", options.training.cost_fp, "cost of a false alarm, for --threshold cost (default 1)")
      ->group(group);
}

}  // namespace

void add_train_transaction(CLI::App& parent, Session& session) {
  auto options = std::make_shared<TransactionFlags>();
  options->training.threads = 0;  // all
  CLI::App* const command =
      parent.add_subcommand("transaction", "Train a transaction fraud model and write its package");
  add_data_options(*command, *options);
  command->add_option("--out", options->out, "model package to write: a folder, or a file ending in .tar.zst")
      ->required();
  command->add_option("--name", options->name, "name of the model (default transaction)");
  command->add_option(
      "--created-at", options->created_at,
      "time to record, such as 2026-11-21T08:00:00Z (default: none, so that equal trainings give equal bytes)");
  add_protocol_options(*command, *options);
  add_model_options(*command, *options);
  add_json_flag(*command, session);
  describe(
      *command,
      "Reads recorded transactions under our names (transaction_id, client_id, montant, type, date_transaction,\n"
      "fraude, ...) or the Fraud Detection Handbook's, replays them through the history of their clients and\n"
      "terminals, prints the handbook's prequential figures, and writes a package with its model card. Equal data,\n"
      "seed and software give equal bytes, whatever --threads is.\n"
      "Examples:\n"
      "  vigie train transaction --data transactions.csv --out models/transaction\n"
      "  vigie train transaction --data transactions.csv.xz --protocol split --out models/transaction.tar.zst\n"
      "  vigie train transaction --data transactions.csv --threshold alerts=0.001 --json --out models/transaction\n");
  command->callback([options, &session] { session.finish(run(*options, session)); });
}

}  // namespace vigie::cli
