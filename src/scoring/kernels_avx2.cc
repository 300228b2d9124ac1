// Kernels for AVX2 with BMI2 (Intel from Haswell, AMD from Zen). Compiled for such CPUs, so nothing here may be
// instantiated elsewhere: no standard library, no inline functions of ours.
//
// Tables are read by permutations and single loads: gathers were slower on Ice Lake, where we measured them, and are
// slower still on AMD and where Intel's microcode guards against Downfall.
#include <immintrin.h>

#include "scoring/kernels.h"

namespace vigie::scoring {
namespace {

constexpr std::size_t kVectorFloats = 8;
constexpr std::size_t kVectorBytes = 32;
constexpr std::size_t kHalves = kBlockRows / kVectorBytes;  // of a block's bytes, and of eight trees' masks
constexpr std::size_t kQuads = kVectorBytes / kVectorFloats;
constexpr std::size_t kHalfTrees = kSideBySide / 2;

__m256i load(const void* from) { return _mm256_load_si256(static_cast<const __m256i*>(from)); }
void store(void* to, __m256i value) { _mm256_store_si256(static_cast<__m256i*>(to), value); }

// The 8 x 8 floats at `rows` to `columns`.
void transpose_tile(const float* rows, std::size_t stride, float* columns) {
  __m256 pairs[8];
  for (std::size_t i = 0; i < 8; i += 2) {
    const __m256 a = _mm256_loadu_ps(rows + i * stride);
    const __m256 b = _mm256_loadu_ps(rows + (i + 1) * stride);
    pairs[i] = _mm256_unpacklo_ps(a, b);
    pairs[i + 1] = _mm256_unpackhi_ps(a, b);
  }
  __m256 fours[8];  // [first or second four rows][column in 128 bits]
  for (std::size_t i = 0; i < 8; i += 4) {
    fours[i] = _mm256_shuffle_ps(pairs[i], pairs[i + 2], 0x44);
    fours[i + 1] = _mm256_shuffle_ps(pairs[i], pairs[i + 2], 0xEE);
    fours[i + 2] = _mm256_shuffle_ps(pairs[i + 1], pairs[i + 3], 0x44);
    fours[i + 3] = _mm256_shuffle_ps(pairs[i + 1], pairs[i + 3], 0xEE);
  }
  for (std::size_t i = 0; i < 4; ++i) {
    _mm256_store_ps(columns + i * kBlockRows, _mm256_permute2f128_ps(fours[i], fours[4 + i], 0x20));
    _mm256_store_ps(columns + (4 + i) * kBlockRows, _mm256_permute2f128_ps(fours[i], fours[4 + i], 0x31));
  }
}

void transpose(const float* rows, std::size_t feature_count, std::size_t count, float* columns) {
  for (std::size_t row = 0; row < kBlockRows; row += kVectorFloats, columns += kVectorFloats) {
    const float* const from = rows + row * feature_count;
    if (row + kVectorFloats <= count && feature_count >= kVectorFloats) {
      const std::size_t last = feature_count - kVectorFloats;  // the last tile may overlap the one before it
      for (std::size_t f = 0; f < last; f += kVectorFloats) {
        transpose_tile(from + f, feature_count, columns + f * kBlockRows);
      }
      transpose_tile(from + last, feature_count, columns + last * kBlockRows);
      continue;
    }
    for (std::size_t f = 0; f < feature_count; ++f) {
      for (std::size_t r = 0; r < kVectorFloats; ++r) {
        columns[f * kBlockRows + r] = row + r < count ? from[r * feature_count + f] : 0.0f;
      }
    }
  }
}

// Lanes of `low` where that bit of the index is 0, else of `high`.
template <int Bit>
__m256 choose(__m256i index, __m256 low, __m256 high) {
  return _mm256_blendv_ps(low, high, _mm256_castsi256_ps(_mm256_slli_epi32(index, 31 - Bit)));
}

// One of eight, by the lowest three bits of the index.
__m256 entry(const float* table, __m256i index) { return _mm256_permutevar8x32_ps(_mm256_load_ps(table), index); }

// The level's thresholds for each lane's place in the search tree.
template <int Level>
__m256 search_level(const float* search, __m256i at) {
  const float* const level = search + (Level < 3 ? 0 : 1 << Level);
  if constexpr (Level <= 3) {
    return entry(level, at);
  } else if constexpr (Level == 4) {
    return choose<3>(at, entry(level, at), entry(level + 8, at));
  } else {
    static_assert(Level == 5);
    const __m256 low = choose<3>(at, entry(level, at), entry(level + 8, at));
    const __m256 high = choose<3>(at, entry(level + 16, at), entry(level + 24, at));
    return choose<4>(at, low, high);
  }
}

template <int Level>
void descend(const float* search, const __m256 (&x)[kQuads], __m256i (&at)[kQuads]) {
  for (std::size_t q = 0; q < kQuads; ++q) {
    const __m256 right = _mm256_cmp_ps(x[q], search_level<Level>(search, at[q]), _CMP_GE_OQ);
    at[q] = _mm256_sub_epi32(_mm256_add_epi32(at[q], at[q]), _mm256_castps_si256(right));
  }
}

// The codes of eight values that are known but for their lowest three bits: every value is compared with the eight
// sorted thresholds of its octet.
__m256i rank_in_octets(const float* values, const float* sorted, __m256i octets) {
  const __m256i starts = _mm256_slli_epi32(octets, 3);
  alignas(32) std::uint32_t start[8];
  store(start, starts);
  __m256i reached[8];
  for (std::size_t i = 0; i < 8; ++i) {
    const __m256 thresholds = _mm256_load_ps(sorted + start[i]);
    reached[i] = _mm256_castps_si256(_mm256_cmp_ps(_mm256_broadcast_ss(values + i), thresholds, _CMP_GE_OQ));
  }
  // Each becomes four bytes in either half of a vector, 0 or -1, which then are added up.
  __m256i sums[2];
  for (std::size_t i = 0; i < 2; ++i) {
    const __m256i bytes = _mm256_packs_epi16(_mm256_packs_epi32(reached[4 * i], reached[4 * i + 1]),
                                             _mm256_packs_epi32(reached[4 * i + 2], reached[4 * i + 3]));
    sums[i] = _mm256_madd_epi16(_mm256_maddubs_epi16(_mm256_set1_epi8(1), bytes), _mm256_set1_epi16(1));
  }
  const __m256i counts = _mm256_add_epi32(_mm256_permute2x128_si256(sums[0], sums[1], 0x20),
                                          _mm256_permute2x128_si256(sums[0], sums[1], 0x31));
  return _mm256_sub_epi32(starts, counts);
}

// The codes of half a block. The last levels of deep trees would take too many permutations.
template <int Levels>
__m256i rank_half(const CodeColumn& column, const float* values, const __m256 (&x)[kQuads]) {
  constexpr int kTreeLevels = Levels <= 6 ? Levels : Levels - 3;
  const float* const search = column.search;
  __m256i at[kQuads];
  for (auto& place : at) place = _mm256_set1_epi32(1);
  if constexpr (kTreeLevels > 0) descend<0>(search, x, at);
  if constexpr (kTreeLevels > 1) descend<1>(search, x, at);
  if constexpr (kTreeLevels > 2) descend<2>(search, x, at);
  if constexpr (kTreeLevels > 3) descend<3>(search, x, at);
  if constexpr (kTreeLevels > 4) descend<4>(search, x, at);
  if constexpr (kTreeLevels > 5) descend<5>(search, x, at);
  const __m256i first = _mm256_set1_epi32(1 << kTreeLevels);
  for (std::size_t q = 0; q < kQuads; ++q) {
    at[q] = _mm256_sub_epi32(at[q], first);
    if constexpr (kTreeLevels < Levels) at[q] = rank_in_octets(values + q * kVectorFloats, column.blocks, at[q]);
  }
  const __m256i low = _mm256_packus_epi32(at[0], at[1]);
  const __m256i high = _mm256_packus_epi32(at[2], at[3]);
  return _mm256_permutevar8x32_epi32(_mm256_packus_epi16(low, high), _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}

__m256i rank_half(const CodeColumn& column, const float* values, const __m256 (&x)[kQuads]) {
  switch (column.levels) {
    case 1: return rank_half<1>(column, values, x);
    case 2: return rank_half<2>(column, values, x);
    case 3: return rank_half<3>(column, values, x);
    case 4: return rank_half<4>(column, values, x);
    case 5: return rank_half<5>(column, values, x);
    case 6: return rank_half<6>(column, values, x);
    case 7: return rank_half<7>(column, values, x);
    default: return rank_half<8>(column, values, x);
  }
}

// AVX2 compares signed bytes only: all codes are kept with their highest bit turned.
__m256i as_signed(__m256i codes) { return _mm256_xor_si256(codes, _mm256_set1_epi8(-128)); }

bool encode(const PackedForest& forest, const float* columns, std::uint8_t* codes) {
  for (std::size_t c = 0; c < forest.column_count; ++c, codes += 2 * kBlockRows) {
    const CodeColumn& column = forest.columns[c];
    const float* values = columns + column.feature * kBlockRows;
    for (std::size_t h = 0; h < kHalves; ++h, values += kVectorBytes) {
      __m256 x[kQuads];
      for (std::size_t q = 0; q < kQuads; ++q) x[q] = _mm256_load_ps(values + q * kVectorFloats);
      const __m256 missing =
          _mm256_or_ps(_mm256_cmp_ps(x[0], x[1], _CMP_UNORD_Q), _mm256_cmp_ps(x[2], x[3], _CMP_UNORD_Q));
      if (_mm256_movemask_ps(missing) != 0) return false;
      const __m256i ranks = as_signed(rank_half(column, values, x));
      store(codes + h * kVectorBytes, ranks);
      store(codes + kBlockRows + h * kVectorBytes, _mm256_xor_si256(ranks, _mm256_set1_epi8(-1)));
    }
  }
  return true;
}

// Bit b of vector i becomes bit i of vector b, in every byte.
void transpose_bits(__m256i (&v)[8]) {
  constexpr std::uint32_t kLowBits[3] = {0x55555555, 0x33333333, 0x0F0F0F0F};
#pragma GCC unroll 3
  for (int stage = 2; stage >= 0; --stage) {
    const int shift = 1 << stage;
    const __m256i low_bits = _mm256_set1_epi32(static_cast<int>(kLowBits[stage]));
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) {
      if ((i & shift) != 0) continue;
      __m256i& a = v[i];
      __m256i& b = v[i + shift];
      const __m256i different = _mm256_and_si256(_mm256_xor_si256(_mm256_srli_epi32(a, shift), b), low_bits);
      a = _mm256_xor_si256(a, _mm256_slli_epi32(different, shift));
      b = _mm256_xor_si256(b, different);
    }
  }
}

// Eight vectors of four masks, one a turn, become 64 paths of four trees.
void store_paths(__m256i (&turns)[kMaxPackedDepth], std::uint8_t* paths) {
  transpose_bits(turns);  // now vector r has the path of row 8 * j + r of tree t in byte 8 * t + j
#pragma GCC unroll 2
  for (std::size_t odd = 0; odd < 2; ++odd) {  // trees 0 and 2, then 1 and 3
    __m256i pairs[4];
    for (std::size_t i = 0; i < 4; ++i) {
      pairs[i] = odd == 0 ? _mm256_unpacklo_epi8(turns[2 * i], turns[2 * i + 1])
                          : _mm256_unpackhi_epi8(turns[2 * i], turns[2 * i + 1]);
    }
    const __m256i fours[4] = {_mm256_unpacklo_epi16(pairs[0], pairs[1]), _mm256_unpackhi_epi16(pairs[0], pairs[1]),
                              _mm256_unpacklo_epi16(pairs[2], pairs[3]), _mm256_unpackhi_epi16(pairs[2], pairs[3])};
    std::uint8_t* const first = paths + odd * kBlockRows;
    std::uint8_t* const second = first + 2 * kBlockRows;
    for (std::size_t i = 0; i < 2; ++i) {  // 32 rows
      const __m256i low = _mm256_unpacklo_epi32(fours[i], fours[2 + i]);
      const __m256i high = _mm256_unpackhi_epi32(fours[i], fours[2 + i]);
      store(first + i * kVectorBytes, _mm256_permute2x128_si256(low, high, 0x20));
      store(second + i * kVectorBytes, _mm256_permute2x128_si256(low, high, 0x31));
    }
  }
}

void find_paths(const PackedForest& forest, std::size_t first, std::size_t count, const std::uint8_t* codes,
                std::uint8_t* paths) {
  // Masks of the rows that a position's splits send left, and of the rows that come by; one more where the last
  // position's children go.
  alignas(64) std::uint32_t outcome[kMaxPositions * kSideBySide * kHalves];
  alignas(64) std::uint64_t visits[(kMaxPositions + 2) * kSideBySide];
  const __m256i all = _mm256_set1_epi8(-1);
  for (std::size_t g = first; g < first + count; ++g, paths += kSideBySide * kBlockRows) {
    const TreeGroup& group = forest.groups[g];
    // A tree without a split at a position writes no mask; its rows all go on to the first side.
    for (std::size_t i = 0; i < group.position_count; ++i) {
      store(outcome + 2 * kSideBySide * i, all);
      store(outcome + 2 * kSideBySide * i + kSideBySide, all);
    }
    const SplitTest* test = group.tests;
    const SplitTest* const end = test + group.test_count;
#pragma GCC unroll 4
    for (; test != end; ++test) {
      const __m256i code = as_signed(_mm256_set1_epi32(static_cast<int>(test->code)));
      const std::uint32_t where = test->where;
      const std::uint8_t* const values = codes + (where & 0xFFFF);
      std::uint32_t* const left = outcome + std::size_t{where >> 16} * kHalves;
      left[0] = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpgt_epi8(code, load(values))));
      left[1] = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpgt_epi8(code, load(values + kVectorBytes))));
    }
    __m256i turns[kHalves][kMaxPackedDepth];
    store(visits, all);
    store(visits + kHalfTrees, all);
    const std::uint64_t* visit = visits;
    const std::uint32_t* mask = outcome;
    const std::uint8_t* children = group.children;
    std::uint64_t* below = visits + kSideBySide;
    for (std::size_t level = 0; level < kMaxPackedDepth; ++level) {
      __m256i turn0 = _mm256_setzero_si256();
      __m256i turn1 = _mm256_setzero_si256();
      const std::size_t size = group.level_sizes[level];
      const bool last = level + 1 == kMaxPackedDepth || group.level_sizes[level + 1] == 0;
      for (std::size_t i = 0; i < size; ++i, visit += kSideBySide, mask += kSideBySide * kHalves) {
        const __m256i here0 = load(visit);
        const __m256i here1 = load(visit + kHalfTrees);
        const __m256i left0 = load(mask);
        const __m256i left1 = load(mask + kSideBySide);
        const __m256i right0 = _mm256_andnot_si256(left0, here0);
        const __m256i right1 = _mm256_andnot_si256(left1, here1);
        turn0 = _mm256_or_si256(turn0, right0);
        turn1 = _mm256_or_si256(turn1, right1);
        if (last) continue;
        // Both are written, and what is no position is written over by the next.
        store(below, _mm256_and_si256(left0, here0));
        store(below + kHalfTrees, _mm256_and_si256(left1, here1));
        store(below + kSideBySide, right0);
        store(below + kSideBySide + kHalfTrees, right1);
        below += *children++ * kSideBySide;
      }
      turns[0][level] = turn0;
      turns[1][level] = turn1;
    }
    store_paths(turns[0], paths);
    store_paths(turns[1], paths + kHalfTrees * kBlockRows);
  }
}

