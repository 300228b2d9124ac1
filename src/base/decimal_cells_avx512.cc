// Eight cells at once: one lane of 64 bits for each cell's last eight characters, one for the eight before. What
// decimal_cells.cc decides cell by cell is a mask here.
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "base/decimal.h"
#include "base/decimal_cells.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace vigie {
namespace {

#define VIGIE_AVX512 \
  __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512cd,bmi,bmi2,lzcnt"), always_inline)) inline

constexpr std::size_t kCells = 8;

VIGIE_AVX512 __m512i same(std::uint64_t value) { return _mm512_set1_epi64(static_cast<std::int64_t>(value)); }
VIGIE_AVX512 __m512i same_bytes(char value) { return _mm512_set1_epi8(value); }

struct Texts {
  __m512i lengths;  // bytes
  __m512i fronts;   // the first eight characters
  __m512i highs;    // the last eight but eight
  __m512i lows;     // the last eight
};

// Loads that leave the other lanes alone need no shuffles, of which a core does one at a time.
VIGIE_AVX512 Texts load_texts(const TextCell* cells) {
  __m512i fronts = _mm512_setzero_si512();
  __m512i even = fronts;
  __m512i odd = fronts;
#pragma GCC unroll 8
  for (std::size_t i = 0; i < kCells; ++i) {
    const auto lane = static_cast<__mmask8>(1u << i);
    const auto half = static_cast<__mmask8>(3u << (i / 2 * 2));
    const __m128i front = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(cells[i].begin));
    const __m128i back = _mm_loadu_si128(reinterpret_cast<const __m128i*>(cells[i].end - 16));
    fronts = _mm512_mask_broadcastq_epi64(fronts, lane, front);
    if (i % 2 == 0) {
      even = _mm512_mask_broadcast_i64x2(even, half, back);
    } else {
      odd = _mm512_mask_broadcast_i64x2(odd, half, back);
    }
  }
  const __m512i first = _mm512_loadu_si512(cells);
  const __m512i second = _mm512_loadu_si512(cells + kCells / 2);
  const __m512i begins = _mm512_permutex2var_epi64(first, _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14), second);
  const __m512i ends = _mm512_permutex2var_epi64(first, _mm512_setr_epi64(1, 3, 5, 7, 9, 11, 13, 15), second);
  return {_mm512_sub_epi64(ends, begins), fronts, _mm512_unpacklo_epi64(even, odd), _mm512_unpackhi_epi64(even, odd)};
}

// Ones in those of the last `bits` bits of a text of 128 that fall into its low half, or into its high half.
VIGIE_AVX512 __m512i last_of_low(__m512i bits) {
  return _mm512_sllv_epi64(same(~std::uint64_t{0}), _mm512_sub_epi64(same(64), _mm512_min_epu64(bits, same(64))));
}
VIGIE_AVX512 __m512i last_of_high(__m512i bits) {
  return _mm512_sllv_epi64(same(~std::uint64_t{0}), _mm512_sub_epi64(same(128), _mm512_max_epu64(bits, same(64))));
}

// Bits between the last point of each lane and its end, 64 where there is none.
VIGIE_AVX512 __m512i behind_point(__m512i text) {
  return _mm512_lzcnt_epi64(_mm512_movm_epi8(_mm512_cmpeq_epi8_mask(text, same_bytes('.'))));
}

