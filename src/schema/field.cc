#include "schema/field.h"

#include <cmath>

#include "base/number.h"

namespace vigie::schema {

std::string_view to_string(FieldType type) {
  switch (type) {
    case FieldType::kNumber: return "number";
    case FieldType::kInteger: return "integer";
    case FieldType::kFlag: return "boolean";
    case FieldType::kText: return "string";
  }
  return "string";
}

std::string_view to_string(Role role) {
  switch (role) {
    case Role::kOffset: return "offset";
    case Role::kRaw: return "raw";
    case Role::kInput: return "input";
    case Role::kEngineered: return "engineered";
    case Role::kLabel: return "label";
  }
  return "input";
}

std::optional<std::size_t> find(std::span<const Field> fields, std::string_view name) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name == name) return i;
  }
  return std::nullopt;
}

std::string expectation(const Field& field, bool french) {
  if (field.type == FieldType::kText) return french ? "un texte" : "a text";
  if (field.type == FieldType::kFlag) return french ? "0 ou 1" : "0 or 1";
  std::string text = field.type == FieldType::kInteger ? (french ? "un entier" : "a whole number")
                                                       : (french ? "un nombre fini" : "a finite number");
  if (std::isfinite(field.minimum)) text += (french ? ", au moins " : ", at least ") + format_double(field.minimum);
  if (std::isfinite(field.maximum)) text += (french ? ", au plus " : ", at most ") + format_double(field.maximum);
  return text;
}

}  // namespace vigie::schema
