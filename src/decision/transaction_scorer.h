// How likely a transaction is a fraud, by a transaction model: what POST /fraude takes from its model.
//
//   const auto scorer = VIGIE_TRY(TransactionScorer::load("models/transaction"));
//   features::fill_own_part(transaction, row);
//   VIGIE_TRY(history.observe(event, now, features::history_part(row)));
//   const double risk = scorer->score(row);                     // a probability of fraud, in 0..1
//
// Loading verifies every hash, finds the model's inputs among features::transaction_inputs(), and compares the scorers
// with the reference on the package's own reference rows; after that nothing can fail. Immutable: any number of threads
// may share one.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "decision/ensemble_members.h"
#include "domain/decision.h"
#include "features/transaction.h"
#include "model/transaction_model.h"

namespace vigie::decision {

class TransactionScorer {
 public:
  // Errors: those of read_transaction_package(); kUnsupported for an input that this version does not compute.
  static Result<std::shared_ptr<const TransactionScorer>> load(const std::filesystem::path& package);
  static Result<std::shared_ptr<const TransactionScorer>> make(model::LoadedTransactionModel loaded);

  // The calibrated probability of fraud of a row that is filled; NaN in it is a value that does not exist.
  double score(features::TransactionView row) const noexcept;

  // The same, with what each member said; members() are named in their order.
  struct Scores {
    double ensemble = 0;
    std::array<double, domain::kMaxMembers> members{};
  };
  Scores scores(features::TransactionView row) const noexcept;

  // Above it the model itself alarms; a policy may have limits of its own.
  double threshold() const { return loaded_.model.threshold.value; }
  const std::string& name() const { return loaded_.model.name; }
  const std::string& version() const { return loaded_.info.version; }
  std::span<const std::string> members() const { return members_.names; }
  const model::TransactionModel& model() const { return loaded_.model; }
  const model::PackageInfo& info() const { return loaded_.info; }

  // For each of the model's inputs its place in features::transaction_inputs().
  std::span<const std::size_t> places() const { return places_; }
  // The model's inputs of a row, as its members take them. out: places().size() values.
  void pick(features::TransactionView row, std::span<float> out) const noexcept;

 private:
  explicit TransactionScorer(model::LoadedTransactionModel loaded) : loaded_(std::move(loaded)) {}
  Status check_against_reference() const;

  model::LoadedTransactionModel loaded_;
  EnsembleMembers members_;
  std::vector<std::size_t> places_;
};

}  // namespace vigie::decision
