// Bytes in and out of files, compressed or not. In: gzip, xz and zstd are told by their first bytes and unpacked in
// blocks (libarchive); a truncated or corrupted file is an error, never a short read. Out: by the name's suffix.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace vigie::dataset {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Fills the front of `into` (not empty) and says how many bytes; 0 is the end. Waits for slow pipes.
  virtual Result<std::size_t> read(std::span<char> into) = 0;
  // All the bytes, where they are in memory: then read() need not be called. They live as long as the source.
  virtual std::optional<std::string_view> whole() const { return std::nullopt; }
  virtual const std::string& name() const = 0;      // for messages
  virtual std::uint64_t position() const = 0;       // bytes of the file, as stored, taken so far
  virtual std::uint64_t size() const { return 0; }  // of the file, as stored; 0 where not known
};

enum class Access : std::uint8_t {
  kStreamed,
  kMapped,  // a plain regular file is mapped: no copy, but its pages count as resident memory
};

// "-" is stdin. Missing, not permitted, a folder: an error with the remedy. An empty file is no error here.
Result<std::unique_ptr<ByteSource>> open_bytes(const std::filesystem::path& path, Access access = Access::kStreamed);

// A source, and the first character of its text that is no space (nor a byte-order mark); '\0' where there is none
// near.
struct PeekedSource {
  std::unique_ptr<ByteSource> source;  // what was looked at comes again
  char first;
};
Result<PeekedSource> peek_at(std::unique_ptr<ByteSource> source);

// Bytes that the caller keeps alive. With `piece` > 0 they come through read(), at most that many at a time.
std::unique_ptr<ByteSource> bytes_in_memory(std::string_view bytes, std::string name = "input", std::size_t piece = 0);

// A file being written, compressed by its suffix (.gz, .xz, .zst); "-" is stdout. It appears with commit(), whole.
class ByteSink {
 public:
  static Result<ByteSink> create(const std::filesystem::path& path);
  ByteSink(ByteSink&&) noexcept;
  ~ByteSink();
  Status write(std::string_view bytes);
  Status commit();

 private:
  struct State;
  explicit ByteSink(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// SHA-256 of the bytes as they are on disk; empty for what is no regular file.
Result<std::string> stored_sha256(const std::filesystem::path& path);

// `path` without a .gz, .xz or .zst suffix.
std::filesystem::path without_compression_suffix(const std::filesystem::path& path);

}  // namespace vigie::dataset
