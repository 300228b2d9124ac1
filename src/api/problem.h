// One thing that is wrong with a body, in the words that FastAPI (pydantic 2) clients know.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "schema/field.h"

namespace vigie::api {

struct Problem {
  enum class Kind : std::uint8_t {
    kMissing,
    kFloatType,     // no number
    kFloatParsing,  // a string that is no number either
    kFinite,        // NaN, Infinity, or beyond a double's range
    kIntegerType,   // a number that is not whole
    kBoolType,      // neither true nor false, nor 1 or 0
    kGreater,
    kGreaterEqual,
    kLessEqual,
    kExtra,
    kDuplicate,
    kObjectType,
    kListType,
    kLiteral,   // a query parameter outside its choices
    kReserved,  // a column that the answer adds
    kStringType,
    kForm,     // a text that is not what its field asks for
    kRow,      // a row of CSV or NDJSON that cannot be used
    kTooMany,  // more problems than are told
  };
  static constexpr Kind kLastKind = Kind::kTooMany;
  Kind kind = Kind::kMissing;
  std::string field{};                 // the last part of its place; empty: the value itself
  std::string input{};                 // the offending value as JSON text; empty: not told
  double bound = 0;                    // kGreater, kGreaterEqual, kLessEqual
  std::string expected{};              // kLiteral; kExtra: the name that was meant, perhaps
  std::string reason{};                // kRow: in English
  const schema::Field* row = nullptr;  // kForm: of the table, which outlives the problem
};

// A value longer than this is not told back.
inline constexpr std::size_t kLongestInput = 512;
// Problems told of one body; then kTooMany.
inline constexpr std::size_t kMostProblems = 100;

// What comes after kMostProblems is told once, as kTooMany.
void add_problem(std::vector<Problem>& problems, Problem problem);

std::string_view type_of(Problem::Kind kind);  // "missing"
std::string message_of(const Problem& problem, bool french);

// `place`: what leads to the value as JSON text, `"body", "transactions", 3`.
void write_problem(JsonWriter& json, const Problem& problem, std::string_view place, bool french);

// {"detail": [...]}
std::string problem_document(const std::vector<Problem>& problems, std::string_view place, bool french);

}  // namespace vigie::api
