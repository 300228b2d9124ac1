#include "model/package.h"

#include "base/file.h"
#include "model/card_contents.h"
#include "model/package_archive.h"
#include "model/package_contents.h"
#include "model/package_folder.h"
#include "model/transaction_contents.h"

namespace vigie::model {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kArchiveEnding = ".tar.zst";

bool is_archive(const fs::path& path) { return path.native().ends_with(kArchiveEnding); }

Result<PackageContents> read_archive(const fs::path& path) {
  const std::string bytes = VIGIE_TRY(read_file(path, kMaxPackageFile));
  return unpack(bytes, path);
}

Result<PackageContents> open(const fs::path& path) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) return fail_errno("cannot open", path.native(), ENOENT);
  if (status.type() == fs::file_type::directory) return read_folder(path);
  return read_archive(path);
}

// Errors of a package's parts name the file inside it; the user gave the package's path.
template <typename T>
Result<T> under(const fs::path& path, Result<T> result) {
  if (!result) {
    auto& file = result.error().place.file;
    if (!file.starts_with(path.native())) file = file.empty() ? path.native() : (path / file).native();
  }
  return result;
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

Result<PackageInfo> publish(const fs::path& path, const PackageContents& contents) {
  if (is_archive(path)) {
    VIGIE_TRY(check_replaceable(path));
    VIGIE_TRY(write_file(path, VIGIE_TRY(pack(contents))));
  } else {
    VIGIE_TRY(publish_folder(path, contents));
  }
  return parse_marker(contents.find(kMarker)->second);
}

}  // namespace

Result<PackageInfo> write_package(const fs::path& path, const CardModel& model) {
  return publish(path, VIGIE_TRY(make_contents(model)));
}

Result<PackageInfo> write_package(const fs::path& path, const TransactionModel& model) {
  return publish(path, VIGIE_TRY(make_contents(model)));
}

Result<LoadedTransactionModel> read_transaction_package(const fs::path& path) {
  const auto contents = VIGIE_TRY(under(path, open(path)));
  return under(path, read_transaction_contents(contents));
}

Result<LoadedCardModel> read_package(const fs::path& path) {
  const auto contents = VIGIE_TRY(under(path, open(path)));
  return under(path, read_card_contents(contents));
}

Result<PackageInfo> verify_package(const fs::path& path) {
  const auto contents = VIGIE_TRY(under(path, open(path)));
  return under(path, verify_contents(contents));
}

}  // namespace vigie::model
