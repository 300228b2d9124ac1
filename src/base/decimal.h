// A decimal number's digits and power of ten to the nearest double, and back: what all readers of numbers end with, and
// what writing them begins with. Inline, because it stands in the innermost loop of every one of them.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace vigie {

namespace decimal {

// 5^q as high * 2^64 + low times a power of two: the leading 128 bits, the rest cut off.
struct PowerOfFive {
  std::uint64_t high;
  std::uint64_t low;
};

inline constexpr int kMostPower = 64;  // of ten, up and down: no result is subnormal or too large

__extension__ using Wide = unsigned __int128;

// Numbers of 320 bits, the lowest word first: enough for 128 leading bits of 5^64 and of 2^319 / 5^64.
using Words = std::array<std::uint64_t, 5>;

constexpr PowerOfFive leading_bits(const Words& words) {
  std::size_t top = words.size() - 1;
  while (words[top] == 0) --top;
  const int shift = std::countl_zero(words[top]);
  const auto word = [&](std::size_t below) { return below <= top ? words[top - below] : 0; };
  const auto joined = [&](std::size_t below) {
    return shift == 0 ? word(below) : word(below) << shift | word(below + 1) >> (64 - shift);
  };
  return {joined(0), joined(1)};
}

constexpr auto powers_of_five() {
  std::array<PowerOfFive, 2 * kMostPower + 1> powers{};
  Words up{1};
  Words down{0, 0, 0, 0, std::uint64_t{1} << 63};
  for (std::size_t q = 0; q <= kMostPower; ++q) {
    powers[kMostPower + q] = leading_bits(up);
    powers[kMostPower - q] = leading_bits(down);
    std::uint64_t carry = 0;
    for (std::uint64_t& word : up) {
      const Wide product = Wide{word} * 5 + carry;
      word = static_cast<std::uint64_t>(product);
      carry = static_cast<std::uint64_t>(product >> 64);
    }
    // Cutting off after each division by 5 is cutting off once after all of them.
    std::uint64_t rest = 0;
    for (std::size_t i = down.size(); i-- > 0;) {
      const Wide dividend = Wide{rest} << 64 | down[i];
      down[i] = static_cast<std::uint64_t>(dividend / 5);
      rest = static_cast<std::uint64_t>(dividend % 5);
    }
  }
  return powers;
}

inline constexpr auto kPowersOfFive = powers_of_five();

inline constexpr std::array<double, 23> kPowersOfTen = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                        1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                        1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

}  // namespace decimal

// mantissa * 10^exponent, correctly rounded, into `value`. false where this way cannot tell: an exponent beyond 64, or
// a product so near to halfway between two doubles that 128 bits of the power of ten do not decide.
[[gnu::always_inline]] inline bool nearest_double(std::uint64_t mantissa, std::int64_t exponent, double& value) {
  using namespace decimal;
  // Clinger (1990): up to 2^53 times or over an exact power of ten is one correctly rounded operation.
  if (mantissa <= std::uint64_t{1} << 53 && exponent >= -22 && exponent <= 22) {
    value = static_cast<double>(mantissa);
    if (exponent < 0) {
      value /= kPowersOfTen[static_cast<std::size_t>(-exponent)];
    } else {
      value *= kPowersOfTen[static_cast<std::size_t>(exponent)];
    }
    return true;
  }
  if (exponent < -kMostPower || exponent > kMostPower || mantissa == 0) return false;
  // Eisel and Lemire (2021). The power is cut off, so the exact product is in [product, product + 2^64), where the
  // product has 192 bits: its leading 128 are right, or one too small in the last place.
  const PowerOfFive power = kPowersOfFive[static_cast<std::size_t>(exponent + kMostPower)];
  const int zeros = std::countl_zero(mantissa);
  const std::uint64_t scaled = mantissa << zeros;
  const Wide low = Wide{scaled} * power.low;
  const Wide leading = Wide{scaled} * power.high + static_cast<std::uint64_t>(low >> 64);
  const auto upper = static_cast<std::uint64_t>(leading >> 64);
  const auto lower = static_cast<std::uint64_t>(leading);
  const int shift = 9 + static_cast<int>(upper >> 63);
  const std::uint64_t bits = upper >> shift;  // 54: those of a double and the one that rounding looks at
  // Whether what lies below those bits is all ones, which one more would carry into them, or nothing, where an odd
  // number is halfway. Both are rare enough that the few bits of `upper` need not be looked at.
  if (lower + 1 <= 1) return false;
  // floor(log2(10^q)) is q * 217706 / 2^16 for all q here.
  const std::int64_t binary = (exponent * 217'706 >> 16) + shift - zeros + 1076;
  value = std::bit_cast<double>((static_cast<std::uint64_t>(binary) << 52) + ((bits + (bits & 1)) >> 1));
  return true;
}

struct Decimal {
  std::uint64_t digits;
  int exponent;  // of ten
};

// The shortest decimal that reads back to `value`, of several the nearest; its digits may end in zeros. For
// 1e-40 <= value < 1. Giulietti's Schubfach (2020), in the words of its text: v is the value times a power of ten that
// makes it whole to 16 or 17 digits, v_left and v_right are the ends of what rounds to it, all times 4.
inline Decimal shortest_decimal(double value) {
  using namespace decimal;
  const auto bits = std::bit_cast<std::uint64_t>(value);
  constexpr std::uint64_t kHidden = std::uint64_t{1} << 52;
  const std::uint64_t fraction = bits & (kHidden - 1);
  const int q = static_cast<int>(bits >> 52) - 1075;
  const std::uint64_t c = kHidden | fraction;
  const bool closer = fraction == 0;    // the double below is at half the distance
  const std::uint64_t outside = c & 1;  // whether the ends themselves round elsewhere
  // floor(log10(2^q)), or of 3/4 of it.
  const int k = (q * 1'262'611 - (closer ? 524'031 : 0)) >> 22;
  // Rounded up where it was cut off.
  PowerOfFive power = kPowersOfFive[static_cast<std::size_t>(kMostPower - k)];
  constexpr int kExact = 55;  // 5^55 is the last that 128 bits hold
  if (-k > kExact && ++power.low == 0) ++power.high;
  const int h = q + (-k * 217'706 >> 16) + 1;
  // floor(power * times / 2^128) of a power of ten, odd where something was cut off.
  const auto scaled = [&](std::uint64_t times) {
    times <<= h;
    const Wide low = Wide{power.low} * times;
    const Wide high = Wide{power.high} * times + static_cast<std::uint64_t>(low >> 64);
    return static_cast<std::uint64_t>(high >> 64) | (static_cast<std::uint64_t>(high) > 1 ? 1 : 0);
  };
  const std::uint64_t least = scaled(4 * c - 2 + (closer ? 1 : 0)) + outside;
  const std::uint64_t v = scaled(4 * c);
  const std::uint64_t most = scaled(4 * c + 2) - outside;
  const std::uint64_t s = v / 4;
  const std::uint64_t tens = s / 10;
  const bool down = least <= 40 * tens;
  const bool up = 40 * tens + 40 <= most;
  if (down != up) return {tens + (up ? 1 : 0), k + 1};
  const bool below = least <= 4 * s;
  const bool above = 4 * s + 4 <= most;
  if (below != above) return {s + (above ? 1 : 0), k};
  const std::uint64_t middle = 4 * s + 2;
  return {s + (v > middle || (v == middle && (s & 1) != 0) ? 1 : 0), k};
}

}  // namespace vigie
