#include "schema/field.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/folded_text.h"
#include "base/number.h"
#include "base/timestamp.h"

namespace vigie::schema {
namespace {

constexpr std::int64_t kLastMoment = 4'294'944'000'000'000;  // 2106-02-07, where the history's seconds end

bool is_identifier(std::string_view text) {
  return !text.empty() && text.size() <= kMostIdentifier && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.' || c == ':';
  });
}

bool is_capitals(std::string_view text, std::size_t size) {
  return text.size() == size && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_moment(std::string_view text) {
  const auto moment = parse_timestamp(text);
  return moment && *moment >= 0 && *moment < kLastMoment;
}

std::string text_expectation(const Field& field, bool french) {
  switch (field.form) {
    case TextForm::kFree: return french ? "un texte" : "a text";
    case TextForm::kIdentifier:
      return french ? "de 1 à 64 caractères : lettres, chiffres ou - _ . :" : "1 to 64 letters, digits or - _ . :";
    case TextForm::kMoment:
      return french ? "une date et une heure telles que 2026-11-21T10:15:00Z, de 1970 au 6 février 2106"
                    : "a date and time such as 2026-11-21T10:15:00Z, from 1970 to 2106-02-06";
    case TextForm::kCountry:
      return french ? "un pays en deux majuscules (ISO 3166), tel que FR"
                    : "a country in two capitals (ISO 3166), such as FR";
    case TextForm::kCurrency:
      return french ? "une devise en trois majuscules (ISO 4217), telle que EUR"
                    : "a currency in three capitals (ISO 4217), such as EUR";
    case TextForm::kChoice: break;
  }
  std::string text;
  for (const std::string_view choice : field.choices) {
    if (!text.empty()) text += choice == field.choices.back() ? (french ? " ou " : " or ") : ", ";
    text += choice;
  }
  return text;
}

}  // namespace

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

std::optional<std::size_t> choice_of(const Field& field, std::string_view text) {
  constexpr std::size_t kLongest = 64;
  std::array<char, kLongest> mine;
  std::array<char, kLongest> theirs;
  if (text.size() > kLongest) return std::nullopt;
  const auto length = fold_text(text, mine.data());
  if (!length) return std::nullopt;
  for (std::size_t i = 0; i < field.choices.size(); ++i) {
    const auto other = fold_text(field.choices[i], theirs.data());
    if (std::string_view(mine.data(), *length) == std::string_view(theirs.data(), other.value_or(0))) return i;
  }
  return std::nullopt;
}

bool accepts_text(const Field& field, std::string_view text) {
  switch (field.form) {
    case TextForm::kFree: return true;
    case TextForm::kIdentifier: return is_identifier(text);
    case TextForm::kChoice: return choice_of(field, text).has_value();
    case TextForm::kMoment: return is_moment(text);
    case TextForm::kCountry: return is_capitals(text, 2);
    case TextForm::kCurrency: return is_capitals(text, 3);
  }
  return false;
}

std::string expectation(const Field& field, bool french) {
  if (field.type == FieldType::kText) return text_expectation(field, french);
  if (field.type == FieldType::kFlag) return french ? "0 ou 1" : "0 or 1";
  std::string text = field.type == FieldType::kInteger ? (french ? "un entier" : "a whole number")
                                                       : (french ? "un nombre fini" : "a finite number");
  if (std::isfinite(field.minimum)) {
    text += field.above ? (french ? ", plus que " : ", more than ") : (french ? ", au moins " : ", at least ");
    text += format_double(field.minimum);
  }
  if (std::isfinite(field.maximum)) text += (french ? ", au plus " : ", at most ") + format_double(field.maximum);
  return text;
}

}  // namespace vigie::schema
