#include "model/card_contents.h"

#include <algorithm>
#include <array>

#include "model/card.h"
#include "model/evaluation_json.h"
#include "model/formats/xgboost.h"
#include "model/isolation_json.h"
#include "model/json_reader.h"
#include "model/model_json.h"
#include "model/reference_json.h"
#include "schema/card.h"

namespace vigie::model {
namespace {

constexpr std::string_view kModelFile = "model.json";
constexpr std::string_view kXgboostFile = "xgboost.json";
constexpr std::string_view kIsolationFile = "isolation_forest.json";
constexpr std::string_view kReferenceFile = "reference.json";
constexpr std::string_view kEvaluationFile = "evaluation.json";

// 35 inputs under the names that this program computes, or under none (libxgboost writes them only when told).
Status check_inputs(const Forest& forest, std::vector<std::string>& names, std::string_view file) {
  const auto fields = schema::card_input_fields();
  if (forest.feature_count != fields.size()) {
    return damaged_file(file, "it takes " + std::to_string(forest.feature_count) + " features, a card model has " +
                                  std::to_string(fields.size()));
  }
  if (names.empty()) {
    for (const auto& field : fields) names.emplace_back(field.name);
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i >= names.size() || names[i] != fields[i].name) {
      return damaged_file(file, "feature " + std::to_string(i) + " is not " + std::string(fields[i].name));
    }
  }
  return {};
}

Status check_reference(const Reference& reference) {
  const auto fields = schema::card_fields();
  const bool equal = std::equal(reference.features.begin(), reference.features.end(), fields.begin(), fields.end(),
                                [](const auto& feature, const auto& field) { return feature.name == field.name; });
  if (!equal) {
    return damaged_file(kReferenceFile,
                        "features: not the " + std::to_string(fields.size()) + " fields of a card in order");
  }
  return {};
}

Status check_evaluation(const Evaluation& evaluation) {
  constexpr std::array kScorers = {kIsolationForest, kXgboost, kEnsemble};
  const bool equal = std::equal(evaluation.scorers.begin(), evaluation.scorers.end(), kScorers.begin(), kScorers.end(),
                                [](const auto& scorer, std::string_view name) { return scorer.scorer == name; });
  if (!equal) return damaged_file(kEvaluationFile, "scorers: not isolation_forest, xgboost and ensemble");
  return {};
}

Result<CardModel> parse_card_model(const PackageContents& contents) {
  const auto open = [&](std::string_view name) {
    return JsonDocument::parse(contents.find(name)->second, std::string(name));
  };
  const auto model_document = VIGIE_TRY(open(kModelFile));
  CardModel model = VIGIE_TRY(parse_model_json(model_document.root()));

  model.boosted_source = contents.find(kXgboostFile)->second;
  auto boosted = parse_xgboost_json(model.boosted_source);
  if (!boosted) {
    boosted.error().place.file = kXgboostFile;
    return std::unexpected(std::move(boosted).error());
  }
  model.boosted = *std::move(boosted);
  VIGIE_TRY(check_inputs(model.boosted.forest, model.boosted.feature_names, kXgboostFile));

  const auto isolation_document = VIGIE_TRY(open(kIsolationFile));
  model.isolation = VIGIE_TRY(parse_isolation_json(isolation_document.root()));
  VIGIE_TRY(check_inputs(model.isolation.forest, model.isolation.feature_names, kIsolationFile));

  const auto reference_document = VIGIE_TRY(open(kReferenceFile));
  model.reference = VIGIE_TRY(parse_reference_json(reference_document.root()));
  VIGIE_TRY(check_reference(model.reference));

  const auto evaluation_document = VIGIE_TRY(open(kEvaluationFile));
  model.evaluation = VIGIE_TRY(parse_evaluation_json(evaluation_document.root()));
  VIGIE_TRY(check_evaluation(model.evaluation));
  return model;
}

}  // namespace

Result<PackageContents> make_contents(const CardModel& model) {
  PackageContents contents;
  contents.emplace(kModelFile, model_json(model));
  contents.emplace(kXgboostFile, model.boosted_source);
  contents.emplace(kIsolationFile, isolation_json(model.isolation));
  contents.emplace(kReferenceFile, reference_json(model.reference));
  contents.emplace(kEvaluationFile, evaluation_json(model.evaluation));
  // What cannot be read back must not be published: better the training fails than the server that loads it.
  const auto back = VIGIE_TRY(parse_card_model(contents));
  if (back.boosted.forest != model.boosted.forest || back.boosted.base_margin != model.boosted.base_margin) {
    return fail(Code::kInvalidArgument, "the boosted forest is not the one in its source", {.field = "boosted_source"},
                "parse the source again");
  }
  if (back.isolation.forest != model.isolation.forest) {
    return fail(Code::kInvalidArgument, "nodes hold a value or gain, which isolation trees do not have",
                {.field = "isolation"}, "leave both at 0");
  }
  contents.emplace(kCardFile, card_html(model, seal(contents, kCardKind).files));
  add_marker(contents, kCardKind);
  return contents;
}

Result<LoadedCardModel> read_card_contents(const PackageContents& contents) {
  LoadedCardModel loaded;
  loaded.info = VIGIE_TRY(verify_contents(contents, kCardKind));
  loaded.model = VIGIE_TRY(parse_card_model(contents));
  return loaded;
}

}  // namespace vigie::model
