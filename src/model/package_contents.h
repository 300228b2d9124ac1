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

// The marker alone, not compared with any file. kUnsupported for a newer format.
Result<PackageInfo> parse_marker(std::string_view json);

// Marker, names, sizes and hashes.
Result<PackageInfo> verify_contents(const PackageContents& contents);
// The same; kInvalidArgument for a package of another kind.
Result<PackageInfo> verify_contents(const PackageContents& contents, std::string_view kind);

// The files as the marker will list them, and the version that follows from them.
PackageInfo seal(const PackageContents& contents, std::string_view kind);
void add_marker(PackageContents& contents, std::string_view kind);

// kInvalidData about a file of a package, with what to do about it.
std::unexpected<Error> damaged_file(std::string_view file, std::string message);

}  // namespace vigie::model
