// The files of the pages that the server shows people. The build puts them into the program (src/web/CMakeLists.txt),
// each with its compressed forms; they live in its read-only part, so that only what is asked for comes into memory.
#pragma once

#include <span>
#include <string_view>

namespace vigie::web {

struct File {
  std::string_view name;    // "swagger-ui.css"
  std::string_view hash;    // changes with the bytes: the SHA-256's first 32 hexadecimal digits
  std::string_view bytes;   // as they are
  std::string_view gzip;    // the same by gzip (RFC 1952); empty: hardly smaller
  std::string_view brotli;  // the same by Brotli (RFC 7932); empty: hardly smaller
};

// By name. Those of swagger-ui-dist are absent where npm could not bring it before the build.
std::span<const File> files();

}  // namespace vigie::web
