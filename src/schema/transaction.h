// The fields of a transaction that POST /fraude decides on, that rules name and that transaction models learn from.
#pragma once

#include <span>

#include "schema/field.h"

namespace vigie::schema {

// Places in transaction_fields().
enum TransactionField : std::uint8_t {
  kTransactionId = 0,
  kClientId,
  kMontant,
  kType,
  kDevise,
  kDate,
  kPays,
  kTerminalId,
  kHistoriqueImpaye,
  kCanal,
  kTransactionFields,
};

inline constexpr std::size_t kTransactionTypes = 5;

std::span<const Field, kTransactionFields> transaction_fields();
// Places in label_fields().
enum LabelField : std::uint8_t { kLabelTransactionId = 0, kLabelTerminalId, kLabelDate, kLabelFraude, kLabelFields };
// What POST /labels takes: what became known of a transaction later on.
std::span<const Field, kLabelFields> label_fields();

// "fraude": whether a recorded transaction turned out to be one.
const Field& transaction_label();

}  // namespace vigie::schema
