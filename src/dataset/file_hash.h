// The hash by which a model names the file that it learnt from.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace vigie::dataset {

// SHA-256 of the bytes as they are on disk, 64 hex digits; empty for what is no plain file, which can be read only
// once.
Result<std::string> file_sha256(const std::filesystem::path& path);

}  // namespace vigie::dataset
