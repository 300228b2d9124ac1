// Why a transaction's risk came out as it did: each model input's share in the score, and the largest shares in words.
//
//   const auto explainer = VIGIE_TRY(TransactionExplainer::make(scorer));
//   for (const auto& reason : explainer->reasons(explainer->explain(row), 4))
//     TransactionExplainer::text(reason, french)  // "montant is 950, 8.3 times the client's mean of 30 days: raises
//     ..."
//
// Contributions are the members' exact Shapley values, carried through the ensemble (scoring/ensemble_shap.h):
// base_score + the sum of contributions is the score. Immutable: any number of threads may share one.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "decision/transaction_scorer.h"
#include "scoring/ensemble_shap.h"

namespace vigie::decision {

struct TransactionExplanation {
  double score = 0;
  double base_score = 0;  // of a transaction that nothing is known about
  std::array<double, features::kTransactionInputs> row{};
  // In features::transaction_inputs() order, 0 for what the model does not take; positive ones speak for fraud.
  std::array<double, features::kTransactionInputs> contributions{};
};

struct TransactionReason {
  std::size_t input = 0;  // place in features::transaction_inputs()
  double value = 0;       // NaN where there is none
  double contribution = 0;
  double median = 0;              // of training rows
  double quantile = 0.5;          // share of training rows below the value
  std::optional<double> ratio{};  // of an amount: how many times the client's mean of 30 days, where that is known
};

class TransactionExplainer {
 public:
  // Errors: those of EnsembleExplainer.
  static Result<std::shared_ptr<const TransactionExplainer>> make(std::shared_ptr<const TransactionScorer> scorer);

  TransactionExplanation explain(features::TransactionView row) const;

  // The `count` inputs that moved the score most, most first; none that did not move it.
  std::vector<TransactionReason> reasons(const TransactionExplanation& explanation, std::size_t count) const;

  // One sentence without a full stop.
  static std::string text(const TransactionReason& reason, bool french);

  // "base_score" and "reasons", an array of the `count` largest, into an object that is open.
  void write(JsonWriter& json, const TransactionExplanation& explanation, std::size_t count, bool french) const;

 private:
  TransactionExplainer(std::shared_ptr<const TransactionScorer> scorer, scoring::EnsembleExplainer ensemble);

  std::shared_ptr<const TransactionScorer> scorer_;
  scoring::EnsembleExplainer ensemble_;
};

}  // namespace vigie::decision
