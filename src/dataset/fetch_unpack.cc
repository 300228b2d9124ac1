#include "dataset/fetch_unpack.h"

#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <memory>
#include <utility>

#include "base/number.h"
#include "base/sha256.h"

namespace vigie::dataset {
namespace {

constexpr std::size_t kReadBytes = std::size_t{1} << 16;
constexpr const char* kAgain = "run the command again to download it anew";

std::unexpected<Error> broken(archive* reader, const std::filesystem::path& path) {
  const char* const reason = archive_error_string(reader);
  return fail(Code::kInvalidData, std::string("not a whole zip archive: ") + (reason ? reason : "no reason given"),
              {.file = path.native()}, kAgain);
}

}  // namespace

Result<Unpacked> unpack_member(const std::filesystem::path& path, std::string_view member,
                               const std::filesystem::path& to, std::uint64_t max_bytes, Progress& progress) {
  const std::unique_ptr<archive, decltype(&archive_read_free)> owner(archive_read_new(), archive_read_free);
  archive* const reader = owner.get();
  archive_read_support_format_zip(reader);
  if (archive_read_open_filename(reader, path.c_str(), kReadBytes) != ARCHIVE_OK) return broken(reader, path);

  archive_entry* entry = nullptr;
  for (;;) {
    const int got = archive_read_next_header(reader, &entry);
    if (got == ARCHIVE_EOF) {
      return fail(Code::kInvalidData, "the archive has no " + std::string(member), {.file = path.native()}, kAgain);
    }
    if (got != ARCHIVE_OK && got != ARCHIVE_WARN) return broken(reader, path);
    const char* const name = archive_entry_pathname(entry);
    if (name != nullptr && member == name && archive_entry_filetype(entry) == AE_IFREG) break;
  }

  Unpacked unpacked{VIGIE_TRY(OutputFile::create(to))};
  Sha256 hash;
  progress.begin("unpack", archive_entry_size_is_set(entry) ? static_cast<std::uint64_t>(archive_entry_size(entry)) : 0,
                 "bytes");
  std::array<char, kReadBytes> buffer;
  for (;;) {
    const la_ssize_t got = archive_read_data(reader, buffer.data(), buffer.size());
    if (got < 0) return broken(reader, path);
    if (got == 0) break;
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
    unpacked.bytes += bytes.size();
    if (unpacked.bytes > max_bytes) {
      return fail(Code::kInvalidData,
                  std::string(member) + " is larger than " + with_unit(static_cast<double>(max_bytes), "B"),
                  {.file = path.native()}, "this is not the data set that is known under this name");
    }
    hash.update(bytes);
    VIGIE_TRY(unpacked.file.write(bytes));
    progress.advance_to(unpacked.bytes);
  }
  progress.end();
  unpacked.sha256 = hash.finish_hex();
  return unpacked;
}

}  // namespace vigie::dataset
