// Files: whole reads, memory maps, and writes that are there whole or not at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace vigie {

// The bytes of a regular file; larger than `limit` is kResourceExhausted.
Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t limit = std::uint64_t{1} << 32);

// A read-only map of a regular file. Movable; the view lives as long as the object.
class MappedFile {
 public:
  static Result<MappedFile> open(const std::filesystem::path& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  std::string_view bytes() const { return {data_, size_}; }

 private:
  MappedFile(const char* data, std::size_t size) : data_(data), size_(size) {}
  const char* data_ = nullptr;
  std::size_t size_ = 0;
};

enum class Readers : std::uint8_t { kAll, kOwner };  // mode 0644 less the umask, or 0600

// A file being written without a name (or, where the file system cannot, under a temporary one beside its own);
// commit() syncs it and renames it into place, and without that nothing stays: readers see the old file or the whole
// new one.
class OutputFile {
 public:
  static Result<OutputFile> create(const std::filesystem::path& path, Readers readers = Readers::kAll);
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();

  Status write(std::string_view bytes);  // buffered
  Status commit();

 private:
  OutputFile(std::filesystem::path path, std::filesystem::path temporary, int descriptor);
  Status flush();
  Status put(std::string_view bytes);

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int descriptor_ = -1;
  std::string buffer_;
  std::uint64_t written_ = 0;    // bytes given to the system
  std::uint64_t handed_on_ = 0;  // of them, bytes that the disk was told to begin with
  bool named_ = true;            // whether the temporary file has its name yet
};

Status write_file(const std::filesystem::path& path, std::string_view bytes, Readers readers = Readers::kAll);

// Makes a rename or a new file in `folder` survive a power cut.
Status sync_folder(const std::filesystem::path& folder);

}  // namespace vigie
