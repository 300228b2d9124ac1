#include "base/number.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

namespace vigie {
namespace {

constexpr std::array<double, 23> kPowersOfTen = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                                 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

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

}  // namespace

std::optional<double> parse_double(std::string_view text) {
  const char* p = text.data();
  const char* const end = p + text.size();
  if (p == end) return std::nullopt;
  const char* number = p;
  bool negative = false;
  if (*p == '-' || *p == '+') {
    negative = *p == '-';
    ++p;
    if (!negative) number = p;
  }
  if (p == end || (!is_digit(*p) && *p != '.')) return std::nullopt;  // also refuses "inf", "nan" and a second sign

  // Clinger's fast path (1990): up to 2^53 times or over an exact power of ten is one correctly rounded operation.
  std::uint64_t mantissa = 0;
  const char* const digits = p;
  while (p != end && is_digit(*p)) mantissa = mantissa * 10 + static_cast<std::uint64_t>(*p++ - '0');
  auto digit_count = p - digits;
  std::int64_t exponent = 0;
  if (p != end && *p == '.') {
    const char* const fraction = ++p;
    while (p != end && is_digit(*p)) mantissa = mantissa * 10 + static_cast<std::uint64_t>(*p++ - '0');
    exponent = -(p - fraction);
    digit_count += p - fraction;
  }
  if (digit_count == 0) return std::nullopt;
  if (p == end && digit_count <= 19 && mantissa <= (std::uint64_t{1} << 53) && exponent >= -22) {
    const double value = static_cast<double>(mantissa) / kPowersOfTen[static_cast<std::size_t>(-exponent)];
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

void append_double(std::string& out, double value) {
  if (std::isnan(value)) {  // whatever its sign
    out += "nan";
    return;
  }
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  out.append(text.data(), end);
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
