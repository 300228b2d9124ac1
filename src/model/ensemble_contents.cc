#include "model/ensemble_contents.h"

#include <algorithm>
#include <array>

#include "model/evaluation_json.h"
#include "model/formats/xgboost.h"
#include "model/isolation_json.h"
#include "model/reference_json.h"

namespace vigie::model {
namespace {

constexpr std::string_view kXgboostFile = "xgboost.json";
constexpr std::string_view kIsolationFile = "isolation_forest.json";
constexpr std::string_view kReferenceFile = "reference.json";
constexpr std::string_view kEvaluationFile = "evaluation.json";

// The model's inputs under their names, or under none (libxgboost writes them only when told).
Status check_inputs(const Forest& forest, std::vector<std::string>& names, std::span<const std::string> inputs,
                    std::string_view file) {
  if (forest.feature_count != inputs.size()) {
    return damaged_file(file, "it takes " + std::to_string(forest.feature_count) + " features, the model has " +
                                  std::to_string(inputs.size()));
  }
  if (names.empty()) names.assign(inputs.begin(), inputs.end());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (i >= names.size() || names[i] != inputs[i]) {
      return damaged_file(file, "feature " + std::to_string(i) + " is not " + inputs[i]);
    }
  }
  return {};
}

Status check_reference(const Reference& reference, std::span<const std::string> fields) {
  if (std::ranges::equal(reference.features, fields, {}, &FeatureReference::name)) return {};
  return damaged_file(kReferenceFile,
                      "features: not the " + std::to_string(fields.size()) + " fields of the model in order");
}

Status check_evaluation(const Evaluation& evaluation) {
  constexpr std::array kScorers = {kIsolationForest, kXgboost, kEnsemble};
  if (std::ranges::equal(evaluation.scorers, kScorers, {}, &ScorerEvaluation::scorer)) return {};
  return damaged_file(kEvaluationFile, "scorers: not isolation_forest, xgboost and ensemble");
}

}  // namespace

Result<JsonDocument> open_document(const PackageContents& contents, std::string_view file) {
  return JsonDocument::parse(contents.find(file)->second, std::string(file));
}

void add_ensemble_files(const EnsembleModel& model, PackageContents& contents) {
  contents.emplace(kXgboostFile, model.boosted_source);
  contents.emplace(kIsolationFile, isolation_json(model.isolation));
  contents.emplace(kReferenceFile, reference_json(model.reference));
  contents.emplace(kEvaluationFile, evaluation_json(model.evaluation));
}

Status read_ensemble_files(const PackageContents& contents, const EnsembleNames& names, EnsembleModel& model) {
  model.boosted_source = contents.find(kXgboostFile)->second;
  auto boosted = parse_xgboost_json(model.boosted_source);
  if (!boosted) {
    boosted.error().place.file = kXgboostFile;
    return std::unexpected(std::move(boosted).error());
  }
  model.boosted = *std::move(boosted);
  VIGIE_TRY(check_inputs(model.boosted.forest, model.boosted.feature_names, names.inputs, kXgboostFile));

  const auto isolation_document = VIGIE_TRY(open_document(contents, kIsolationFile));
  model.isolation = VIGIE_TRY(parse_isolation_json(isolation_document.root()));
  VIGIE_TRY(check_inputs(model.isolation.forest, model.isolation.feature_names, names.inputs, kIsolationFile));

  const auto reference_document = VIGIE_TRY(open_document(contents, kReferenceFile));
  model.reference = VIGIE_TRY(parse_reference_json(reference_document.root(), names.inputs));
  VIGIE_TRY(check_reference(model.reference, names.fields));

  const auto evaluation_document = VIGIE_TRY(open_document(contents, kEvaluationFile));
  model.evaluation = VIGIE_TRY(parse_evaluation_json(evaluation_document.root()));
  return check_evaluation(model.evaluation);
}

Status check_same_members(const EnsembleModel& model, const EnsembleModel& back) {
  if (back.boosted.forest != model.boosted.forest || back.boosted.base_margin != model.boosted.base_margin) {
    return fail(Code::kInvalidArgument, "the boosted forest is not the one in its source", {.field = "boosted_source"},
                "parse the source again");
  }
  if (back.isolation.forest != model.isolation.forest) {
    return fail(Code::kInvalidArgument, "nodes hold a value or gain, which isolation trees do not have",
                {.field = "isolation"}, "leave both at 0");
  }
  return {};
}

}  // namespace vigie::model
