// A package as one file: a POSIX tar of plain files, compressed with zstd.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/package_contents.h"

namespace vigie::model {

// Equal contents give equal bytes (with the same libzstd): names in order, no times, no owners.
Result<std::string> pack(const PackageContents& contents);

// Only plain files with plain names, each once, within the limits of package_contents.h; `path` is for errors.
Result<PackageContents> unpack(std::string_view bytes, const std::filesystem::path& path);

}  // namespace vigie::model