// The number that eight digits are.
VIGIE_AVX512 __m512i join_digits(__m512i digits) {
  const __m512i pairs = _mm512_maddubs_epi16(digits, _mm512_set1_epi16(0x010A));
  const __m512i fours = _mm512_madd_epi16(pairs, _mm512_set1_epi32(0x0001'0064));
  return _mm512_add_epi64(_mm512_mul_epu32(fours, same(10'000)), _mm512_srli_epi64(fours, 32));
}

// Which of eight cells are not plain, have more digits than 16, or a mantissa beyond 2^53; the others' values.
VIGIE_AVX512 __mmask8 parse_eight(const TextCell* cells, __m512d& values) {
  const Texts texts = load_texts(cells);
  const __mmask8 negative = _mm512_cmpeq_epi64_mask(_mm512_and_si512(texts.fronts, same(0xFF)), same('-'));
  const __m512i fronts = _mm512_mask_srli_epi64(texts.fronts, negative, texts.fronts, 8);
  const __mmask8 zero = _mm512_cmpeq_epi64_mask(_mm512_and_si512(fronts, same(0xFFFF)), same('.' << 8 | '0'));
  __m512i lengths = _mm512_mask_sub_epi64(texts.lengths, negative, texts.lengths, same(1));
  lengths = _mm512_slli_epi64(_mm512_mask_sub_epi64(lengths, zero, lengths, same(2)), 3);  // bits from here on

  __m512i behind = behind_point(texts.lows);
  const __mmask8 further = _mm512_cmpeq_epi64_mask(behind, same(64));
  behind = _mm512_mask_add_epi64(behind, further, behind, behind_point(texts.highs));
  behind = _mm512_mask_add_epi64(behind, _mm512_cmpeq_epi64_mask(behind, same(128)), behind, same(1 << 16));  // none
  const __mmask8 point = _mm512_mask_cmplt_epu64_mask(static_cast<__mmask8>(~zero), behind, lengths);
  const __m512i fractions = _mm512_mask_mov_epi64(_mm512_maskz_mov_epi64(point, behind), zero, lengths);
  const __m512i counts = _mm512_mask_sub_epi64(lengths, point, lengths, same(8));
  __mmask8 others = _mm512_cmpge_epu64_mask(_mm512_sub_epi64(counts, same(8)), same(128));

  // The digits before the point move up by one, over it. The 17th character from the end is the first, where there are
  // as many.
  const __m512i moved_low = _mm512_or_si512(_mm512_slli_epi64(texts.lows, 8), _mm512_srli_epi64(texts.highs, 56));
  const __m512i moved_high = _mm512_or_si512(_mm512_slli_epi64(texts.highs, 8), _mm512_and_si512(fronts, same(0xFF)));
  constexpr int kChoose = 0xCA;  // where the first has ones the second, else the third
  const __m512i text_low = _mm512_mask_mov_epi64(
      texts.lows, point, _mm512_ternarylogic_epi64(last_of_low(fractions), texts.lows, moved_low, kChoose));
  const __m512i text_high = _mm512_mask_mov_epi64(
      texts.highs, point, _mm512_ternarylogic_epi64(last_of_high(fractions), texts.highs, moved_high, kChoose));
  const __m512i low = _mm512_and_si512(_mm512_sub_epi8(text_low, same_bytes('0')), last_of_low(counts));
  const __m512i high = _mm512_and_si512(_mm512_sub_epi8(text_high, same_bytes('0')), last_of_high(counts));
  const __m512i largest = _mm512_max_epu8(low, high);
  const __m512i wrong = _mm512_subs_epu8(largest, same_bytes(9));
  others = static_cast<__mmask8>(others | _mm512_test_epi64_mask(wrong, wrong));

  const __m512i mantissas = _mm512_add_epi64(_mm512_mul_epu32(join_digits(high), same(100'000'000)), join_digits(low));
  others = static_cast<__mmask8>(others | _mm512_cmpgt_epu64_mask(mantissas, same(std::uint64_t{1} << 53)));
  // Clinger's way: both are exact, and the division is the only rounding. 10^1 to 10^16 by their exponent less one.
  const __m512i which = _mm512_sub_epi64(_mm512_srli_epi64(fractions, 3), same(1));
  const __m512d powers = _mm512_permutex2var_pd(_mm512_loadu_pd(&decimal::kPowersOfTen[1]), which,
                                                _mm512_loadu_pd(&decimal::kPowersOfTen[9]));
  const __m512d exact = _mm512_cvtepu64_pd(mantissas);
  const __m512d result = _mm512_mask_div_pd(exact, _mm512_test_epi64_mask(fractions, fractions), exact, powers);
  const __m512i bits = _mm512_castpd_si512(result);
  values = _mm512_castsi512_pd(_mm512_mask_or_epi64(bits, negative, bits, same(std::uint64_t{1} << 63)));
  return others;
}

}  // namespace

__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512cd,bmi,bmi2,lzcnt"))) std::size_t parse_cells_avx512(
    std::span<const TextCell> cells, double* out) {
  for (std::size_t i = 0; i < cells.size(); i += kCells) {
    const std::size_t count = std::min(kCells, cells.size() - i);
    std::array<TextCell, kCells> filled;
    const TextCell* eight = cells.data() + i;
    if (count < kCells) {
      for (std::size_t k = 0; k < kCells; ++k) filled[k] = eight[std::min(k, count - 1)];
      eight = filled.data();
    }
    __m512d values;
    std::uint32_t others = parse_eight(eight, values);
    _mm512_mask_storeu_pd(out + i, static_cast<__mmask8>((1u << count) - 1), values);
    for (others &= (1u << count) - 1; others != 0; others &= others - 1) {
      const auto k = static_cast<std::size_t>(std::countr_zero(others));
      if (parse_cells_avx2(cells.subspan(i + k, 1), out + i + k) == 0) return i + k;
    }
  }
  return cells.size();
}

}  // namespace vigie
#endif
