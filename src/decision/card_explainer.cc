#include "decision/card_explainer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/number.h"

namespace vigie::decision {
namespace {

using schema::kCardInputs;

// The share of training rows below `value`, on a line between the quantiles that the package has.
double share_below(const model::FeatureReference& reference, double value) {
  static constexpr std::array kShares = {0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0};
  const std::vector<double>& quantiles = reference.quantiles;
  if (quantiles.size() != kShares.size()) return 0.5;
  if (value <= quantiles.front()) return 0;
  for (std::size_t i = 1; i < quantiles.size(); ++i) {
    if (value > quantiles[i]) continue;
    const double width = quantiles[i] - quantiles[i - 1];
    const double part = width > 0 ? (value - quantiles[i - 1]) / width : 0;
    return kShares[i - 1] + part * (kShares[i] - kShares[i - 1]);
  }
  return 1;
}

const model::FeatureReference* find_reference(const model::Reference& reference, std::size_t input) {
  const std::string_view name = schema::card_input_fields()[input].name;
  for (const model::FeatureReference& feature : reference.features) {
    if (feature.name == name) return &feature;
  }
  return nullptr;
}

// Three significant digits, or the whole part where it has more, with the language's decimal mark.
std::string short_number(double value, bool french) {
  std::array<char, 32> text;
  const auto end = std::fabs(value) >= 1000
                       ? std::to_chars(text.begin(), text.end(), value, std::chars_format::fixed, 0).ptr
                       : std::to_chars(text.begin(), text.end(), value, std::chars_format::general, 3).ptr;
  if (french) std::replace(text.begin(), end, '.', ',');
  return {text.begin(), end};
}

std::string standing(double quantile, bool french) {
  const auto percent = [&](double share) {
    if (share > 0.99) return std::string(french ? "plus de 99" : "more than 99");
    return format_double(std::round(share * 100));
  };
  if (quantile >= 0.25 && quantile <= 0.75) return french ? "une valeur courante" : "a usual value";
  if (quantile > 0.75) {
    return french ? "plus haut que " + percent(quantile) + " % des transactions"
                  : "higher than " + percent(quantile) + " % of transactions";
  }
  return french ? "plus bas que " + percent(1 - quantile) + " % des transactions"
                : "lower than " + percent(1 - quantile) + " % of transactions";
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
      if (!reference->quantiles.empty()) reason.median = reference->quantiles[reference->quantiles.size() / 2];
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
