// A file becomes a Table, CSV or NDJSON, plain or compressed (gzip, xz, zstd; told by the bytes, not by the name).
//
//   auto reading = VIGIE_TRY(read_table("card.csv.xz", {.types = {{"Class", ColumnType::kInteger}}}, progress));
//   reading.table ...; reading.rejected
//
// "-" is stdin. Not for files larger than memory: see CsvReader in csv.h. The result does not depend on `threads`.
// Types that are not given are guessed from the first 10,000 rows (and on, until every column has shown a value): the
// narrowest type that nine values in ten have, the others being bad cells; an integer column in which a fraction
// appears becomes a number column.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "dataset/bad_row.h"
#include "dataset/cell.h"
#include "dataset/table.h"

namespace vigie::dataset {

enum class FileForm : std::uint8_t { kCsv, kNdjson };

// .csv and .tsv, or .ndjson, .jsonl and .json, before .gz/.xz/.zst; nothing for other names.
std::optional<FileForm> form_by_suffix(const std::filesystem::path& path);

struct ReadOptions {
  char delimiter = ',';                                     // CSV only; '\0': guessed from the header among , ; tab |
  bool header = true;                                       // CSV only; false: the columns are named "1", "2", ...
  MissingTokens missing{};                                  // texts that stand for a missing value
  std::vector<std::pair<std::string, ColumnType>> types{};  // given types; a name that the file lacks is an error
  std::vector<std::string> columns{};                       // read only these, in this order; empty: all, in file order
  OnBadRow on_bad_row = OnBadRow::kFail;
  std::filesystem::path rejects{};                      // with kReject: where bad rows go; empty: only counted
  std::size_t threads = 0;                              // 0: as many as the process may use
  std::size_t max_record_bytes = std::size_t{1} << 20;  // a longer record is an error, so that memory is bounded
  std::size_t block_bytes = std::size_t{1} << 22;       // how much is parsed at a time; no effect on the result
};

struct Reading {
  Table table{};
  FileForm form = FileForm::kCsv;
  std::uint64_t rejected = 0;
};

// The form by suffix, or else by the first byte: '{' is NDJSON.
// A file without rows is an error. Errors carry file, line, column and field.
Result<Reading> read_table(const std::filesystem::path& path, const ReadOptions& options = {},
                           Progress& progress = no_progress());

// CSV or NDJSON by suffix (CSV where it says nothing), compressed by a .gz/.xz/.zst suffix; whole or not at all.
Status write_table(const Table& table, const std::filesystem::path& path);

}  // namespace vigie::dataset
