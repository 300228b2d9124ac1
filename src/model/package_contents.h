// A package as bytes: which files it has, what each holds, and the marker that seals them. No file system here, so
// that folders, archives and fuzzers share every check.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/package.h"

namespace vigie::model {

inline constexpr std::string_view kMarker = "PACKAGE";
inline constexpr std::string_view kCardFile = "card.html";
inline constexpr std::uint64_t kMaxPackageFile = std::uint64_t{1} << 30;
inline constexpr std::size_t kMaxPackageFiles = 64;

using PackageContents = std::map<std::string, std::string, std::less<>>;  // name to bytes, marker included

// Fails where the model would not read back: a figure that is not finite, a forest that is not valid, a member whose
// stored source says something else.
Result<PackageContents> make_contents(const CardModel& model);

// The marker alone, not compared with any file. kUnsupported for a newer format.
Result<PackageInfo> parse_marker(std::string_view json);

// Marker, names, sizes and hashes.
Result<PackageInfo> verify_contents(const PackageContents& contents);

// verify_contents() and the model.
Result<LoadedCardModel> read_contents(const PackageContents& contents);

// The files as the marker lists them, and the version that follows from them.
PackageInfo seal(const PackageContents& contents);

}  // namespace vigie::model
