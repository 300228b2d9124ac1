// From the bytes of some whole records to the rows and fields of a CsvBlock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dataset/csv.h"
#include "dataset/record_cutter.h"

namespace vigie::dataset {

class CsvIndexer {
 public:
  // Makes `block` the rows of `chunk`, whose first line is `first_line`. Returns the number of lines in it. A record
  // longer than `max_record_bytes` ends the block and is put into `error`.
  static std::uint64_t index(const RecordCutter::Chunk& chunk, std::shared_ptr<const CsvHeader> header,
                             std::uint64_t first_line, std::size_t max_record_bytes, CsvBlock& block,
                             std::optional<Error>& error);

 private:
  struct Record {
    std::size_t begin = 0;  // offset of its first byte
    std::size_t end = 0;    // offset of its LF, or of the end of the bytes
    std::size_t first = 0;  // index in marks of its first field's end
    std::size_t fields = 0;
    std::uint32_t line = 0;
    const char* problem = nullptr;  // why it cannot be read
    std::size_t problem_at = 0;
  };

  CsvIndexer(CsvBlock& block, std::size_t max_record_bytes) : block_(block), max_record_bytes_(max_record_bytes) {}
  void without_quotes();
  void with_quotes();
  bool add(const Record& given);  // false where the record is too long
  void check_text(std::string_view text, Record& record) const;
  void reject(const Record& record, std::string reason, std::size_t at);

  CsvBlock& block_;
  std::size_t max_record_bytes_;
  std::uint32_t lines_ = 0;
  bool suspect_ = false;  // some record holds NUL, bytes that are not UTF-8, or a lone CR
  std::optional<std::uint64_t> too_long_;
};

// The fields of the one record at the front of `bytes`, unescaped, one byte at a time: for headers, and what the fast
// way is tested against. `used`: bytes of the record, its line end included.
Result<std::vector<std::string>> split_record(std::string_view bytes, char delimiter, std::size_t& used);

// The delimiter that the first record seems to have: the most frequent of , ; tab | outside quotes.
char guess_delimiter(std::string_view bytes);

// Commas and the like: not a letter, a digit, a quote, a line end or anything that numbers contain.
Status check_delimiter(char delimiter);

}  // namespace vigie::dataset
