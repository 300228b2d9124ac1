#include "decision/ensemble_members.h"

#include "domain/decision.h"

namespace vigie::decision {

Result<EnsembleMembers> make_members(const model::EnsembleModel& model, std::size_t inputs) {
  VIGIE_TRY(model::validate(model.combination));
  if (model.combination.terms.size() > domain::kMaxMembers) {
    return fail(Code::kUnsupported, "the model has more than 8 members", {.field = "combination"}, "combine fewer");
  }
  EnsembleMembers members;
  for (const auto& term : model.combination.terms) {
    members.names.push_back(term.member);
    if (term.member == model::kXgboost) {
      members.scorers.push_back(VIGIE_TRY(scoring::make_boosted_scorer(model.boosted)));
    } else if (term.member == model::kIsolationForest) {
      members.scorers.push_back(VIGIE_TRY(scoring::make_isolation_scorer(model.isolation)));
    } else {
      return fail(Code::kUnsupported, "the model combines \"" + term.member + "\", which this version cannot score",
                  {.field = "combination"}, "upgrade vigie");
    }
    if (members.scorers.back()->feature_count() != inputs) {
      return fail(Code::kInvalidData,
                  "member \"" + term.member + "\" does not take the model's " + std::to_string(inputs) + " inputs",
                  {.field = "combination"}, "train the model again");
    }
  }
  return members;
}

Status check_scores(const model::EnsembleModel& model, std::span<const std::string> names,
                    std::span<const float> inputs, std::span<const double> scores) {
  for (std::size_t m = 0; m < names.size(); ++m) {
    const double expected = names[m] == model::kXgboost ? scoring::reference_score(model.boosted, inputs)
                                                        : scoring::reference_score(model.isolation, inputs);
    if (scores[m] == expected) continue;
    return fail(Code::kInternal, "the scorer of \"" + names[m] + "\" disagrees with its reference on this machine",
                {.field = names[m]}, "please report this with the output of `lscpu` and `vigie --version`");
  }
  return {};
}

}  // namespace vigie::decision
