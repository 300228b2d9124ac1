// Cuts a source of bytes into chunks of whole records, in memory that is bounded by the chunk and the longest record
// allowed. A file in memory is cut without a copy. Knows quotes where the form has them (CSV), else only line ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dataset/bytes.h"

namespace vigie::dataset {

class RecordCutter {
 public:
  struct Options {
    std::size_t chunk_bytes = std::size_t{1} << 20;
    std::size_t max_record_bytes = std::size_t{1} << 20;
    bool quotes = true;
    char delimiter = ',';
  };
  struct Chunk {
    std::shared_ptr<const std::string> owner;  // empty where `bytes` lie in the source
    std::string_view bytes;                    // one or more whole records; only the file's last may lack its LF
  };

  RecordCutter(std::unique_ptr<ByteSource> source, const Options& options);

  // The first bytes of the file, a byte order mark apart, at most 64 KiB. Before the first next() only.
  Result<std::string_view> front();
  void set_delimiter(char delimiter) { options_.delimiter = delimiter; }

  // The next chunk; nothing at the end. A chunk that nobody holds any more is used again. Errors: what the source
  // says, a record longer than allowed, a quote that is never closed. Lines in errors count from the end of what has
  // been handed out: the caller adds those before it.
  Result<std::optional<Chunk>> next();

  const ByteSource& source() const { return *source_; }
  std::uint64_t position() const { return whole_ ? used_ : source_->position(); }

 private:
  Status start();
  Status fill(std::size_t target);
  std::shared_ptr<std::string> free_buffer();
  std::string_view pending() const;
  std::unexpected<Error> incomplete(std::string_view record) const;

  std::unique_ptr<ByteSource> source_;
  Options options_;
  std::optional<std::string_view> whole_;              // all of it, where the source has it in memory
  std::shared_ptr<std::string> buffer_;                // else what was read and is not handed out: [begin_, end_)
  std::vector<std::shared_ptr<std::string>> buffers_;  // all of them, those handed out included
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t used_ = 0;    // of *whole_
  std::size_t window_ = 0;  // of *whole_, past used_, that may be looked at
  bool at_end_ = false;
  bool started_ = false;
};

// How many bytes at the front of `bytes` are whole records (which ends with an LF outside quotes; everything, when
// `at_end` and no quote is open). `bytes` begins at a record. A quote opens at the front of a field only.
std::size_t whole_records(std::string_view bytes, char delimiter, bool at_end);

// The offset of the quote at which `record`'s unclosed field opens, or npos where all are closed.
std::size_t open_quote(std::string_view record, char delimiter);

// Characters (code points) of UTF-8 text, for columns in messages.
std::size_t characters(std::string_view text);

Error record_too_long(const std::string& file, std::uint64_t line, std::size_t limit);

}  // namespace vigie::dataset
