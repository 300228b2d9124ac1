#include "model/package_archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <memory>

namespace vigie::model {
namespace {

constexpr const char* kLevel = "10";
constexpr std::uint64_t kMaxTotal = std::uint64_t{2} << 30;

struct FreeArchive {
  void operator()(archive* handle) const { archive_free(handle); }
};
using Archive = std::unique_ptr<archive, FreeArchive>;

struct FreeEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

la_ssize_t append(archive*, void* out, const void* bytes, std::size_t size) {
  static_cast<std::string*>(out)->append(static_cast<const char*>(bytes), size);
  return static_cast<la_ssize_t>(size);
}

std::unexpected<Error> cannot_pack(archive* handle) {
  const char* reason = archive_error_string(handle);
  return fail(Code::kInternal, std::string("cannot pack: ") + (reason == nullptr ? "no memory" : reason), {},
              "write a folder instead");
}

std::unexpected<Error> refuse(const std::filesystem::path& path, std::string message) {
  return fail(Code::kInvalidData, std::move(message), {.file = path.native()},
              "give a .tar.zst that `vigie train` wrote, or copy it again");
}

// A file name that cannot lead anywhere: letters, digits and "._-", not starting with a dot.
bool plain(std::string_view name) {
  return !name.empty() && name.size() <= 100 && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
                  c == '-';
         });
}

Result<std::string> read_member(archive* handle, const std::filesystem::path& path, const std::string& name,
                                std::uint64_t budget) {
  std::string bytes;
  std::string block(std::size_t{1} << 16, '\0');
  for (;;) {
    const la_ssize_t got = archive_read_data(handle, block.data(), block.size());
    if (got == 0) return bytes;
    if (got < 0) {
      const char* reason = archive_error_string(handle);
      return refuse(path, name + ": " + (reason == nullptr ? "it cannot be read" : reason));
    }
    if (bytes.size() + static_cast<std::size_t>(got) > budget) return refuse(path, name + " is too large");
    bytes.append(block.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

Result<std::string> pack(const PackageContents& contents) {
  std::string out;
  const Archive handle(archive_write_new());
  archive* const raw = handle.get();
  if (raw == nullptr || archive_write_set_format_ustar(raw) != ARCHIVE_OK ||
      archive_write_add_filter_zstd(raw) != ARCHIVE_OK ||
      archive_write_set_filter_option(raw, "zstd", "compression-level", kLevel) != ARCHIVE_OK ||
      archive_write_set_bytes_in_last_block(raw, 1) != ARCHIVE_OK ||
      archive_write_open(raw, &out, nullptr, append, nullptr) != ARCHIVE_OK) {
    return cannot_pack(raw);
  }
  for (const auto& [name, bytes] : contents) {
    const std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new());
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(bytes.size()));
    archive_entry_set_mtime(entry.get(), 0, 0);
    if (archive_write_header(raw, entry.get()) != ARCHIVE_OK) return cannot_pack(raw);
    if (archive_write_data(raw, bytes.data(), bytes.size()) != static_cast<la_ssize_t>(bytes.size())) {
      return cannot_pack(raw);
    }
  }
  if (archive_write_close(raw) != ARCHIVE_OK) return cannot_pack(raw);
  return out;
}

Result<PackageContents> unpack(std::string_view bytes, const std::filesystem::path& path) {
  const Archive handle(archive_read_new());
  archive* const raw = handle.get();
  if (raw == nullptr || archive_read_support_filter_zstd(raw) != ARCHIVE_OK ||
      archive_read_support_format_tar(raw) != ARCHIVE_OK ||
      archive_read_open_memory(raw, bytes.data(), bytes.size()) != ARCHIVE_OK) {
    return refuse(path, "not a tar archive compressed with zstd");
  }
  PackageContents contents;
  std::uint64_t total = 0;
  for (;;) {
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(raw, &entry);
    if (status == ARCHIVE_EOF) break;
    if (status != ARCHIVE_OK) {
      const char* reason = archive_error_string(raw);
      return refuse(path, std::string("not a whole archive: ") + (reason == nullptr ? "it cannot be read" : reason));
    }
    const char* pathname = archive_entry_pathname(entry);
    const std::string name = pathname == nullptr ? "" : pathname;
    if (!plain(name)) return refuse(path, "a member is not named like a file of a package");
    if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) != nullptr ||
        archive_entry_symlink(entry) != nullptr) {
      return refuse(path, name + " is not a plain file");
    }
    if (contents.contains(name)) return refuse(path, name + " is there twice");
    if (contents.size() == kMaxPackageFiles) return refuse(path, "too many members");
    const std::uint64_t budget = std::min(kMaxPackageFile, kMaxTotal - total);
    auto data = VIGIE_TRY(read_member(raw, path, name, budget));
    total += data.size();
    contents.emplace(name, std::move(data));
  }
  return contents;
}

}  // namespace vigie::model
