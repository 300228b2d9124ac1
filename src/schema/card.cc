#include "schema/card.h"

#include <array>

namespace vigie::schema {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

constexpr Field component(std::string_view name) {
  return {name,
          FieldType::kNumber,
          Role::kInput,
          -kInfinity,
          kInfinity,
          "",
          "principal component of the transaction's confidential attributes",
          "composante principale des attributs confidentiels de la transaction"};
}

constexpr std::array<Field, kCardRaw + kCardEngineered> kFields = {{
    {"Time", FieldType::kNumber, Role::kOffset, 0, kInfinity, "s",
     "seconds since the first transaction of the data set",
     "secondes depuis la première transaction du jeu de données"},
    {"Amount", FieldType::kNumber, Role::kRaw, 0, kInfinity, "", "amount of the transaction",
     "montant de la transaction"},
    component("V1"),
    component("V2"),
    component("V3"),
    component("V4"),
    component("V5"),
    component("V6"),
    component("V7"),
    component("V8"),
    component("V9"),
    component("V10"),
    component("V11"),
    component("V12"),
    component("V13"),
    component("V14"),
    component("V15"),
    component("V16"),
    component("V17"),
    component("V18"),
    component("V19"),
    component("V20"),
    component("V21"),
    component("V22"),
    component("V23"),
    component("V24"),
    component("V25"),
    component("V26"),
    component("V27"),
    component("V28"),
    {"amount_zscore", FieldType::kNumber, Role::kEngineered, -kInfinity, kInfinity, "deviations",
     "distance of the amount from the training mean, in deviations",
     "écart du montant à la moyenne d'apprentissage, en écarts-types"},
    {"amount_log", FieldType::kNumber, Role::kEngineered, 0, kInfinity, "", "ln(1 + Amount)", "ln(1 + Amount)"},
    {"v1_v2_ratio", FieldType::kNumber, Role::kEngineered, 0, kInfinity, "", "|V1| / (|V2| + 0.0001)",
     "|V1| / (|V2| + 0,0001)"},
    {"high_value", FieldType::kFlag, Role::kEngineered, 0, 1, "", "whether Amount > 1000", "si Amount > 1000"},
    {"variance_all", FieldType::kNumber, Role::kEngineered, 0, kInfinity, "", "sample variance of V1..V28",
     "variance d'échantillon de V1..V28"},
    {"max_abs_v", FieldType::kNumber, Role::kEngineered, 0, kInfinity, "", "largest absolute value among V1..V28",
     "plus grande valeur absolue de V1..V28"},
    {"mean_abs_v", FieldType::kNumber, Role::kEngineered, 0, kInfinity, "", "mean absolute value of V1..V28",
     "moyenne des valeurs absolues de V1..V28"},
}};

constexpr Field kLabel = {
    "Class", FieldType::kFlag, Role::kLabel, 0, 1, "", "1 for a fraud, 0 otherwise", "1 pour une fraude, 0 sinon"};

}  // namespace

std::span<const Field> card_fields() { return kFields; }
std::span<const Field> card_raw_fields() { return std::span(kFields).first<kCardRaw>(); }
std::span<const Field> card_input_fields() { return std::span(kFields).last<kCardInputs>(); }
const Field& card_label() { return kLabel; }

}  // namespace vigie::schema
