#include "decision/card_explainer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "decision/reason_text.h"

namespace vigie::decision {
namespace {

using schema::kCardInputs;

const model::FeatureReference* find_reference(const model::Reference& reference, std::size_t input) {
  const std::string_view name = schema::card_input_fields()[input].name;
  for (const model::FeatureReference& feature : reference.features) {
    if (feature.name == name) return &feature;
  }
  return nullptr;
}

}  // namespace

CardExplainer::CardExplainer(std::shared_ptr<const CardService> service, scoring::EnsembleExplainer ensemble)
    : service_(std::move(service)), ensemble_(std::move(ensemble)) {}

Result<std::shared_ptr<const CardExplainer>> CardExplainer::make(std::shared_ptr<const CardService> service) {
  const model::CardModel& model = service->model();
  auto ensemble = VIGIE_TRY(scoring::EnsembleExplainer::make(model.combination, model.isolation, model.boosted));
  return std::shared_ptr<const CardExplainer>(new CardExplainer(std::move(service), std::move(ensemble)));
}

CardExplanation CardExplainer::explain(features::CardRaw raw) const {
  CardExplanation explanation;
  features::card_features(raw, service_->model().inputs.amount, explanation.features);
  std::array<float, kCardInputs> inputs;
  service_->transform().row(raw, inputs);
  const domain::CardDecision decision = service_->decide(raw);
  explanation.score = decision.hybrid_score;
  explanation.base_score = ensemble_.base_score();
  ensemble_.contributions(inputs, std::span(decision.member_scores).first(service_->members().size()),
                          explanation.contributions);
  return explanation;
}

std::vector<Reason> CardExplainer::reasons(const CardExplanation& explanation, std::size_t count) const {
  std::array<std::size_t, kCardInputs> order;
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::fabs(explanation.contributions[a]) > std::fabs(explanation.contributions[b]);
  });
  std::vector<Reason> reasons;
  for (const std::size_t input : order) {
    if (reasons.size() == count || explanation.contributions[input] == 0) break;
    Reason reason{.input = input,
                  .value = explanation.features[input],
                  .contribution = explanation.contributions[input],
                  .median = 0,
                  .quantile = 0.5};
    if (const auto* reference = find_reference(service_->model().reference, input)) {
      reason.quantile = share_below(*reference, reason.value);
      reason.median = median_of(*reference);
    }
    reasons.push_back(reason);
  }
  return reasons;
}

std::string CardExplainer::text(const Reason& reason, bool french) {
  const bool raises = reason.contribution > 0;
  std::string text(schema::card_input_fields()[reason.input].name);
  text += french ? " vaut " : " is ";
  text += short_number(reason.value, french) + ", " + standing(reason.quantile, french);
  text += french ? " (médiane " : " (median ";
  text += short_number(reason.median, french) + ")";
  if (french) {
    text += raises ? " : augmente le score de " : " : réduit le score de ";
  } else {
    text += raises ? ": raises the score by " : ": lowers the score by ";
  }
  return text + short_number(std::fabs(reason.contribution), french);
}

void CardExplainer::write(JsonWriter& json, const CardExplanation& explanation, std::size_t count, bool french) const {
  json.member("base_score", explanation.base_score).key("reasons").begin_array();
  for (const Reason& reason : reasons(explanation, count)) {
    json.begin_object()
        .member("feature", schema::card_input_fields()[reason.input].name)
        .member("value", reason.value)
        .member("contribution", reason.contribution)
        .member("median", reason.median)
        .member("quantile", reason.quantile)
        .member("direction", reason.contribution > 0 ? "raises" : "lowers")
        .member("text", text(reason, french))
        .end_object();
  }
  json.end_array();
}

}  // namespace vigie::decision
