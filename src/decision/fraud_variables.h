// What the rules of POST /fraude may name: the transaction's own fields, the client's history, the model's score, and
// the settings that rules share.
//
//   const auto& table = fraud_variables();                     // for rules::Ruleset::parse
//   FraudSlots slots(thresholds);
//   set.evaluate(slots.fill(transaction, row, score), now, scratch, verdict);
#pragma once

#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/transaction.h"
#include "history/feature.h"
#include "rules/type.h"
#include "rules/value.h"

namespace vigie::decision {

// Settings that rules name: seuils.montant_eleve, seuils.nb_transactions_24h, pays_suspect.
struct FraudThresholds {
  double high_amount = 10'000;
  std::uint32_t transactions_a_day = 5;
  std::vector<std::string> suspicious_countries = {"NG", "RU", "KP"};

  bool operator==(const FraudThresholds&) const = default;
};

const rules::VariableTable& fraud_variables();

// What the variable of a slot is.
std::string_view fraud_variable_text(std::size_t slot);

// The table of docs/rules.md, in Markdown.
std::string fraud_variable_table();

// The values of one transaction after another, in the order of the table. One thread at a time.
class FraudSlots {
 public:
  explicit FraudSlots(const FraudThresholds& thresholds);
  FraudSlots(const FraudSlots&) = delete;
  FraudSlots& operator=(const FraudSlots&) = delete;

  // The result sees the transaction's texts and lives until the next call. `score`: NaN where there is no model.
  std::span<const rules::Value> fill(const domain::Transaction& transaction,
                                     std::span<const double, history::kFeatures> past,
                                     double score = std::numeric_limits<double>::quiet_NaN());

 private:
  std::vector<std::string> countries_;
  std::vector<rules::Value> country_values_;
  std::vector<rules::Value> slots_;
};

}  // namespace vigie::decision