// Adds the values of 32 leaves: this byte of each lane is a path.
template <int Byte>
__m256 leaves_of(const float* values, __m256i paths) {
  const __m256i index = Byte == 0 ? paths : _mm256_srli_epi32(paths, 8 * Byte);
  const __m256 low = choose<3 + 8 * Byte>(paths, entry(values, index), entry(values + 8, index));
  const __m256 high = choose<3 + 8 * Byte>(paths, entry(values + 16, index), entry(values + 24, index));
  return choose<4 + 8 * Byte>(paths, low, high);
}

// Trees of 32 paths. A lane has four rows' paths, so that totals are kept in that order: [half][row % 4][row / 4].
void add_small_leaves(const PackedForest& forest, std::size_t first, std::size_t count, const std::uint8_t* paths,
                      float* totals) {
  alignas(32) float turned[kHalves][kQuads][kVectorFloats];
  for (std::size_t row = 0; row < kBlockRows; ++row) turned[row / 32][row % 4][row / 4 % 8] = totals[row];
  __m256 sums[kHalves][kQuads];
  for (std::size_t h = 0; h < kHalves; ++h) {
    for (std::size_t q = 0; q < kQuads; ++q) sums[h][q] = _mm256_load_ps(turned[h][q]);
  }
  for (std::size_t tree = first; tree < first + count; ++tree) {
    const float* const values = forest.leaf_values + tree * forest.leaf_stride;
    const std::uint8_t* const path = paths + std::size_t{forest.path_row[tree]} * kBlockRows;
    for (std::size_t h = 0; h < kHalves; ++h) {
      const __m256i four = load(path + h * kVectorBytes);
      sums[h][0] = _mm256_add_ps(sums[h][0], leaves_of<0>(values, four));
      sums[h][1] = _mm256_add_ps(sums[h][1], leaves_of<1>(values, four));
      sums[h][2] = _mm256_add_ps(sums[h][2], leaves_of<2>(values, four));
      sums[h][3] = _mm256_add_ps(sums[h][3], leaves_of<3>(values, four));
    }
  }
  for (std::size_t h = 0; h < kHalves; ++h) {
    for (std::size_t q = 0; q < kQuads; ++q) _mm256_store_ps(turned[h][q], sums[h][q]);
  }
  for (std::size_t row = 0; row < kBlockRows; ++row) totals[row] = turned[row / 32][row % 4][row / 4 % 8];
}

