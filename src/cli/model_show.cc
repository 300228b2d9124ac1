#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/json_writer.h"
#include "base/number.h"
#include "cli/credit_text.h"
#include "cli/evaluation_text.h"
#include "cli/model_commands.h"
#include "model/credit_json.h"
#include "model/model_json.h"
#include "model/package_contents.h"
#include "model/transaction_model.h"

namespace vigie::cli {
namespace {

std::string line(std::string_view name, const std::string& value) { return fmt::format("{:<12}{}\n", name, value); }

std::string threshold_text(const model::ThresholdChoice& choice) {
  std::string out = fmt::format("{:.6g} by policy {}", choice.value, choice.policy);
  if (choice.target != 0) out += fmt::format(" {:.4g}", choice.target);
  if (choice.policy != "given") {
    out += fmt::format(", expected precision {:.3f}, recall {:.3f}, F1 {:.3f}", choice.expected_precision,
                       choice.expected_recall, choice.expected_f1);
  }
  if (choice.low < choice.high) out += fmt::format("; 5 % to 95 %: {:.4g} to {:.4g}", choice.low, choice.high);
  return out;
}

std::string data_text(const model::DataOrigin& data, std::string_view positives) {
  std::string out = fmt::format("{} rows, {} {}", with_thousands(data.rows), with_thousands(data.positives), positives);
  if (data.dropped_duplicates > 0)
    out += fmt::format(", {} duplicates dropped", with_thousands(data.dropped_duplicates));
  if (data.rejected > 0) out += fmt::format(", {} rows rejected", with_thousands(data.rejected));
  if (data.prevalence) out += fmt::format(", weighted to {:.4g} % frauds", 100 * *data.prevalence);
  return out;
}

// Name, version, kind and maker of any kind of model.
std::string head(const auto& loaded) {
  const auto& model = loaded.model;
  std::string out = line("name", model.name) + line("version", loaded.info.version) + line("kind", loaded.info.kind);
  return out + line("made by", "vigie " + model.software_version +
                                   (model.created_at.empty() ? std::string() : " at " + model.created_at) +
                                   fmt::format(", seed {}", model.seed));
}

std::string parameters_text(const std::vector<model::Parameter>& parameters) {
  std::string out = parameters.empty() ? "" : "\nparameters\n";
  for (const model::Parameter& parameter : parameters) {
    out += fmt::format("  {} = {}\n", parameter.name, parameter.value);
  }
  return out;
}

// A card's or a transaction's.
std::string show_ensemble(const auto& loaded) {
  const model::EnsembleModel& model = loaded.model;
  std::string out = head(loaded);
  for (const auto& term : model.combination.terms) {
    const auto& forest = term.member == model::kXgboost ? model.boosted.forest : model.isolation.forest;
    out += line("member", fmt::format("{}: {} trees, weight {:.6g}", term.member, forest.trees.size(), term.weight));
  }
  out += line("threshold", threshold_text(model.threshold)) + line("data", data_text(model.data, "frauds"));
  out += line("", "SHA-256 " + model.data.sha256) + "\n" + evaluation_text(model.evaluation);
  if (!model.seeds.empty()) out += "\n" + seeds_text(model.seeds);
  if (model.evaluation.prequential) out += "\n" + prequential_text(*model.evaluation.prequential);
  if (model.reference.contributions) {
    out += "\n" + contributions_text(*model.reference.contributions, model.isolation.feature_names);
  }
  return out + parameters_text(model.parameters);
}

std::string show(const model::LoadedCardModel& loaded) { return show_ensemble(loaded); }
std::string show(const model::LoadedTransactionModel& loaded) { return show_ensemble(loaded); }

std::string show(const model::LoadedCreditModel& loaded) {
  const model::CreditModel& model = loaded.model;
  std::string out = head(loaded);
  out += line("member", fmt::format("scorecard: {} fields", model.scorecard.fields.size()));
  for (const model::ScorecardField& field : model.scorecard.fields) {
    out += line("", fmt::format("{}: {} bins, {}, information value {:.3f}", field.name, field.bins.size(),
                                model::to_string(field.trend), field.information_value));
  }
  out += line("member", fmt::format("xgboost: {} trees", model.boosted.forest.trees.size()));
  out += line("thresholds", fmt::format("{:.6g}, accepted from {:.6g}, excellent from {:.6g} points",
                                        model.thresholds.low, model.thresholds.accepted, model.thresholds.excellent));
  out += line("data", data_text(model.data, "defaults")) + line("", "SHA-256 " + model.data.sha256);
  for (const model::CreditField& field : model.fields) {
    std::string source = field.name + " = " + field.column;
    if (field.factor != 1) source += fmt::format(" * {:.6g}", field.factor);
    out += line("field", source);
  }
  return out + "\n" + credit_figures_text(model) + parameters_text(model.parameters);
}

void write(JsonWriter& json, const model::CardModel& model) { model::write_model(json, model); }
void write(JsonWriter& json, const model::TransactionModel& model) { model::write_model(json, model); }
void write(JsonWriter& json, const model::CreditModel& model) { model::write_credit_model(json, model); }

// The marker and model.json in one object; the figures are model.json's "metrics".
std::string show_json(const auto& loaded) {
  JsonWriter json(2);
  json.begin_object().member("version", loaded.info.version).member("format", loaded.info.format);
  json.key("files").begin_array();
  for (const auto& file : loaded.info.files) {
    json.begin_object()
        .member("name", file.name)
        .member("bytes", file.bytes)
        .member("sha256", file.sha256)
        .end_object();
  }
  json.end_array().key("model");
  write(json, loaded.model);
  json.end_object();
  return std::move(json).text() + "\n";
}

Status print(const auto& loaded, Session& session) {
  session.print(session.json() ? show_json(loaded) : show(loaded));
  return {};
}

Status run(const std::string& path, Session& session) {
  const model::PackageInfo info = VIGIE_TRY(model::verify_package(path));
  if (info.kind == model::kCreditKind) return print(VIGIE_TRY(model::read_credit_package(path)), session);
  if (info.kind == model::kTransactionKind) return print(VIGIE_TRY(model::read_transaction_package(path)), session);
  return print(VIGIE_TRY(model::read_package(path)), session);
}

}  // namespace

void add_model_show(CLI::App& parent, Session& session) {
  auto* const command =
      parent.add_subcommand("show", "say what a package holds: members, threshold, figures, data, parameters");
  const auto path = std::make_shared<std::string>();
  command->add_option("package", *path, "the package: a folder or a .tar.zst")->required();
  add_json_flag(*command, session);
  describe(*command,
           "Examples:\n"
           "  vigie model show models/card\n"
           "  vigie model show models/card --json | jq .model.metrics.ensemble.f1\n");
  command->callback([path, &session] { session.finish(run(*path, session)); });
}

}  // namespace vigie::cli
