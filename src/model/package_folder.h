// A package as a folder: read whole, published whole.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "model/package_contents.h"

namespace vigie::model {

// Every plain file in the folder; anything else in it is refused.
Result<PackageContents> read_folder(const std::filesystem::path& folder);

// Readers see what was there before or the whole new package, and a failure leaves nothing behind. `folder` may be
// absent (its parents are made), an empty folder or a package; anything else is kFailedPrecondition and untouched.
Status publish_folder(const std::filesystem::path& folder, const PackageContents& contents);

}  // namespace vigie::model
