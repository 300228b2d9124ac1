#include "model/package_store.h"

#include "base/file.h"
#include "model/package_archive.h"
#include "model/package_folder.h"

namespace vigie::model {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kArchiveEnding = ".tar.zst";

bool is_archive(const fs::path& path) { return path.native().ends_with(kArchiveEnding); }

Result<PackageContents> read_archive(const fs::path& path) {
  const std::string bytes = VIGIE_TRY(read_file(path, kMaxPackageFile));
  return unpack(bytes, path);
}

// A file may be replaced only by who can tell that it is a package.
Status check_replaceable(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return {};
  const auto contents = read_archive(path);
  if (contents && contents->contains(kMarker) && parse_marker(contents->find(kMarker)->second)) return {};
  return fail(Code::kFailedPrecondition, "there is a file that is no model package", {.file = path.native()},
              "give a path that is free or a model package");
}

}  // namespace

Result<PackageContents> read_contents(const fs::path& path) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) {
    return under<PackageContents>(path, fail_errno("cannot open", path.native(), ENOENT));
  }
  if (status.type() == fs::file_type::directory) return under(path, read_folder(path));
  return under(path, read_archive(path));
}

Result<PackageInfo> write_contents(const fs::path& path, const PackageContents& contents) {
  if (is_archive(path)) {
    VIGIE_TRY(check_replaceable(path));
    VIGIE_TRY(write_file(path, VIGIE_TRY(pack(contents))));
  } else {
    VIGIE_TRY(publish_folder(path, contents));
  }
  return parse_marker(contents.find(kMarker)->second);
}

}  // namespace vigie::model
