#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/json_writer.h"
#include "base/number.h"
#include "cli/evaluation_text.h"
#include "cli/model_commands.h"
#include "model/model_json.h"
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

std::string data_text(const model::DataOrigin& data) {
  std::string out = fmt::format("{} rows, {} frauds", with_thousands(data.rows), with_thousands(data.positives));
  if (data.dropped_duplicates > 0)
    out += fmt::format(", {} duplicates dropped", with_thousands(data.dropped_duplicates));
  if (data.rejected > 0) out += fmt::format(", {} rows rejected", with_thousands(data.rejected));
  if (data.prevalence) out += fmt::format(", weighted to {:.4g} % frauds", 100 * *data.prevalence);
  return out;
}

std::string show(const model::PackageInfo& info, const model::EnsembleModel& model) {
  std::string out = line("name", model.name) + line("version", info.version) + line("kind", info.kind);
  out += line("made by", "vigie " + model.software_version +
                             (model.created_at.empty() ? std::string() : " at " + model.created_at) +
                             fmt::format(", seed {}", model.seed));
  for (const auto& term : model.combination.terms) {
    const auto& forest = term.member == model::kXgboost ? model.boosted.forest : model.isolation.forest;
    out += line("member", fmt::format("{}: {} trees, weight {:.6g}", term.member, forest.trees.size(), term.weight));
  }
  out += line("threshold", threshold_text(model.threshold)) + line("data", data_text(model.data));
  out += line("", "SHA-256 " + model.data.sha256) + "\n" + evaluation_text(model.evaluation);
  if (!model.seeds.empty()) out += "\n" + seeds_text(model.seeds);
  if (model.evaluation.prequential) out += "\n" + prequential_text(*model.evaluation.prequential);
  if (model.reference.contributions) {
    out += "\n" + contributions_text(*model.reference.contributions, model.isolation.feature_names);
  }
  if (!model.parameters.empty()) out += "\nparameters\n";
  for (const model::Parameter& parameter : model.parameters) {
    out += fmt::format("  {} = {}\n", parameter.name, parameter.value);
  }
  return out;
}

// The marker and model.json in one object; the figures are model.json's "metrics".
template <typename Loaded>
std::string show_json(const Loaded& loaded) {
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
  model::write_model(json, loaded.model);
  json.end_object();
  return std::move(json).text() + "\n";
}

template <typename Loaded>
void print(const Loaded& loaded, Session& session) {
  session.print(session.json() ? show_json(loaded) : show(loaded.info, loaded.model));
}

Status run(const std::string& path, Session& session) {
  if (VIGIE_TRY(model::verify_package(path)).kind == model::kTransactionKind) {
    print(VIGIE_TRY(model::read_transaction_package(path)), session);
  } else {
    print(VIGIE_TRY(model::read_package(path)), session);
  }
  return {};
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
