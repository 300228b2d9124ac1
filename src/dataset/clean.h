// Cleaning a table: exact duplicates first (as they were read), then missing values.
//
//   auto [table, report] = VIGIE_TRY(clean(std::move(table), {.duplicates = Duplicates::kDrop,
//                                                             .missing = {.action = MissingAction::kMedian}}));
//
// Rows are duplicates where all columns are equal as values: missing equals missing, 0.0 equals -0.0. The first stays.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "base/result.h"
#include "dataset/table.h"

namespace vigie::dataset {

enum class Duplicates : std::uint8_t { kKeep, kDrop };
enum class MissingAction : std::uint8_t {
  kError,
  kDrop,      // the row
  kMedian,    // of the column after duplicates have gone; whole columns and moments take the lower of two middles
  kConstant,  // `constant`, read by the column's type
};

struct MissingRule {
  MissingAction action = MissingAction::kError;
  std::string constant{};  // for kConstant
};

// "error", "drop", "median", or "constant=VALUE".
Result<MissingRule> parse_missing_rule(std::string_view text);
std::string_view to_string(MissingAction action);

struct CleanOptions {
  Duplicates duplicates = Duplicates::kKeep;
  MissingRule missing{};
  std::vector<std::pair<std::string, MissingRule>> overrides{};  // by column
  std::vector<std::string> columns{};  // where to look for missing values; empty: all. Overrides always look.
};

struct CleanedColumn {
  std::string name;
  std::uint64_t missing = 0;  // after duplicates have gone
  MissingAction action = MissingAction::kError;
  std::string filled_with{};  // the median or constant, as text; empty where nothing was filled
};

struct CleanReport {
  std::uint64_t rows_in = 0;
  std::uint64_t rows_out = 0;
  std::uint64_t duplicates = 0;          // found
  std::uint64_t duplicates_dropped = 0;  // 0 with kKeep
  std::uint64_t rows_dropped = 0;        // for missing values
  std::vector<CleanedColumn> columns{};  // those that were looked at, in table order

  void write_json(JsonWriter& json) const;
  std::string to_text() const;  // for people, several lines
};

struct Cleaned {
  Table table;
  CleanReport report;
};

// Errors: an unknown column name or a constant that does not fit its column (kInvalidArgument), missing values under
// kError, no value to take the median of, and no row left (kInvalidData).
Result<Cleaned> clean(Table table, const CleanOptions& options);

}  // namespace vigie::dataset
