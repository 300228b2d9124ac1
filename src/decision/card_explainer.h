// Why a card decision came out as it did: each model input's share in the score, and the largest shares in words.
//
//   const auto explainer = VIGIE_TRY(CardExplainer::make(service));
//   const CardExplanation explanation = explainer.explain(raw);
//   explainer.reasons(explanation, 5)   // the inputs that moved the score most, most first
//
// Contributions are the members' exact Shapley values, carried through the ensemble (scoring/ensemble_shap.h):
// base_score
// + the sum of contributions is the score.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "decision/card_service.h"
#include "scoring/ensemble_shap.h"

namespace vigie::decision {

struct CardExplanation {
  double score = 0;
  double base_score = 0;                                    // of a transaction that nothing is known about
  std::array<double, schema::kCardInputs> features{};       // in schema::card_input_fields order, unscaled
  std::array<double, schema::kCardInputs> contributions{};  // positive ones speak for fraud
};

struct Reason {
  std::size_t input = 0;    // in schema::card_input_fields
  double value = 0;         // the feature's, unscaled
  double contribution = 0;  // to the score
  double median = 0;        // of the training rows
  double quantile = 0;      // share of training rows below the value, in [0, 1]
};

class CardExplainer {
 public:
  // Errors: kUnsupported for a combination of members that cannot be explained.
  static Result<std::shared_ptr<const CardExplainer>> make(std::shared_ptr<const CardService> service);

  CardExplanation explain(features::CardRaw raw) const;

  // At most `count`, by the size of their contribution; inputs without one are left out.
  std::vector<Reason> reasons(const CardExplanation& explanation, std::size_t count) const;

  // "V14 is -8.2, lower than 99 % of transactions (median 0.05): raises the score by 0.31".
  static std::string text(const Reason& reason, bool french);

  // Appends the members "base_score" and "reasons" to an open object: feature, value, contribution, median, quantile,
  // direction ("raises" or "lowers") and text of each.
  void write(JsonWriter& json, const CardExplanation& explanation, std::size_t count, bool french) const;

 private:
  CardExplainer(std::shared_ptr<const CardService> service, scoring::EnsembleExplainer ensemble);

  std::shared_ptr<const CardService> service_;
  scoring::EnsembleExplainer ensemble_;
};

}  // namespace vigie::decision
