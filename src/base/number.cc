#include "base/number.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "base/decimal.h"

namespace vigie {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Eight characters as one number whose lowest byte is the first.
std::uint64_t load_eight(const char* p) {
  std::uint64_t word = 0;
  std::memcpy(&word, p, 8);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

bool all_digits(std::uint64_t word) {
  // '0'..'9' are 0x30..0x39: the high half is 3, and stays 3 when 6 is added.
  constexpr std::uint64_t kHigh = 0xF0F0F0F0F0F0F0F0ull;
  return (word & kHigh) == 0x3030303030303030ull && ((word + 0x0606060606060606ull) & kHigh) == 0x3030303030303030ull;
}

// The value of eight digits, joined in pairs, then fours, then all.
std::uint64_t value_of_eight(std::uint64_t word) {
  word -= 0x3030303030303030ull;
  word = (word * 10 + (word >> 8)) & 0x00FF00FF00FF00FFull;
  word = (word * 100 + (word >> 16)) & 0x0000FFFF0000FFFFull;
  return (word * 10'000 + (word >> 32)) & 0xFFFFFFFFull;
}

constexpr std::array<std::uint64_t, 8> kSmallPowersOfTen = {1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000};

// Appends the digits at `p` to `mantissa` (modulo 2^64) and returns where they end. `begin` is where the text begins:
// the last few digits are read together with what lies before them.
const char* take_digits(const char* begin, const char* p, const char* end, std::uint64_t& mantissa) {
  while (end - p >= 8) {
    const std::uint64_t word = load_eight(p);
    if (!all_digits(word)) break;
    mantissa = mantissa * 100'000'000 + value_of_eight(word);
    p += 8;
  }
  const auto left = end - p;
  if (left > 0 && left < 8 && end - begin >= 8) {
    const int foreign = 8 * static_cast<int>(8 - left);  // bits of the word that are not ours: made leading zeros
    const std::uint64_t ours = ~std::uint64_t{0} << foreign;
    const std::uint64_t word = (load_eight(end - 8) & ours) | (0x3030303030303030ull & ~ours);
    if (all_digits(word)) {
      mantissa = mantissa * kSmallPowersOfTen[static_cast<std::size_t>(left)] + value_of_eight(word);
      return end;
    }
  }
  while (p != end && is_digit(*p)) mantissa = mantissa * 10 + static_cast<std::uint64_t>(*p++ - '0');
  return p;
}

// "e-5" up to the end, three digits at most, added to `exponent`; false for anything else.
bool take_exponent(const char* p, const char* end, std::int64_t& exponent) {
  if (*p != 'e' && *p != 'E') return false;
  if (++p == end) return false;
  const bool negative = *p == '-';
  if (*p == '-' || *p == '+') ++p;
  if (p == end || end - p > 3) return false;
  std::int64_t value = 0;
  for (; p != end; ++p) {
    if (!is_digit(*p)) return false;
    value = value * 10 + (*p - '0');
  }
  exponent += negative ? -value : value;
  return true;
}

std::optional<double> parse_any_double(const char* begin, const char* end) {
  double value = 0;
  const auto [rest, error] = std::from_chars(begin, end, value);
  if (rest != end) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    // from_chars leaves the value alone here. Too small is zero to any reader; too large is no number.
    const std::string copy(begin, end);
    value = std::strtod(copy.c_str(), nullptr);
    if (!std::isfinite(value)) return std::nullopt;
    return value;
  }
  if (error != std::errc{}) return std::nullopt;
  return value;
}

// Where to_chars() would not choose an exponent: from here to 1, where most scores and shares are, we are three times
// as fast.
constexpr double kLeastFraction = 1e-3;

// The text of a number below 10^8, with zeros in front: halves, quarters and digits side by side in one word.
std::uint64_t eight_digits(std::uint64_t value) {
  const std::uint64_t fours = value / 10'000 | value % 10'000 << 32;
  const std::uint64_t hundreds = (fours * 10'486 >> 20) & 0x0000'007F'0000'007F;
  const std::uint64_t twos = hundreds | (fours - 100 * hundreds) << 16;
  const std::uint64_t tens = (twos * 103 >> 10) & 0x000F'000F'000F'000F;
  std::uint64_t text = (tens | (twos - 10 * tens) << 8) + 0x3030'3030'3030'3030;
  if constexpr (std::endian::native == std::endian::big) text = __builtin_bswap64(text);
  return text;
}

// 0.001 <= value < 1 as "0." and its digits.
char* print_fraction(char* to, double value) {
  Decimal decimal = shortest_decimal(value);
  auto decimals = static_cast<std::size_t>(-decimal.exponent);
  for (; decimal.digits % 10 == 0; --decimals) decimal.digits /= 10;
  // At most 17 digits, with two zeros before them.
  constexpr std::size_t kMostDecimals = 20;
  std::array<char, kMostDecimals + kMostDecimals> text;
  text.fill('0');
  constexpr std::uint64_t kEight = 100'000'000;
  const std::uint64_t front = decimal.digits / kEight;
  const std::array<std::uint64_t, 2> words = {eight_digits(front % kEight), eight_digits(decimal.digits % kEight)};
  text[kMostDecimals - 17] = static_cast<char>('0' + front / kEight);
  std::memcpy(text.data() + kMostDecimals - sizeof words, words.data(), sizeof words);
  to[0] = '0';
  to[1] = '.';
  std::memcpy(to + 2, text.data() + kMostDecimals - decimals, kMostDecimals);  // as many as there may be
  return to + 2 + decimals;
}

}  // namespace

std::optional<double> parse_double(std::string_view text) {
  const char* p = text.data();
  const char* const begin = p;
  const char* const end = p + text.size();
  if (p == end) return std::nullopt;
  const bool negative = *p == '-';
  const char* const number = p + (*p == '+' ? 1 : 0);
  p += negative || *p == '+' ? 1 : 0;                                 // no branch: signs are as good as random
  if (p == end || (!is_digit(*p) && *p != '.')) return std::nullopt;  // also refuses "inf", "nan" and a second sign

  std::uint64_t mantissa = 0;
  const char* const digits = p;
  while (p != end && is_digit(*p)) mantissa = mantissa * 10 + static_cast<std::uint64_t>(*p++ - '0');
  auto digit_count = p - digits;
  std::int64_t exponent = 0;
  if (p != end && *p == '.') {
    const char* const fraction = ++p;
    p = take_digits(begin, p, end, mantissa);
    exponent = -(p - fraction);
    digit_count += p - fraction;
  }
  if (digit_count == 0) return std::nullopt;
  if (p != end && !take_exponent(p, end, exponent)) return parse_any_double(number, end);
  // Up to 19 digits fit into the mantissa.
  double value = 0;
  if (digit_count <= 19 && nearest_double(mantissa, exponent, value)) {
    return negative ? -value : value;
  }
  return parse_any_double(number, end);
}

std::optional<std::int64_t> parse_int(std::string_view text) {
  std::int64_t value = 0;
  const char* begin = text.data();
  const char* const end = begin + text.size();
  if (begin != end && *begin == '+') {
    ++begin;
    if (begin == end || !is_digit(*begin)) return std::nullopt;
  }
  const auto [rest, error] = std::from_chars(begin, end, value);
  if (error != std::errc{} || rest != end || begin == end) return std::nullopt;
  return value;
}

char* print_double(char* to, double value) {
  if (std::isnan(value)) return std::ranges::copy(std::string_view("nan"), to).out;  // whatever its sign
  if (value >= kLeastFraction && value < 1) return print_fraction(to, value);
  return std::to_chars(to, to + kMostDoubleChars, value).ptr;
}

void append_double(std::string& out, double value) {
  std::array<char, kMostDoubleChars> text;
  out.append(text.data(), print_double(text.data(), value));
}

std::string format_double(double value) {
  std::string out;
  append_double(out, value);
  return out;
}

std::string with_thousands(std::uint64_t value) {
  std::string digits = std::to_string(value);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return digits;
}

std::string with_unit(double value, std::string_view unit) {
  constexpr std::array<std::string_view, 5> kScales = {"", "k", "M", "G", "T"};
  std::size_t scale = 0;
  while (std::fabs(value) >= 999.5 && scale + 1 < kScales.size()) {  // three digits would round it to 1000
    value /= 1000;
    ++scale;
  }
  const std::string suffix = std::string(kScales[scale]) + std::string(unit);
  return fmt::format("{:.3g}{}{}", value, suffix.empty() ? "" : " ", suffix);
}

}  // namespace vigie
