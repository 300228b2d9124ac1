#include "decision/transaction_explainer.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "decision/reason_text.h"

namespace vigie::decision {
namespace {

using features::kTransactionInputs;

// Above it a ratio is told as "times the client's mean".
constexpr double kManyTimes = 1.05;

std::string ratio_text(double ratio, bool french) {
  if (ratio >= kManyTimes) {
    return short_number(ratio, french) +
           (french ? " fois la moyenne du client sur 30 jours" : " times the client's mean of 30 days");
  }
  const std::string percent = short_number(std::round(ratio * 100), french);
  return percent + (french ? " % de la moyenne du client sur 30 jours" : " % of the client's mean of 30 days");
}

}  // namespace

TransactionExplainer::TransactionExplainer(std::shared_ptr<const TransactionScorer> scorer,
                                           scoring::EnsembleExplainer ensemble)
    : scorer_(std::move(scorer)), ensemble_(std::move(ensemble)) {}

Result<std::shared_ptr<const TransactionExplainer>> TransactionExplainer::make(
    std::shared_ptr<const TransactionScorer> scorer) {
  const model::TransactionModel& model = scorer->model();
  auto ensemble = VIGIE_TRY(scoring::EnsembleExplainer::make(model.combination, model.isolation, model.boosted));
  return std::shared_ptr<const TransactionExplainer>(new TransactionExplainer(std::move(scorer), std::move(ensemble)));
}

TransactionExplanation TransactionExplainer::explain(features::TransactionView row) const {
  TransactionExplanation explanation;
  std::ranges::copy(row, explanation.row.begin());
  const auto places = scorer_->places();
  std::array<float, kTransactionInputs> inputs;
  std::array<double, kTransactionInputs> contributions;
  scorer_->pick(row, std::span(inputs).first(places.size()));
  const TransactionScorer::Scores scores = scorer_->scores(row);
  explanation.score = scores.ensemble;
  explanation.base_score = ensemble_.base_score();
  ensemble_.contributions(std::span(inputs).first(places.size()),
                          std::span(scores.members).first(scorer_->members().size()),
                          std::span(contributions).first(places.size()));
  for (std::size_t i = 0; i < places.size(); ++i) explanation.contributions[places[i]] = contributions[i];
  return explanation;
}

std::vector<TransactionReason> TransactionExplainer::reasons(const TransactionExplanation& explanation,
                                                             std::size_t count) const {
  const auto places = scorer_->places();
  std::vector<std::size_t> order(places.size());  // of the model's inputs
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater(),
                           [&](std::size_t i) { return std::fabs(explanation.contributions[places[i]]); });
  static const std::size_t amount = features::find_transaction_input("montant").value();
  static const std::size_t ratio = features::find_transaction_input("montant_ratio_30j").value();
  std::vector<TransactionReason> reasons;
  for (const std::size_t i : order) {
    const std::size_t input = places[i];
    if (reasons.size() == count || explanation.contributions[input] == 0) break;
    TransactionReason reason{
        .input = input, .value = explanation.row[input], .contribution = explanation.contributions[input]};
    const auto& references = scorer_->model().reference.features;  // one an input, as the package's reader checks
    reason.median = median_of(references[i]);
    if (!std::isnan(reason.value)) reason.quantile = share_below(references[i], reason.value);
    if (input == amount && !std::isnan(explanation.row[ratio])) reason.ratio = explanation.row[ratio];
    reasons.push_back(reason);
  }
  return reasons;
}

std::string TransactionExplainer::text(const TransactionReason& reason, bool french) {
  const features::TransactionInput& input = features::transaction_inputs()[reason.input];
  std::string text(input.name);
  if (std::isnan(reason.value)) {
    text += french ? " n'a pas de valeur" : " has no value";
  } else {
    text += (french ? " vaut " : " is ") + short_number(reason.value, french);
    if (reason.ratio) {
      text += ", " + ratio_text(*reason.ratio, french);
    } else {
      text += ", " + standing(reason.quantile, french) + (french ? " (médiane " : " (median ");
      text += short_number(reason.median, french) + ")";
    }
  }
  if (french) {
    text += reason.contribution > 0 ? " : augmente le risque de " : " : réduit le risque de ";
  } else {
    text += reason.contribution > 0 ? ": raises the risk by " : ": lowers the risk by ";
  }
  return text + short_number(std::fabs(reason.contribution), french);
}

void TransactionExplainer::write(JsonWriter& json, const TransactionExplanation& explanation, std::size_t count,
                                 bool french) const {
  json.member("base_score", explanation.base_score).key("reasons").begin_array();
  for (const TransactionReason& reason : reasons(explanation, count)) {
    const features::TransactionInput& input = features::transaction_inputs()[reason.input];
    json.begin_object().member("feature", input.name).key("value");
    std::isnan(reason.value) ? json.null() : json.value(reason.value);
    json.member("contribution", reason.contribution)
        .member("median", reason.median)
        .member("quantile", reason.quantile)
        .member("direction", reason.contribution > 0 ? "raises" : "lowers")
        .member("meaning", french ? input.text_fr : input.text_en)
        .member("text", text(reason, french))
        .end_object();
  }
  json.end_array();
}

}  // namespace vigie::decision
