// What a transaction model may take as its inputs: what the transaction itself says, then what the past of its client
// and terminal says (history/feature.h). Training and serving fill the same row by the same code; a model's package
// names the inputs that it takes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "domain/transaction.h"
#include "history/feature.h"

namespace vigie::features {

struct TransactionInput {
  std::string_view name;
  std::string_view unit;
  std::string_view text_en;
  std::string_view text_fr;
};

// Of the transaction itself: montant, heure, jour_semaine, historique_impaye, and a flag for each type.
inline constexpr std::size_t kTransactionOwn = 9;
inline constexpr std::size_t kTransactionInputs = kTransactionOwn + history::kFeatures;

std::span<const TransactionInput, kTransactionInputs> transaction_inputs();
std::optional<std::size_t> find_transaction_input(std::string_view name);

using TransactionRow = std::span<double, kTransactionInputs>;
using TransactionView = std::span<const double, kTransactionInputs>;

// The place of the history's features in a row.
inline history::FeatureRow history_part(TransactionRow row) {
  return row.subspan<kTransactionOwn, history::kFeatures>();
}

// Fills the transaction's own part; what is not given is NaN.
void fill_own_part(const domain::Transaction& transaction, TransactionRow row) noexcept;

}  // namespace vigie::features
