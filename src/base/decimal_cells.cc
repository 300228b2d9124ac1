#include "base/decimal_cells.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "base/cpu.h"
#include "base/decimal.h"
#include "base/number.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace vigie {
namespace {

#if defined(__x86_64__)
#define VIGIE_AVX2 __attribute__((target("avx2,bmi,bmi2,lzcnt"), always_inline)) inline

constexpr std::uint64_t kLane = 16;  // digits that are read at once

// 2 * kLane bytes of it, from n on, are n ones bytes behind zeros; kLane bytes from kLane + n on are too.
constexpr auto kLastBytes = [] {
  std::array<std::uint8_t, 4 * kLane> bytes{};
  for (std::size_t i = 2 * kLane; i < bytes.size(); ++i) bytes[i] = 0xFF;
  return bytes;
}();

VIGIE_AVX2 __m256i two_lanes(const void* low, const void* high) {
  return _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(static_cast<const __m128i*>(low))),
                                 _mm_loadu_si128(static_cast<const __m128i*>(high)), 1);
}

VIGIE_AVX2 __m256i load(const void* from) { return _mm256_loadu_si256(static_cast<const __m256i*>(from)); }

VIGIE_AVX2 std::uint32_t points_in(__m256i text) {
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(text, _mm256_set1_epi8('.'))));
}

// The values of `text`'s bytes where `counted` has ones, 0 elsewhere; false where one of them is no digit.
VIGIE_AVX2 bool take_digits(__m256i text, __m256i counted, __m256i& digits) {
  digits = _mm256_and_si256(_mm256_sub_epi8(text, _mm256_set1_epi8('0')), counted);
  const __m256i excess = _mm256_subs_epu8(digits, _mm256_set1_epi8(9));
  return _mm256_testz_si256(excess, excess) != 0;
}

