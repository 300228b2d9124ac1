// A field is declared once: this table row validates it, parses it and documents it.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace vigie::schema {

enum class FieldType : std::uint8_t { kNumber, kInteger, kFlag, kText };

// Where a field comes from and who uses it.
enum class Role : std::uint8_t {
  kOffset,      // required, no model input (Time)
  kRaw,         // required, reaches the model through its transforms only (Amount)
  kInput,       // required, a model input as it is (V1..V28)
  kEngineered,  // computed by the server; accepted and ignored when sent
  kLabel,       // the outcome to learn
};

// What a text must be.
enum class TextForm : std::uint8_t {
  kFree,
  kIdentifier,  // 1 to 64 of letters, digits and - _ . :
  kChoice,      // one of Field::choices, whatever its case and accents
  kMoment,      // base/timestamp.h, 1970-01-01 to 2106-02-06
  kCountry,     // two capital letters, as ISO 3166-1 alpha-2 has them
  kCurrency,    // three capital letters, as ISO 4217 has them
};

struct Field {
  std::string_view name;
  FieldType type;
  Role role;
  double minimum;  // inclusive, unless `above`; -infinity where there is none
  double maximum;  // inclusive; +infinity where there is none
  std::string_view unit;
  std::string_view text_en;
  std::string_view text_fr;
  bool optional = false;  // may be left out
  bool above = false;     // the minimum itself is refused
  TextForm form = TextForm::kFree;
  std::span<const std::string_view> choices{};
};

std::string_view to_string(FieldType type);  // JSON Schema's words: "number", "integer", "boolean", "string"
std::string_view to_string(Role role);       // "offset", "raw", "input", "engineered", "label"

// The index of `name` in `fields`, or nothing.
std::optional<std::size_t> find(std::span<const Field> fields, std::string_view name);

// "a finite number, at least 0": what a value of this field must be, for messages and documents.
std::string expectation(const Field& field, bool french = false);

inline constexpr std::size_t kMostIdentifier = 64;  // bytes

// Whether `text` has the field's form. For kChoice: which one, by choice_of().
bool accepts_text(const Field& field, std::string_view text);
// The place of `text` among the field's choices, accents and capitals aside.
std::optional<std::size_t> choice_of(const Field& field, std::string_view text);

// Whether `value` is finite, in range and, for integers and flags, whole.
inline bool accepts(const Field& field, double value) {
  if (!std::isfinite(value) || value < field.minimum || value > field.maximum) return false;
  if (field.above && value == field.minimum) return false;
  return field.type == FieldType::kNumber || value == std::floor(value);
}

}  // namespace vigie::schema
