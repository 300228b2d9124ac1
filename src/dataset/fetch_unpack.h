// One file out of a zip archive that a stranger made.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/progress.h"
#include "base/result.h"

namespace vigie::dataset {

struct Unpacked {
  OutputFile file;  // not committed: the caller looks at the hash first
  std::uint64_t bytes = 0;
  std::string sha256{};
};

// The member called exactly `member` goes to `to`; no other name in the archive at `path` is looked at, so none can
// lead out of the folder. kInvalidData where the archive is broken, has no such member, or the member has more than
// `max_bytes`.
Result<Unpacked> unpack_member(const std::filesystem::path& path, std::string_view member,
                               const std::filesystem::path& to, std::uint64_t max_bytes, Progress& progress);

}  // namespace vigie::dataset
