#include "http/head_memory.h"

#include <charconv>
#include <cstring>
#include <string_view>

namespace vigie::http {
namespace {

// Takes as long wherever they differ: behind a proxy the head before may have been somebody else's, with his token.
bool same_bytes(const char* a, const char* b, std::size_t size) {
  std::uint64_t difference = 0;
  const auto differ_at = [&](std::size_t at, std::size_t count) {
    std::uint64_t x = 0;
    std::uint64_t y = 0;
    std::memcpy(&x, a + at, count);
    std::memcpy(&y, b + at, count);
    difference |= x ^ y;
  };
  std::size_t at = 0;
  for (; at + 8 <= size; at += 8) differ_at(at, 8);
  if (at < size) differ_at(at, size - at);
  return difference == 0;
}

}  // namespace

void HeadMemory::remember(std::span<const char> head, Slice length) {
  forget();
  if (head.size() > kMost || length.size > kMostDigits) return;
  head_.assign(head.data(), head.size());
  length_ = length;
}

HeadMemory::Recalled HeadMemory::recall(std::span<const char> bytes) const {
  if (head_.empty() || bytes.size() < head_.size()) return {};
  const std::size_t behind = std::size_t{length_.at} + length_.size;
  const bool same_before = same_bytes(bytes.data(), head_.data(), length_.at);
  const bool same_behind = same_bytes(bytes.data() + behind, head_.data() + behind, head_.size() - behind);
  if (!same_before || !same_behind) return {};
  Recalled recalled{.size = head_.size()};
  if (length_.size == 0) return recalled;
  const std::string_view digits(bytes.data() + length_.at, length_.size);
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), recalled.content_length);
  // Unsigned, so without a sign; nine digits never overflow.
  return error == std::errc() && end == digits.end() ? recalled : Recalled{};
}

}  // namespace vigie::http
