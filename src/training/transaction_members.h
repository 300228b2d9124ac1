// The two members of a transaction model, fitted on rows of a matrix of inputs.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "dataset/transaction_rows.h"
#include "model/forest.h"
#include "scoring/scorer.h"
#include "training/boosted.h"
#include "training/isolation_forest.h"
#include "training/transaction_replay.h"

namespace vigie::training {

// The rows named, some columns of the matrix (places in matrix.inputs), row-major.
std::vector<float> gather(const TransactionMatrix& matrix, std::span<const std::uint32_t> rows,
                          std::span<const std::size_t> columns);
// Their names.
std::vector<std::string> input_names(const TransactionMatrix& matrix, std::span<const std::size_t> columns);

struct TrainedTransactionBoosted {
  model::BoostedForest forest;
  std::string source;  // XGBoost's own JSON
  std::unique_ptr<scoring::Scorer> scorer;
};

// `options` with its seed, lanes and threads set. Errors: those of train_boosted().
Result<TrainedTransactionBoosted> fit_transaction_boosted(const TransactionMatrix& matrix,
                                                          const dataset::TransactionRows& rows,
                                                          std::span<const std::uint32_t> chosen,
                                                          std::span<const std::size_t> columns,
                                                          const BoostedOptions& options,
                                                          const std::function<void(std::uint32_t)>& on_round = {});

struct TrainedTransactionIsolation {
  model::IsolationForest forest;
  std::unique_ptr<scoring::Scorer> scorer;
};

// Grown on at most 65,536 of the rows, at equal distance. An isolation forest has no way of its own to take a value
// that does not exist: here it goes where the median of those that do would go.
Result<TrainedTransactionIsolation> fit_transaction_isolation(const TransactionMatrix& matrix,
                                                              std::span<const std::uint32_t> chosen,
                                                              std::span<const std::size_t> columns,
                                                              const IsolationOptions& options);

// A member's scores of the rows named, in their order.
std::vector<double> score_transactions(const scoring::Scorer& scorer, const TransactionMatrix& matrix,
                                       std::span<const std::uint32_t> rows, std::span<const std::size_t> columns,
                                       std::size_t threads);

}  // namespace vigie::training
