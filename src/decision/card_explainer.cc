#include "decision/card_explainer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/number.h"
#include "scoring/output.h"

namespace vigie::decision {
namespace {

using schema::kCardInputs;

// Below this a difference says nothing about a slope.
constexpr double kNoDifference = 1e-12;

// What a monotone stage makes of a difference to the base, for each unit of it.
double slope(double stage_difference, double difference) {
  return std::fabs(difference) > kNoDifference ? stage_difference / difference : 0;
}

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

CardExplainer::CardExplainer(std::shared_ptr<const CardService> service, std::vector<Member> members)
    : service_(std::move(service)), members_(std::move(members)) {
  const model::Combination& combination = service_->model().combination;
  base_sum_ = combination.space == model::Combination::Space::kLogit ? combination.intercept : 0;
  for (std::size_t m = 0; m < members_.size(); ++m) base_sum_ += term(m, members_[m].base_score);
}

Result<std::shared_ptr<const CardExplainer>> CardExplainer::make(std::shared_ptr<const CardService> service) {
  const model::CardModel& model = service->model();
  std::vector<Member> members;
  for (const std::string& name : service->members()) {
    if (name == model::kXgboost) {
      auto explainer = VIGIE_TRY(scoring::Explainer::boosted(model.boosted));
      const auto base = static_cast<double>(scoring::logistic(static_cast<float>(explainer.base())));
      members.push_back({.explainer = std::move(explainer), .base_score = base});
    } else if (name == model::kIsolationForest) {
      auto explainer = VIGIE_TRY(scoring::Explainer::isolation(model.isolation));
      const double base =
          scoring::isolation_score(explainer.base(), 1, model::average_path_length(model.isolation.sample_size));
      members.push_back({.explainer = std::move(explainer), .base_score = base});
    } else {
      return fail(Code::kUnsupported, "the member \"" + name + "\" cannot be explained", {.field = "combination"},
                  "upgrade vigie");
    }
  }
  return std::shared_ptr<const CardExplainer>(new CardExplainer(std::move(service), std::move(members)));
}

double CardExplainer::term(std::size_t member, double score) const {
  const model::Combination& combination = service_->model().combination;
  const auto& term = combination.terms[member];
  const double transformed = term.transform(score);
  return term.weight *
         (combination.space == model::Combination::Space::kLogit ? model::logit(transformed) : transformed);
}

double CardExplainer::finish(double sum) const {
  const model::Combination& combination = service_->model().combination;
  return combination.calibration(combination.space == model::Combination::Space::kLogit ? model::sigmoid(sum) : sum);
}

CardExplanation CardExplainer::explain(features::CardRaw raw) const {
  const model::CardModel& model = service_->model();
  CardExplanation explanation;
  features::card_features(raw, model.inputs.amount, explanation.features);
  std::array<float, kCardInputs> inputs;
  service_->transform().row(raw, inputs);
  const domain::CardDecision decision = service_->decide(raw);
  explanation.score = decision.hybrid_score;
  explanation.base_score = finish(base_sum_);

  double sum = base_sum_;
  std::array<double, kCardInputs> values;
  for (std::size_t m = 0; m < members_.size(); ++m) {
    members_[m].explainer.contributions(inputs, values);
    const double difference = std::accumulate(values.begin(), values.end(), 0.0);
    const double moved = term(m, decision.member_scores[m]) - term(m, members_[m].base_score);
    sum += moved;
    const double factor = slope(moved, difference);
    for (std::size_t i = 0; i < kCardInputs; ++i) explanation.contributions[i] += factor * values[i];
  }
  const double factor = slope(explanation.score - explanation.base_score, sum - base_sum_);
  for (double& contribution : explanation.contributions) contribution *= factor;
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
