#include "dataset/file_hash.h"

#include "base/file.h"
#include "base/sha256.h"

namespace vigie::dataset {

Result<std::string> file_sha256(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return std::string();
  const auto file = VIGIE_TRY(MappedFile::open(path));
  return sha256_hex(file.bytes());
}

}  // namespace vigie::dataset
