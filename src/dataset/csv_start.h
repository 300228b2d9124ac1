// How reading a CSV file begins: its header, and the rows that came in the same chunk.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "dataset/csv.h"
#include "dataset/record_cutter.h"

namespace vigie::dataset {

// A first column without a name, beside others that have one.
inline constexpr std::string_view kRowNames = "row";

struct CsvStart {
  std::shared_ptr<const CsvHeader> header;
  RecordCutter::Chunk rest;  // may hold nothing
  std::uint64_t line = 1;    // of the first byte of `rest`
};

// Errors: an empty file, an empty or repeated name, a header that is not CSV or not UTF-8. A '\0' delimiter is guessed.
// Without a header, columns have the names "1", "2", ..., as many as the first record has fields, and that record is
// the first row.
Result<CsvStart> start_csv(RecordCutter& cutter, char delimiter, MissingTokens missing, bool has_header = true);

}  // namespace vigie::dataset
