// A package where it lies, a folder or a .tar.zst, whatever kind of model it holds.
#pragma once

#include <filesystem>
#include <utility>

#include "base/result.h"
#include "model/package_contents.h"

namespace vigie::model {

// Every file of it, not checked yet: see verify_contents().
Result<PackageContents> read_contents(const std::filesystem::path& path);

// `path` may be absent, an empty folder, or a package (replaced); anything else is kFailedPrecondition. A path ending
// in .tar.zst gives one file. `contents` has its marker.
Result<PackageInfo> write_contents(const std::filesystem::path& path, const PackageContents& contents);

// Errors of a package's parts name the file inside it; the user gave the package's path.
template <typename T>
Result<T> under(const std::filesystem::path& path, Result<T> result) {
  if (!result) {
    auto& file = result.error().place.file;
    if (!file.starts_with(path.native())) file = file.empty() ? path.native() : (path / file).native();
  }
  return result;
}

}  // namespace vigie::model
