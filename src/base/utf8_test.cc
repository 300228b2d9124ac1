#include "base/utf8.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <string>

#include "base/random.h"

namespace vigie {
namespace {

std::string encode(std::uint32_t point) {
  const auto tail = [&](int shift) { return static_cast<char>(0x80 | ((point >> shift) & 0x3F)); };
  if (point < 0x80) return {static_cast<char>(point)};
  if (point < 0x800) return {static_cast<char>(0xC0 | (point >> 6)), tail(0)};
  if (point < 0x10000) return {static_cast<char>(0xE0 | (point >> 12)), tail(6), tail(0)};
  return {static_cast<char>(0xF0 | (point >> 18)), tail(12), tail(6), tail(0)};
}

bool is_scalar(std::uint32_t point) { return point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF); }

// The definition turned round: a sequence is well formed when it is what encode() gives for the value in its bits.
std::size_t slow_sequence(std::string_view text) {
  if (text.empty()) return 0;
  const auto first = static_cast<std::uint8_t>(text[0]);
  const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (text.size() < length) return 0;
  std::uint32_t point = length == 1 ? first : first & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) point = point << 6 | (static_cast<std::uint8_t>(text[i]) & 0x3Fu);
  return is_scalar(point) && encode(point) == text.substr(0, length) ? length : 0;
}

std::size_t slow_valid_prefix(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = slow_sequence(text.substr(at));
    if (length == 0) break;
    at += length;
  }
  return at;
}

TEST(Utf8, EveryCodePointIsAccepted) {
  for (std::uint32_t point = 0; point <= 0x10FFFF; ++point) {
    if (!is_scalar(point)) continue;
    const std::string text = encode(point);
    ASSERT_EQ(utf8_sequence(text), text.size()) << point;
    ASSERT_EQ(utf8_sequence(text + "\x80"), text.size()) << point;
    if (text.size() > 1) {
      ASSERT_EQ(utf8_sequence(text.substr(0, text.size() - 1)), 0u) << point;
    }
  }
}

TEST(Utf8, EveryLeadByteWithEveryTail) {
  // All pairs of lead and second byte; third and fourth from the edges of what a tail may be.
  constexpr std::uint8_t kEdges[] = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF};
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      for (const auto third : kEdges) {
        for (const auto fourth : kEdges) {
          const char text[] = {static_cast<char>(first), static_cast<char>(second), static_cast<char>(third),
                               static_cast<char>(fourth)};
          for (std::size_t length = 1; length <= 4; ++length) {
            const std::string_view cut(text, length);
            if (utf8_sequence(cut) != slow_sequence(cut)) {  // 26 million times: no macro around the comparison
              FAIL() << first << ' ' << second << ' ' << int{third} << ' ' << int{fourth} << ", length " << length;
            }
          }
        }
      }
    }
  }
}

TEST(Utf8, NothingIsNoSequence) {
  EXPECT_EQ(utf8_sequence(""), 0u);
  EXPECT_TRUE(is_utf8(""));
}

RC_GTEST_PROP(Utf8, ValidPrefixIsTheSlowOne, (std::uint64_t seed)) {
  // Long plain runs take the eight-byte step; one bad byte anywhere must stop it at its place.
  Random random(seed);
  std::string text;
  for (auto left = random.below(60); left > 0; --left) {
    if (random.bernoulli(0.7)) {
      text.append(random.below(12), 'a');
    } else {
      const auto point = static_cast<std::uint32_t>(random.below(0x110000));
      if (is_scalar(point)) text += encode(point);
    }
  }
  RC_ASSERT(is_utf8(text));
  if (!text.empty()) text[random.below(text.size())] = static_cast<char>(random.next());
  RC_ASSERT(utf8_valid_prefix(text) == slow_valid_prefix(text));
  RC_ASSERT(is_utf8(text) == (slow_valid_prefix(text) == text.size()));
}

}  // namespace
}  // namespace vigie