void add_leaves(const PackedForest& forest, std::size_t first, std::size_t count, const std::uint8_t* paths,
                float* totals) {
  constexpr std::size_t kSmall = 32;
  if (forest.leaf_stride == kSmall) return add_small_leaves(forest, first, count, paths, totals);
  constexpr std::size_t kRows = 8;  // sums stay in registers
  for (std::size_t row = 0; row < kBlockRows; row += kRows) {
    float sums[kRows];
    for (std::size_t r = 0; r < kRows; ++r) sums[r] = totals[row + r];
    const float* values = forest.leaf_values + first * forest.leaf_stride;
    for (std::size_t tree = first; tree < first + count; ++tree, values += forest.leaf_stride) {
      const std::uint8_t* const path = paths + std::size_t{forest.path_row[tree]} * kBlockRows + row;
#pragma GCC unroll 8
      for (std::size_t r = 0; r < kRows; ++r) sums[r] += values[path[r]];
    }
    for (std::size_t r = 0; r < kRows; ++r) totals[row + r] = sums[r];
  }
}

void add_lengths(const PackedForest& forest, std::size_t first, std::size_t count, const std::uint8_t* paths,
                 std::uint64_t* totals) {
  const std::size_t stride = std::size_t{1} << forest.depth;
  constexpr std::size_t kRows = 8;  // sums stay in registers
  const std::uint32_t* group = forest.path_lengths + first * kSideBySide * stride;
  for (std::size_t g = 0; g < count; ++g, paths += kSideBySide * kBlockRows, group += kSideBySide * stride) {
    for (std::size_t row = 0; row < kBlockRows; row += kRows) {
      std::uint64_t sums[kRows];
      for (std::size_t r = 0; r < kRows; ++r) sums[r] = totals[row + r];
      const std::uint8_t* path = paths + row;
      const std::uint32_t* lengths = group;
      for (std::size_t tree = 0; tree < kSideBySide; ++tree, path += kBlockRows, lengths += stride) {
#pragma GCC unroll 8
        for (std::size_t r = 0; r < kRows; ++r) sums[r] += lengths[path[r]];
      }
      for (std::size_t r = 0; r < kRows; ++r) totals[row + r] = sums[r];
    }
  }
}

}  // namespace

const Kernels& avx2_kernels() {
  static constexpr Kernels kKernels = {
      .transpose = transpose,
      .encode = encode,
      .find_paths = find_paths,
      .add_leaves = add_leaves,
      .add_lengths = add_lengths,
      .add_row_values = nullptr,
      .add_row_lengths = nullptr,
  };
  return kKernels;
}

}  // namespace vigie::scoring
