#include "decision/fraud_variables.h"

#include <chrono>
#include <cmath>

#include "schema/transaction.h"

namespace vigie::decision {
namespace {

using rules::Kind;
using rules::Type;
using rules::Value;

constexpr std::uint32_t kMostCountries = 1'000;

// Behind the fields of schema::transaction_fields(), which come first.
enum Slot : std::size_t {
  kScore = schema::kTransactionFields,
  kHighAmount,
  kTransactionsADay,
  kSuspiciousCountries,
  kHistory,
  kSlots = kHistory + history::kFeatures,
};

struct Setting {
  std::string_view name;
  Type type;
  std::string_view text_en;
};
constexpr Setting kSettings[] = {
    {"score", {Kind::kDouble, 0}, "the model's probability of fraud, 0 to 1; absent without a model"},
    {"seuils.montant_eleve", {Kind::kDouble, 0}, "setting fraud.thresholds.montant_eleve"},
    {"seuils.nb_transactions_24h", {Kind::kInt, 0}, "setting fraud.thresholds.nb_transactions_24h"},
    {"pays_suspect", {Kind::kString, 1}, "setting fraud.thresholds.pays_suspect"},
};
static_assert(kScore + std::size(kSettings) == kHistory);

Kind kind_of(const schema::Field& field) {
  if (field.form == schema::TextForm::kMoment) return Kind::kTimestamp;
  switch (field.type) {
    case schema::FieldType::kText: return Kind::kString;
    case schema::FieldType::kInteger: return Kind::kInt;
    default: return Kind::kDouble;
  }
}

// Whether there may be nothing to compute it of: no past to compare with, or no terminal. Sums of nothing are 0.
bool may_be_absent(const history::Feature& feature) {
  if (feature.scope == history::Scope::kDelayed) return true;
  return feature.scope == history::Scope::kPast && !feature.flag && feature.name != "nb_client_terminal_30j";
}

rules::VariableTable make_table() {
  std::vector<rules::Variable> variables;
  for (const schema::Field& field : schema::transaction_fields()) {
    // A transaction without a date is made now.
    const bool optional = field.optional && field.form != schema::TextForm::kMoment;
    variables.push_back({.name = std::string(field.name),
                         .type = {kind_of(field), 0},
                         .optional = optional,
                         .most = schema::kMostIdentifier,
                         .choices = {field.choices.begin(), field.choices.end()},
                         .left_out = optional});
  }
  for (const Setting& setting : kSettings) {
    const bool optional = setting.name == "score";
    variables.push_back(
        {.name = std::string(setting.name), .type = setting.type, .optional = optional, .left_out = optional});
    if (rules::is_list(setting.type)) {
      variables.back().most = kMostCountries;
      variables.back().most_item = 2;
    }
  }
  for (const history::Feature& feature : history::features()) {
    variables.push_back({.name = "historique." + std::string(feature.name),
                         .type = {feature.flag ? Kind::kBool : Kind::kDouble, 0},
                         .optional = may_be_absent(feature)});
  }
  return std::move(*rules::VariableTable::make(std::move(variables)));  // NOLINT: the names are ours, and tested
}

// A request may write it in any case and without accents; a rule sees one of these.
std::string text_of_type() {
  std::string text = "what kind of transaction it is, in a rule written as here:";
  for (const std::string_view choice : schema::transaction_fields()[schema::kType].choices) {
    text += (text.ends_with(':') ? " `" : ", `") + std::string(choice) + "`";
  }
  return text;
}

Value text_or_absent(std::string_view text) { return text.empty() ? Value() : Value::string(text); }

Value number_or_absent(double number) { return std::isnan(number) ? Value() : Value::number(number); }

Value timestamp(WallTime time) {
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  return Value::timestamp(second.time_since_epoch().count(),
                          static_cast<std::uint32_t>(std::chrono::nanoseconds(time - second).count()));
}

}  // namespace

const rules::VariableTable& fraud_variables() {
  static const rules::VariableTable table = make_table();
  return table;
}

std::string_view fraud_variable_text(std::size_t slot) {
  static const std::string type = text_of_type();
  if (slot == schema::kType) return type;
  if (slot < kScore) return schema::transaction_fields()[slot].text_en;
  if (slot < kHistory) return kSettings[slot - kScore].text_en;
  return history::features()[slot - kHistory].text_en;
}

std::string fraud_variable_table() {
  std::string out = "| Name | Type | Always there | What it is |\n|---|---|---|---|\n";
  for (std::size_t slot = 0; slot < kSlots; ++slot) {
    const rules::Variable& variable = fraud_variables()[static_cast<std::uint32_t>(slot)];
    out += "| `" + variable.name + "` | " + rules::to_string(variable.type) + " | " +
           (variable.optional ? "no" : "yes") + " | " + std::string(fraud_variable_text(slot)) + " |\n";
  }
  return out;
}

FraudSlots::FraudSlots(const FraudThresholds& thresholds)
    : countries_(thresholds.suspicious_countries), slots_(kSlots) {
  for (const std::string& country : countries_) country_values_.push_back(Value::string(country));
  slots_[kHighAmount] = Value::number(thresholds.high_amount);
  slots_[kTransactionsADay] = Value::integer(thresholds.transactions_a_day);
  slots_[kSuspiciousCountries] = Value::list(country_values_);
}

std::span<const Value> FraudSlots::fill(const domain::Transaction& transaction,
                                        std::span<const double, history::kFeatures> past, double score) {
  slots_[schema::kTransactionId] = Value::string(transaction.id);
  slots_[schema::kClientId] = Value::string(transaction.client);
  slots_[schema::kMontant] = Value::number(transaction.amount);
  slots_[schema::kType] = Value::string(schema::transaction_fields()[schema::kType].choices[transaction.type]);
  slots_[schema::kDevise] = text_or_absent(transaction.currency);
  slots_[schema::kDate] = timestamp(transaction.time);
  slots_[schema::kPays] = text_or_absent(transaction.country);
  slots_[schema::kTerminalId] = text_or_absent(transaction.terminal);
  slots_[schema::kHistoriqueImpaye] =
      transaction.unpaid ? Value::integer(static_cast<std::int64_t>(*transaction.unpaid)) : Value();
  slots_[schema::kCanal] = text_or_absent(transaction.channel);
  slots_[kScore] = number_or_absent(score);
  const auto features = history::features();
  for (std::size_t i = 0; i < history::kFeatures; ++i) {
    slots_[kHistory + i] = features[i].flag ? Value::boolean(past[i] != 0) : number_or_absent(past[i]);
  }
  return slots_;
}

}  // namespace vigie::decision
