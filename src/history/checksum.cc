#include "history/checksum.h"

#include <zlib.h>

namespace vigie::history {

std::uint32_t checksum(std::string_view bytes, std::uint32_t so_far) {
  if (bytes.empty()) return so_far;  // zlib takes no bytes at no address for the beginning
  return static_cast<std::uint32_t>(
      ::crc32_z(so_far, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

}  // namespace vigie::history
