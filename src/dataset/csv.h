// CSV in and out, RFC 4180: quoted fields with delimiters, doubled quotes and newlines in them, LF or CRLF, one header.
//
//   auto reader = VIGIE_TRY(CsvReader::open(path, {.on_bad_row = OnBadRow::kReject}));   // streaming, constant memory
//   CsvBlock block;
//   while (VIGIE_TRY(reader.next(block))) {
//     for (const BadRow& bad : block.bad_rows()) ...            // ragged, not UTF-8, ...: not among the rows
//     for (std::size_t row = 0; row < block.rows(); ++row) block.field(row, 3) ...
//   }
//
// Stricter than most readers, because a shifted column is a wrong decision: a row with too few or too many fields, a
// quote inside an unquoted field, text after a closing quote, NUL, bytes that are not UTF-8 and a carriage return alone
// make the row bad. Empty lines are skipped, except in files of one column, where they are a missing value. Names in
// the header lose the spaces around them. A quoted cell of a text column is text as it stands ("" is the empty text);
// everywhere else a missing token is missing whether quoted or not. A reader or writer belongs to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/decimal_cells.h"
#include "base/progress.h"
#include "base/result.h"
#include "dataset/bad_row.h"
#include "dataset/bytes.h"
#include "dataset/cell.h"
#include "dataset/csv_scan.h"
#include "dataset/read.h"
#include "dataset/table.h"

namespace vigie::dataset {

struct CsvOptions {
  char delimiter = ',';  // '\0': guessed from the header among , ; tab |
  MissingTokens missing{};
  OnBadRow on_bad_row = OnBadRow::kFail;
  std::size_t max_record_bytes = std::size_t{1} << 20;
  std::size_t block_bytes = std::size_t{1} << 20;  // no effect on rows, only on how many come at a time
};

// What is known of a file once its header has been read, and how its cells are meant.
struct CsvHeader {
  std::string file;
  std::vector<std::string> names;
  char delimiter = ',';
  MissingTokens missing{};
  std::optional<std::size_t> find(std::string_view name) const;
};

// Some consecutive rows, as text. Views live until the block is filled again or destroyed.
class CsvBlock {
 public:
  std::size_t rows() const { return rows_.size(); }
  std::span<const BadRow> bad_rows() const { return bad_rows_; }  // in file order

  std::string_view record(std::size_t row) const;  // as it stands in the file, without the line's end
  std::uint64_t line(std::size_t row) const { return first_line_ + rows_[row].line; }
  std::string_view field(std::size_t row, std::size_t column) const;  // unescaped
  bool quoted(std::size_t row, std::size_t column) const;

  // Numbers of `columns`, row after row into `out` (rows() * columns.size() values); a missing token gives NaN. A row
  // with a cell that is no finite number is described once in `errors` (appended, in row order, `row` telling which)
  // and its values are NaN.
  struct CellError {
    std::size_t row;
    BadRow bad;
  };
  void parse_numbers(std::span<const std::uint32_t> columns, std::span<double> out,
                     std::vector<CellError>& errors) const;

  // The description of a cell of row `row` that cannot be used, for callers with rules of their own.
  BadRow bad_cell(std::size_t row, std::size_t column, std::string reason) const;

 private:
  friend class CsvIndexer;
  friend class CsvReader;
  struct Row {
    std::uint32_t begin;      // offset of the record
    std::uint32_t first_end;  // index of its first field's end in structure_.marks
    std::uint32_t line;       // lines after first_line_
  };
  std::string_view raw_field(std::size_t row, std::size_t column) const;
  bool find_cells(const Row& at, std::span<const std::uint32_t> columns, TextCell* cells) const;
  bool parse_number(std::size_t row, std::size_t column, double& out) const;

  std::shared_ptr<const std::string> owner_;  // the bytes, where they do not lie in the source
  std::string_view bytes_;
  std::shared_ptr<const CsvHeader> header_;
  std::uint64_t first_line_ = 1;
  Structure structure_;  // once indexed, `marks` holds the offset of the delimiter or line end after each field
  std::vector<Row> rows_;
  std::vector<BadRow> bad_rows_;
  std::vector<std::pair<std::uint32_t, std::string>> unescaped_;  // fields with doubled quotes, by index into `marks`
};

class CsvReader {
 public:
  static Result<CsvReader> open(const std::filesystem::path& path, const CsvOptions& options = {});
  static Result<CsvReader> open(std::unique_ptr<ByteSource> source, const CsvOptions& options = {});
  CsvReader(CsvReader&&) noexcept;
  CsvReader& operator=(CsvReader&&) noexcept;
  ~CsvReader();

  const CsvHeader& header() const;
  // Fills `block` with the next rows; false at the end of the file. With OnBadRow::kFail the first bad row is the
  // error.
  Result<bool> next(CsvBlock& block);
  // For progress: bytes of the file (as it is stored) read so far, and in all (0 where not known).
  std::uint64_t bytes_read() const;
  std::uint64_t bytes_total() const;

 private:
  struct State;
  explicit CsvReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// The whole file as a table; rules in read.h.
Result<Reading> read_csv(const std::filesystem::path& path, const ReadOptions& options = {},
                         Progress& progress = no_progress());
Result<Reading> read_csv(std::unique_ptr<ByteSource> source, const ReadOptions& options = {},
                         Progress& progress = no_progress());

// Writes CSV rows field by field: numbers in their shortest exact form, quotes only where they are needed, LF. The file
// appears with commit(), whole; compressed by a .gz/.xz/.zst suffix; "-" is stdout.
class CsvWriter {
 public:
  static Result<CsvWriter> create(const std::filesystem::path& path, std::span<const std::string> header,
                                  char delimiter = ',');

  void text(std::string_view value);  // quoted too where it would read back as missing
  void number(double value);          // NaN is written as missing; infinity is refused by end_row()
  void integer(std::int64_t value);
  void missing();
  void raw(std::string_view fields);  // one or more fields that are CSV already
  Status end_row();
  Status commit();

 private:
  CsvWriter(ByteSink sink, std::string name, char delimiter);
  void begin_field();

  ByteSink sink_;
  std::string name_;
  std::string buffer_;
  std::uint64_t rows_ = 0;
  char delimiter_;
  bool in_row_ = false;
  bool infinite_ = false;
};

Status write_csv(const Table& table, const std::filesystem::path& path, char delimiter = ',');

// Appends `value` as one CSV field, in quotes where RFC 4180 asks for them.
void append_csv_field(std::string& out, std::string_view value, char delimiter = ',');

}  // namespace vigie::dataset
