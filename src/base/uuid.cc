#include "base/uuid.h"

#include <bit>
#include <cstring>

namespace vigie {
namespace {

// The eight hexadecimal digits of `value` as they stand in memory.
std::uint64_t hexadecimal(std::uint32_t value) {
  // One digit in each byte, the highest first.
  std::uint64_t digits = value;
  digits = (digits << 32 | digits >> 16) & 0x0000FFFF0000FFFF;
  digits = (digits << 16 | digits >> 8) & 0x00FF00FF00FF00FF;
  digits = (digits << 8 | digits >> 4) & 0x0F0F0F0F0F0F0F0F;
  const std::uint64_t letters = (digits + 0x0606060606060606) >> 4 & 0x0101010101010101;
  std::uint64_t text = digits + 0x3030303030303030 + letters * ('a' - '0' - 10);
  if constexpr (std::endian::native == std::endian::big) text = __builtin_bswap64(text);
  return text;
}

}  // namespace

UuidText make_uuid_v7(WallTime time, Random& random) {
  const auto milliseconds = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count());
  const std::uint64_t high = (milliseconds << 16) | 0x7000u | (random.next() & 0x0FFFu);
  const std::uint64_t low = (random.next() & 0x3FFFFFFFFFFFFFFFull) | 0x8000000000000000ull;
  const std::array<std::uint64_t, 4> words = {
      hexadecimal(static_cast<std::uint32_t>(high >> 32)), hexadecimal(static_cast<std::uint32_t>(high)),
      hexadecimal(static_cast<std::uint32_t>(low >> 32)), hexadecimal(static_cast<std::uint32_t>(low))};
  std::array<char, 32> digits;
  std::memcpy(digits.data(), words.data(), digits.size());
  UuidText text;
  text.fill('-');
  std::memcpy(&text[0], &digits[0], 8);
  std::memcpy(&text[9], &digits[8], 4);
  std::memcpy(&text[14], &digits[12], 4);
  std::memcpy(&text[19], &digits[16], 4);
  std::memcpy(&text[24], &digits[20], 12);
  return text;
}

}  // namespace vigie