// Digits joined in pairs, in fours and in eights: the numbers 0, 1 of the lower lane and 2, 3 of the upper.
VIGIE_AVX2 __m128i join_digits(__m256i digits) {
  const __m256i pairs = _mm256_maddubs_epi16(digits, _mm256_set1_epi16(0x010A));
  const __m256i fours = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x0001'0064));
  const __m256i packed = _mm256_packus_epi32(fours, fours);
  const __m256i eights = _mm256_madd_epi16(packed, _mm256_set1_epi32(0x0001'2710));
  return _mm256_castsi256_si128(_mm256_permute4x64_epi64(eights, 0b1000));
}

// Where the digits of a cell are.
struct Digits {
  std::uint64_t count;
  std::uint64_t fraction;  // of them, behind the point
  std::uint64_t point;     // 1 where a point stands among them
  std::uint64_t negative;
};

// 0 or 1 as a number to calculate with: signs and leading zeros are as good as random, and a branch on them would be
// mispredicted every other time.
VIGIE_AVX2 std::uint64_t as_number(bool flag) {
  std::uint64_t number = flag;
  asm("" : "+r"(number));  // else the compiler makes the branch
  return number;
}

// `behind`: bytes between the last point before the cell's end and that end; no fewer than `length` where it has none.
VIGIE_AVX2 Digits find_digits(TextCell cell, std::uint64_t behind) {
  const std::uint64_t negative = as_number(*cell.begin == '-');
  std::uint16_t front = 0;
  std::memcpy(&front, cell.begin + negative, sizeof front);
  const std::uint64_t zero = as_number(front == ('.' << 8 | '0'));  // "0." adds nothing to the digits
  const auto length = static_cast<std::uint64_t>(cell.end - cell.begin) - negative - 2 * zero;
  const std::uint64_t point = as_number(behind < length) & (zero ^ 1);
  return {length - point, (length & (0 - zero)) | (behind & (0 - point)), point, negative};
}

// Two cells; false where one of them is not plain, has more digits than kLane, or a mantissa beyond 2^53.
VIGIE_AVX2 bool parse_pair(TextCell a, TextCell b, double* out) {
  const __m256i tails = two_lanes(a.end - kLane, b.end - kLane);
  const std::uint32_t points = points_in(tails);
  const Digits in_a = find_digits(a, _lzcnt_u32(points << kLane));
  const Digits in_b = find_digits(b, _lzcnt_u32(points >> kLane << kLane));
  if (in_a.count - 1 >= kLane || in_b.count - 1 >= kLane) return false;

  // The digits before the point move up by one, over it.
  const __m256i moved = two_lanes(a.end - kLane - in_a.point, b.end - kLane - in_b.point);
  const std::uint8_t* const last = kLastBytes.data() + kLane;
  const __m256i fractions = two_lanes(last + in_a.fraction, last + in_b.fraction);
  __m256i digits;
  if (!take_digits(_mm256_blendv_epi8(moved, tails, fractions), two_lanes(last + in_a.count, last + in_b.count),
                   digits)) {
    return false;
  }
  // Eight digits are exact as a double, and so is the sum below 2^53: one division is the only rounding.
  const __m256d scaled = _mm256_mul_pd(_mm256_cvtepi32_pd(join_digits(digits)), _mm256_setr_pd(1e8, 1, 1e8, 1));
  const __m128d mantissas = _mm_hadd_pd(_mm256_castpd256_pd128(scaled), _mm256_extractf128_pd(scaled, 1));
  if (_mm_movemask_pd(_mm_cmplt_pd(mantissas, _mm_set1_pd(0x1p53))) != 3) return false;
  const __m128d powers =
      _mm_loadh_pd(_mm_load_sd(&decimal::kPowersOfTen[in_a.fraction]), &decimal::kPowersOfTen[in_b.fraction]);
  const __m128i signs = _mm_slli_epi64(
      _mm_set_epi64x(static_cast<std::int64_t>(in_b.negative), static_cast<std::int64_t>(in_a.negative)), 63);
  _mm_storeu_pd(out, _mm_or_pd(_mm_div_pd(mantissas, powers), _mm_castsi128_pd(signs)));
  return true;
}

// One cell of up to 19 digits, which always fit into 64 bits.
VIGIE_AVX2 bool parse_long(TextCell cell, double& out) {
  constexpr std::uint64_t kMost = 19;
  const __m256i tail = load(cell.end - 2 * kLane);
  const Digits in = find_digits(cell, _lzcnt_u32(points_in(tail)));
  if (in.count - 1 >= kMost) return false;
  const __m256i moved = load(cell.end - 2 * kLane - in.point);
  __m256i digits;
  if (!take_digits(_mm256_blendv_epi8(moved, tail, load(kLastBytes.data() + in.fraction)),
                   load(kLastBytes.data() + in.count), digits)) {
    return false;
  }
  const __m128i eights = join_digits(digits);
  const auto joined = [](std::int64_t two) {
    const auto halves = static_cast<std::uint64_t>(two);
    return (halves & 0xFFFFFFFF) * 100'000'000 + (halves >> 32);
  };
  const std::uint64_t mantissa =
      joined(_mm_cvtsi128_si64(eights)) * 10'000'000'000'000'000 + joined(_mm_extract_epi64(eights, 1));
  double value = 0;
  if (!nearest_double(mantissa, -static_cast<std::int64_t>(in.fraction), value)) return false;
  out = std::bit_cast<double>(std::bit_cast<std::uint64_t>(value) | in.negative << 63);
  return true;
}

// The first cells of `cells` that are plain.
VIGIE_AVX2 std::size_t parse_some(std::span<const TextCell> cells, double* out) {
  std::size_t i = 0;
  while (i < cells.size() && parse_long(cells[i], out[i])) ++i;
  return i;
}
#endif

}  // namespace

#if defined(__x86_64__)
__attribute__((target("avx2,bmi,bmi2,lzcnt"))) std::size_t parse_cells_avx2(std::span<const TextCell> cells,
                                                                            double* out) {
  std::size_t i = 0;
  for (; i + 2 <= cells.size(); i += 2) {
    if (parse_pair(cells[i], cells[i + 1], out + i)) continue;
    if (const std::size_t read = parse_some(cells.subspan(i, 2), out + i); read < 2) return i + read;
  }
  return i + parse_some(cells.subspan(i), out + i);
}
#else
std::size_t parse_cells_avx512(std::span<const TextCell> cells, double* out) {
  return parse_cells_portable(cells, out);
}
std::size_t parse_cells_avx2(std::span<const TextCell> cells, double* out) { return parse_cells_portable(cells, out); }
#endif

std::size_t parse_cells_portable(std::span<const TextCell> cells, double* out) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto value = parse_double({cells[i].begin, static_cast<std::size_t>(cells[i].end - cells[i].begin)});
    if (!value) return i;
    out[i] = *value;
  }
  return cells.size();
}

std::size_t parse_cells(std::span<const TextCell> cells, double* out) {
  static const auto kParse = [] {
    switch (cpu_level()) {
      case CpuLevel::kAvx512: return parse_cells_avx512;
      case CpuLevel::kAvx2: return parse_cells_avx2;
      case CpuLevel::kBaseline: break;
    }
    return parse_cells_portable;
  }();
  return kParse(cells, out);
}

}  // namespace vigie
