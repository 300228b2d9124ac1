#include "base/utf8.h"

#include <cstdint>
#include <cstring>

namespace vigie {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t i) { return static_cast<std::uint8_t>(text[i]); }

bool continues(std::string_view text, std::size_t i) { return i < text.size() && (byte_at(text, i) & 0xC0) == 0x80; }

}  // namespace

std::size_t utf8_sequence(std::string_view text) {
  if (text.empty()) return 0;
  const std::uint8_t first = byte_at(text, 0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return continues(text, 1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (!continues(text, 1) || !continues(text, 2)) return 0;
    if (first == 0xE0 && byte_at(text, 1) < 0xA0) return 0;  // overlong
    if (first == 0xED && byte_at(text, 1) > 0x9F) return 0;  // surrogate
    return 3;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (!continues(text, 1) || !continues(text, 2) || !continues(text, 3)) return 0;
    if (first == 0xF0 && byte_at(text, 1) < 0x90) return 0;  // overlong
    if (first == 0xF4 && byte_at(text, 1) > 0x8F) return 0;  // above U+10FFFF
    return 4;
  }
  return 0;
}

std::size_t utf8_valid_prefix(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (text.size() - at >= 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, text.data() + at, 8);
      if ((word & 0x8080808080808080ull) == 0) {
        at += 8;
        continue;
      }
    }
    const std::size_t length = utf8_sequence(text.substr(at));
    if (length == 0) return at;
    at += length;
  }
  return at;
}

}  // namespace vigie
