#include "features/transaction.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include "schema/transaction.h"

namespace vigie::features {
namespace {

enum Own : std::uint8_t { kAmount, kHour, kWeekday, kUnpaid, kFirstType };
static_assert(kFirstType + schema::kTransactionTypes == kTransactionOwn);

using Inputs = std::array<TransactionInput, kTransactionInputs>;

Inputs make_inputs() {
  Inputs inputs{{
      {"montant", "", "amount of the transaction", "montant de la transaction"},
      {"heure", "h", "hour of the day, UTC", "heure du jour, UTC"},
      {"jour_semaine", "", "day of the week, 0 is Sunday", "jour de la semaine, 0 est dimanche"},
      {"historique_impaye", "", "unpaid debts of the client until now", "impayés du client jusqu'ici"},
      {"type_virement", "", "whether it is a transfer", "si c'est un virement"},
      {"type_paiement", "", "whether it is a payment", "si c'est un paiement"},
      {"type_retrait", "", "whether it is a withdrawal", "si c'est un retrait"},
      {"type_depot", "", "whether it is a deposit", "si c'est un dépôt"},
      {"type_achat_en_ligne", "", "whether it is a purchase online", "si c'est un achat en ligne"},
  }};
  const auto past = history::features();
  std::ranges::transform(past, inputs.begin() + kTransactionOwn, [](const history::Feature& feature) {
    return TransactionInput{feature.name, feature.unit, feature.text_en, feature.text_fr};
  });
  return inputs;
}

}  // namespace

std::span<const TransactionInput, kTransactionInputs> transaction_inputs() {
  static const Inputs inputs = make_inputs();
  return inputs;
}

std::optional<std::size_t> find_transaction_input(std::string_view name) {
  const auto inputs = transaction_inputs();
  const auto found = std::ranges::find(inputs, name, &TransactionInput::name);
  if (found == inputs.end()) return std::nullopt;
  return static_cast<std::size_t>(found - inputs.begin());
}

void fill_own_part(const domain::Transaction& transaction, TransactionRow row) noexcept {
  const auto day = std::chrono::floor<std::chrono::days>(transaction.time);
  row[kAmount] = transaction.amount;
  row[kHour] = static_cast<double>(std::chrono::duration_cast<std::chrono::hours>(transaction.time - day).count());
  row[kWeekday] = std::chrono::weekday(day).c_encoding();
  row[kUnpaid] = transaction.unpaid.value_or(std::numeric_limits<double>::quiet_NaN());
  for (std::size_t type = 0; type < schema::kTransactionTypes; ++type) {
    row[kFirstType + type] = type == transaction.type ? 1 : 0;
  }
}

}  // namespace vigie::features
