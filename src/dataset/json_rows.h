// Rows that are JSON values, as text, in blocks: one a line (NDJSON), or the elements of one array, told by the first
// byte. Values are found here and read elsewhere (card_json.h): one that is no good JSON is a bad row there.
//
//   auto reader = VIGIE_TRY(JsonRowReader::open(std::move(source), {}));   // streaming, constant memory
//   JsonBlock block;
//   while (VIGIE_TRY(reader.next(block))) {
//     for (const JsonBlock::Row& row : block.rows) block.record(row) ...
//   }
//
// Empty lines are skipped, and a byte-order mark. A reader belongs to one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dataset/bytes.h"

namespace vigie::dataset {

struct JsonBlock {
  struct Row {
    std::size_t begin;  // in `text`, without the spaces around it
    std::size_t end;
    std::uint64_t line;  // of the file, on which it begins
  };
  std::string text;
  std::vector<Row> rows;

  std::string_view record(const Row& row) const {
    return std::string_view(text).substr(row.begin, row.end - row.begin);
  }
};

class JsonRowReader {
 public:
  struct Options {
    std::size_t block_bytes = std::size_t{1} << 18;  // no effect on rows, only on how many come at a time
    std::size_t max_record_bytes = std::size_t{1} << 20;
    bool array = true;  // false: one a line, whatever the first byte
  };

  // Reads as far as it takes to see the first value. Errors: what the source says.
  static Result<JsonRowReader> open(std::unique_ptr<ByteSource> source, const Options& options);

  // Fills `block` with the next rows; false at the end. Errors: a row longer than allowed, an array that is not closed,
  // lacks a comma or has something behind it; the rows before it come first.
  Result<bool> next(JsonBlock& block);

  bool is_array() const { return expected_ != Expected::kLine; }
  const ByteSource& source() const { return *source_; }

 private:
  // What comes next, spaces apart.
  enum class Expected : std::uint8_t { kLine, kFirst, kElement, kComma, kNothing };

  JsonRowReader(std::unique_ptr<ByteSource> source, const Options& options)
      : source_(std::move(source)), options_(options) {}
  Status fill(std::string& text, std::size_t target);
  std::size_t split_lines(JsonBlock& block);
  std::size_t split_array(JsonBlock& block);
  void fail_at(std::size_t offset, const JsonBlock& block, std::string message, std::string remedy);
  Status check_end(std::string_view rest);

  std::unique_ptr<ByteSource> source_;
  Options options_;
  std::string rest_;  // read, and not handed out
  Expected expected_ = Expected::kLine;
  std::uint64_t line_ = 1;  // of the first byte of `rest_`
  bool at_end_ = false;
  std::optional<Error> failure_;
};

}  // namespace vigie::dataset
