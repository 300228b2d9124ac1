#include "model/credit_contents.h"

#include <algorithm>
#include <array>

#include "model/credit_card.h"
#include "model/credit_json.h"
#include "model/evaluation_json.h"
#include "model/formats/xgboost.h"
#include "model/json_reader.h"
#include "model/scorecard_json.h"

namespace vigie::model {
namespace {

constexpr std::string_view kModelFile = "model.json";
constexpr std::string_view kScorecardFile = "scorecard.json";
constexpr std::string_view kXgboostFile = "xgboost.json";
constexpr std::string_view kEvaluationFile = "evaluation.json";
constexpr std::string_view kFairnessFile = "fairness.json";
constexpr std::string_view kReferenceFile = "reference.json";

Status check_evaluation(const Evaluation& evaluation) {
  constexpr std::array kScorers = {kScorecard, kXgboost};
  const bool equal = std::equal(evaluation.scorers.begin(), evaluation.scorers.end(), kScorers.begin(), kScorers.end(),
                                [](const auto& scorer, std::string_view name) { return scorer.scorer == name; });
  if (!equal) return damaged_file(kEvaluationFile, "scorers: not scorecard and xgboost");
  return {};
}

Result<CreditModel> parse_credit_model(const PackageContents& contents) {
  const auto open = [&](std::string_view name) {
    return JsonDocument::parse(contents.find(name)->second, std::string(name));
  };
  const auto model_document = VIGIE_TRY(open(kModelFile));
  CreditModel model = VIGIE_TRY(parse_credit_model_json(model_document.root()));
  const auto scorecard_document = VIGIE_TRY(open(kScorecardFile));
  model.scorecard = VIGIE_TRY(parse_scorecard_json(scorecard_document.root()));

  model.boosted_source = contents.find(kXgboostFile)->second;
  auto boosted = parse_xgboost_json(model.boosted_source);
  if (!boosted) {
    boosted.error().place.file = kXgboostFile;
    return std::unexpected(std::move(boosted).error());
  }
  model.boosted = *std::move(boosted);

  const auto evaluation_document = VIGIE_TRY(open(kEvaluationFile));
  model.evaluation = VIGIE_TRY(parse_evaluation_json(evaluation_document.root()));
  VIGIE_TRY(check_evaluation(model.evaluation));
  const auto fairness_document = VIGIE_TRY(open(kFairnessFile));
  model.fairness = VIGIE_TRY(parse_fairness_json(fairness_document.root()));
  const auto reference_document = VIGIE_TRY(open(kReferenceFile));
  model.reference = VIGIE_TRY(parse_points_reference_json(reference_document.root()));
  VIGIE_TRY(validate(model));
  return model;
}

}  // namespace

Result<PackageContents> make_contents(const CreditModel& model) {
  PackageContents contents;
  contents.emplace(kModelFile, credit_model_json(model));
  contents.emplace(kScorecardFile, scorecard_json(model.scorecard));
  contents.emplace(kXgboostFile, model.boosted_source);
  contents.emplace(kEvaluationFile, evaluation_json(model.evaluation));
  contents.emplace(kFairnessFile, fairness_json(model.fairness));
  contents.emplace(kReferenceFile, points_reference_json(model.reference));
  // What cannot be read back must not be published: better the training fails than the server that loads it.
  const auto back = VIGIE_TRY(parse_credit_model(contents));
  if (back.boosted.forest != model.boosted.forest || back.boosted.base_margin != model.boosted.base_margin) {
    return fail(Code::kInvalidArgument, "the boosted forest is not the one in its source", {.field = "boosted_source"},
                "parse the source again");
  }
  contents.emplace(kCardFile, credit_card_html(model, seal(contents, kCreditKind).files));
  add_marker(contents, kCreditKind);
  return contents;
}

Result<LoadedCreditModel> read_credit_contents(const PackageContents& contents) {
  LoadedCreditModel loaded;
  loaded.info = VIGIE_TRY(verify_contents(contents, kCreditKind));
  loaded.model = VIGIE_TRY(parse_credit_model(contents));
  return loaded;
}

}  // namespace vigie::model
