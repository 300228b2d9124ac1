#include "api/problem.h"

#include <cmath>

#include "base/number.h"

namespace vigie::api {
namespace {

// 1e12 as 1,000,000,000,000, or with spaces.
std::string bound_text(double bound, bool french) {
  constexpr double kLeast = 10'000;
  constexpr double kMost = 1e15;
  if (bound < kLeast || bound > kMost || bound != std::floor(bound)) return format_double(bound);
  std::string grouped = with_thousands(static_cast<std::uint64_t>(bound));
  if (!french) return grouped;
  std::string text;
  for (const char c : grouped) text += c == ',' ? std::string("\u202f") : std::string(1, c);
  return text;
}

}  // namespace

void add_problem(std::vector<Problem>& problems, Problem problem) {
  if (problems.size() == kMostProblems) problems.push_back({.kind = Problem::Kind::kTooMany});
  if (problems.size() < kMostProblems) problems.push_back(std::move(problem));
}

std::string_view type_of(Problem::Kind kind) {
  switch (kind) {
    case Problem::Kind::kMissing: return "missing";
    case Problem::Kind::kFloatType: return "float_type";
    case Problem::Kind::kFloatParsing: return "float_parsing";
    case Problem::Kind::kFinite: return "finite_number";
    case Problem::Kind::kIntegerType: return "int_from_float";
    case Problem::Kind::kBoolType: return "bool_type";
    case Problem::Kind::kGreater: return "greater_than";
    case Problem::Kind::kGreaterEqual: return "greater_than_equal";
    case Problem::Kind::kLessEqual: return "less_than_equal";
    case Problem::Kind::kExtra: return "extra_forbidden";
    case Problem::Kind::kDuplicate: return "duplicate_key";
    case Problem::Kind::kObjectType: return "model_attributes_type";
    case Problem::Kind::kListType: return "list_type";
    case Problem::Kind::kLiteral: return "literal_error";
    case Problem::Kind::kReserved: return "reserved_name";
    case Problem::Kind::kStringType: return "string_type";
    case Problem::Kind::kForm: return "string_pattern_mismatch";
    case Problem::Kind::kRow: return "value_error";
    case Problem::Kind::kTooMany: return "too_many_errors";
  }
  return "value_error";
}

std::string message_of(const Problem& problem, bool french) {
  switch (problem.kind) {
    case Problem::Kind::kMissing: return french ? "Champ obligatoire" : "Field required";
    case Problem::Kind::kFloatType: return french ? "La valeur doit être un nombre" : "Input should be a valid number";
    case Problem::Kind::kFloatParsing:
      return french ? "La valeur doit être un nombre ; ce texte n'en est pas un"
                    : "Input should be a valid number, unable to parse string as a number";
    case Problem::Kind::kFinite:
      return french ? "La valeur doit être un nombre fini" : "Input should be a finite number";
    case Problem::Kind::kIntegerType:
      return french ? "La valeur doit être un entier" : "Input should be a valid integer";
    case Problem::Kind::kBoolType:
      return french ? "La valeur doit être true ou false" : "Input should be a valid boolean: true or false";
    case Problem::Kind::kGreater:
      return (french ? "La valeur doit être supérieure à " : "Input should be greater than ") +
             bound_text(problem.bound, french);
    case Problem::Kind::kGreaterEqual:
      return (french ? "La valeur doit être supérieure ou égale à " : "Input should be greater than or equal to ") +
             bound_text(problem.bound, french);
    case Problem::Kind::kLessEqual:
      return (french ? "La valeur doit être inférieure ou égale à " : "Input should be less than or equal to ") +
             bound_text(problem.bound, french);
    case Problem::Kind::kExtra:
      if (problem.expected.empty()) return french ? "Champ inconnu" : "Extra inputs are not permitted";
      return french ? "Champ inconnu ; peut-être " + problem.expected + " ?"
                    : "Extra inputs are not permitted; did you mean " + problem.expected + "?";
    case Problem::Kind::kDuplicate: return french ? "Champ donné plus d'une fois" : "Field given more than once";
    case Problem::Kind::kObjectType:
      return french ? "La valeur doit être un objet" : "Input should be a valid dictionary or object";
    case Problem::Kind::kListType: return french ? "La valeur doit être une liste" : "Input should be a valid list";
    case Problem::Kind::kLiteral: return (french ? "Valeurs possibles : " : "Input should be ") + problem.expected;
    case Problem::Kind::kReserved:
      return french ? "La réponse ajoute une colonne de ce nom : renommez-la"
                    : "The answer adds a column of this name: rename it";
    case Problem::Kind::kStringType: return french ? "La valeur doit être un texte" : "Input should be a valid string";
    case Problem::Kind::kForm:
      if (french && problem.row->form == schema::TextForm::kIdentifier) {
        return "La valeur doit compter " + schema::expectation(*problem.row, french);
      }
      return (french ? "La valeur doit être " : "Input should be ") + schema::expectation(*problem.row, french);
    case Problem::Kind::kRow: return problem.reason;
    case Problem::Kind::kTooMany:
      return french ? "D'autres erreurs ne sont pas montrées" : "There are more errors than are shown";
  }
  return {};
}

void write_problem(JsonWriter& json, const Problem& problem, std::string_view place, bool french) {
  std::string loc = "[";
  loc += place;
  if (!problem.field.empty()) {
    loc += ", ";
    append_json_string(loc, problem.field);
  }
  loc += "]";
  json.begin_object().member("type", type_of(problem.kind)).key("loc").raw(loc);
  json.member("msg", message_of(problem, french));
  if (!problem.input.empty() && problem.input.size() <= kLongestInput) json.key("input").raw(problem.input);
  if (problem.kind == Problem::Kind::kGreater) {
    json.key("ctx").begin_object().member("gt", problem.bound).end_object();
  } else if (problem.kind == Problem::Kind::kGreaterEqual) {
    json.key("ctx").begin_object().member("ge", problem.bound).end_object();
  } else if (problem.kind == Problem::Kind::kLessEqual) {
    json.key("ctx").begin_object().member("le", problem.bound).end_object();
  }
  json.end_object();
}

std::string problem_document(const std::vector<Problem>& problems, std::string_view place, bool french) {
  JsonWriter json;
  json.begin_object().key("detail").begin_array();
  for (const Problem& problem : problems) write_problem(json, problem, place, french);
  json.end_array().end_object();
  return std::move(json).text();
}

}  // namespace vigie::api
