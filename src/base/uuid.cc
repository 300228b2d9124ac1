#include "base/uuid.h"

#include <string_view>

namespace vigie {

UuidText make_uuid_v7(WallTime time, Random& random) {
  const auto milliseconds = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count());
  const std::uint64_t high = (milliseconds << 16) | 0x7000u | (random.next() & 0x0FFFu);
  const std::uint64_t low = (random.next() & 0x3FFFFFFFFFFFFFFFull) | 0x8000000000000000ull;
  constexpr std::string_view kHex = "0123456789abcdef";
  UuidText text{};
  std::size_t at = 0;
  for (int nibble = 0; nibble < 32; ++nibble) {
    if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) text[at++] = '-';
    const std::uint64_t word = nibble < 16 ? high : low;
    text[at++] = kHex[(word >> (60 - 4 * (nibble % 16))) & 15];
  }
  return text;
}

}  // namespace vigie
