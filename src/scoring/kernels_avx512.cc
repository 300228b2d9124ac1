// Kernels for AVX-512 with BW, VBMI, BITALG and GFNI (Intel Ice Lake, AMD Zen 4 and later). Compiled for such CPUs, so
// nothing here may be instantiated elsewhere: no standard library, no inline functions of ours.
#include <immintrin.h>

#include "scoring/kernels.h"

namespace vigie::scoring {
namespace {

constexpr std::size_t kVectorFloats = 16;
constexpr std::size_t kQuarters = kBlockRows / kVectorFloats;

// Level `Level`'s thresholds for each lane's place in the search tree.
template <int Level>
__m512 search_level(const float* search, __m512i at) {
  if constexpr (Level < 5) {
    return _mm512_permutex2var_ps(_mm512_load_ps(search), at, _mm512_load_ps(search + 16));
  } else if constexpr (Level == 5) {
    return _mm512_permutex2var_ps(_mm512_load_ps(search + 32), at, _mm512_load_ps(search + 48));
  } else {
    const __mmask16 upper = _mm512_test_epi32_mask(at, _mm512_set1_epi32(32));
    const auto half = [&](const float* part) __attribute__((always_inline)) {
      const __m512 low = _mm512_permutex2var_ps(_mm512_load_ps(part), at, _mm512_load_ps(part + 16));
      const __m512 high = _mm512_permutex2var_ps(_mm512_load_ps(part + 32), at, _mm512_load_ps(part + 48));
      return _mm512_mask_blend_ps(upper, low, high);
    };
    if constexpr (Level == 6) {
      return half(search + 64);
    } else {
      static_assert(Level == 7);
      const __mmask16 last = _mm512_test_epi32_mask(at, _mm512_set1_epi32(64));
      return _mm512_mask_blend_ps(last, half(search + 128), half(search + 192));
    }
  }
}

template <int Level>
void descend(const float* search, const __m512 (&x)[kQuarters], __m512i (&at)[kQuarters]) {
  for (std::size_t q = 0; q < kQuarters; ++q) {
    const __mmask16 right = _mm512_cmp_ps_mask(x[q], search_level<Level>(search, at[q]), _CMP_GE_OQ);
    const __m512i twice = _mm512_add_epi32(at[q], at[q]);
    at[q] = _mm512_mask_add_epi32(twice, right, twice, _mm512_set1_epi32(1));
  }
}

template <int Levels>
__m512i rank_block(const CodeColumn& column, const __m512 (&x)[kQuarters]) {
  __m512i at[kQuarters];
  for (auto& place : at) place = _mm512_set1_epi32(1);
  if constexpr (Levels > 0) descend<0>(column.search, x, at);
  if constexpr (Levels > 1) descend<1>(column.search, x, at);
  if constexpr (Levels > 2) descend<2>(column.search, x, at);
  if constexpr (Levels > 3) descend<3>(column.search, x, at);
  if constexpr (Levels > 4) descend<4>(column.search, x, at);
  if constexpr (Levels > 5) descend<5>(column.search, x, at);
  if constexpr (Levels > 6) descend<6>(column.search, x, at);
  if constexpr (Levels > 7) descend<7>(column.search, x, at);
  const __m512i first = _mm512_set1_epi32(1 << Levels);
  __m128i bytes[kQuarters];
  for (std::size_t q = 0; q < kQuarters; ++q) bytes[q] = _mm512_cvtepi32_epi8(_mm512_sub_epi32(at[q], first));
  __m512i codes = _mm512_castsi128_si512(bytes[0]);
  codes = _mm512_inserti32x4(codes, bytes[1], 1);
  codes = _mm512_inserti32x4(codes, bytes[2], 2);
  return _mm512_inserti32x4(codes, bytes[3], 3);
}

bool encode(const PackedForest& forest, const float* columns, std::uint8_t* codes) {
  for (std::size_t c = 0; c < forest.column_count; ++c) {
    const CodeColumn& column = forest.columns[c];
    const float* const values = columns + column.feature * kBlockRows;
    __m512 x[kQuarters];
    for (std::size_t q = 0; q < kQuarters; ++q) x[q] = _mm512_load_ps(values + q * kVectorFloats);
    const auto missing = static_cast<unsigned>(_mm512_cmp_ps_mask(x[0], x[1], _CMP_UNORD_Q)) |
                         static_cast<unsigned>(_mm512_cmp_ps_mask(x[2], x[3], _CMP_UNORD_Q));
    if (missing != 0) return false;
    __m512i ranks;
    switch (column.levels) {
      case 1: ranks = rank_block<1>(column, x); break;
      case 2: ranks = rank_block<2>(column, x); break;
      case 3: ranks = rank_block<3>(column, x); break;
      case 4: ranks = rank_block<4>(column, x); break;
      case 5: ranks = rank_block<5>(column, x); break;
      case 6: ranks = rank_block<6>(column, x); break;
      case 7: ranks = rank_block<7>(column, x); break;
      default: ranks = rank_block<8>(column, x); break;
    }
    std::uint8_t* const out = codes + c * 2 * kBlockRows;
    _mm512_store_si512(out, ranks);
    _mm512_store_si512(out + kBlockRows, _mm512_xor_si512(ranks, _mm512_set1_epi8(-1)));
  }
  return true;
}

// Eight vectors of eight masks, one a turn, become eight vectors of 64 paths, one a tree.
void store_paths(const __m512i (&turns)[kMaxPackedDepth], std::uint8_t* paths) {
  __m512i pairs[8];
  for (std::size_t i = 0; i < 8; i += 2) {
    pairs[i] = _mm512_unpacklo_epi64(turns[i], turns[i + 1]);
    pairs[i + 1] = _mm512_unpackhi_epi64(turns[i], turns[i + 1]);
  }
  __m512i fours[8];  // [odd tree][lanes 0-3 or 4-7 of 128 bits]
  for (std::size_t odd = 0; odd < 2; ++odd) {
    const __m512i low0 = _mm512_shuffle_i64x2(pairs[odd], pairs[2 + odd], 0x88);
    const __m512i high0 = _mm512_shuffle_i64x2(pairs[odd], pairs[2 + odd], 0xDD);
    const __m512i low1 = _mm512_shuffle_i64x2(pairs[4 + odd], pairs[6 + odd], 0x88);
    const __m512i high1 = _mm512_shuffle_i64x2(pairs[4 + odd], pairs[6 + odd], 0xDD);
    fours[odd] = _mm512_shuffle_i64x2(low0, low1, 0x88);        // trees 0 + odd
    fours[2 + odd] = _mm512_shuffle_i64x2(high0, high1, 0x88);  // 2 + odd
    fours[4 + odd] = _mm512_shuffle_i64x2(low0, low1, 0xDD);    // 4 + odd
    fours[6 + odd] = _mm512_shuffle_i64x2(high0, high1, 0xDD);  // 6 + odd
  }
  // Byte j of turn d to byte 7 - d of word j; then the product with the unit vectors turns each word's 8 x 8 bits.
  alignas(64) static constexpr std::uint8_t kGather[64] = {
      56, 48, 40, 32, 24, 16, 8,  0,  57, 49, 41, 33, 25, 17, 9,  1,  58, 50, 42, 34, 26, 18,
      10, 2,  59, 51, 43, 35, 27, 19, 11, 3,  60, 52, 44, 36, 28, 20, 12, 4,  61, 53, 45, 37,
      29, 21, 13, 5,  62, 54, 46, 38, 30, 22, 14, 6,  63, 55, 47, 39, 31, 23, 15, 7};
  const __m512i gather = _mm512_load_si512(kGather);
  const __m512i units = _mm512_set1_epi64(static_cast<long long>(0x8040201008040201ull));
  for (std::size_t tree = 0; tree < kSideBySide; ++tree) {
    const __m512i words = _mm512_permutexvar_epi8(gather, fours[tree]);
    _mm512_store_si512(paths + tree * kBlockRows, _mm512_gf2p8affine_epi64_epi8(units, words, 0));
  }
}

void find_paths(const PackedForest& forest, std::size_t first, std::size_t count, const std::uint8_t* codes,
                std::uint8_t* paths) {
  // Masks of a position's splits, and of the rows that come by; one more where the last position's children go.
  alignas(64) std::uint64_t outcome[kMaxPositions * kSideBySide];
  alignas(64) std::uint64_t visits[(kMaxPositions + 2) * kSideBySide];
  for (std::size_t g = first; g < first + count; ++g, paths += kSideBySide * kBlockRows) {
    const TreeGroup& group = forest.groups[g];
    const SplitTest* test = group.tests;
    const SplitTest* const end = test + group.test_count;
#pragma GCC unroll 4
    for (; test != end; ++test) {
      const __m512i code = _mm512_set1_epi32(static_cast<int>(test->code));
      const std::uint32_t where = test->where;
      const __mmask64 right = _mm512_cmple_epu8_mask(code, _mm512_load_si512(codes + (where & 0xFFFF)));
      outcome[where >> 16] = _cvtmask64_u64(right);
    }
    __m512i turns[kMaxPackedDepth];
    _mm512_store_si512(visits, _mm512_set1_epi64(-1));
    const std::uint64_t* visit = visits;
    const std::uint64_t* mask = outcome;
    const std::uint8_t* children = group.children;
    const std::uint8_t* present = group.present;
    std::uint64_t* below = visits + kSideBySide;
#pragma GCC unroll 8
    for (std::size_t level = 0; level < kMaxPackedDepth; ++level) {
      __m512i turn = _mm512_setzero_si512();
      const std::size_t size = group.level_sizes[level];
      const bool last = level + 1 == kMaxPackedDepth || group.level_sizes[level + 1] == 0;
      for (std::size_t i = 0; i < size; ++i, visit += kSideBySide, mask += kSideBySide) {
        const __m512i here = _mm512_load_si512(visit);
        // A tree without a split here has written no mask; its rows all go on to the first side.
        const __m512i split = _mm512_maskz_load_epi64(_cvtu32_mask8(*present++), mask);
        const __m512i right = _mm512_and_si512(here, split);
        turn = _mm512_or_si512(turn, right);
        if (last) continue;
        // Both are written, and what is no position is written over by the next.
        _mm512_store_si512(below, _mm512_andnot_si512(split, here));
        _mm512_store_si512(below + kSideBySide, right);
        below += *children++ * kSideBySide;
      }
      turns[level] = turn;
    }
    store_paths(turns, paths);
  }
}

template <int Tables>  // of 32 leaves: 1 or 2; 0: more, gathered
__m512 leaves_of(const float* values, const std::uint8_t* paths) {
  const __m512i path = _mm512_cvtepu8_epi32(_mm_load_si128(reinterpret_cast<const __m128i*>(paths)));
  if constexpr (Tables == 0) {
    return _mm512_i32gather_ps(path, values, 4);
  } else {
    const __m512 low = _mm512_permutex2var_ps(_mm512_load_ps(values), path, _mm512_load_ps(values + 16));
    if constexpr (Tables == 1) return low;
    const __m512 high = _mm512_permutex2var_ps(_mm512_load_ps(values + 32), path, _mm512_load_ps(values + 48));
    return _mm512_mask_blend_ps(_mm512_test_epi32_mask(path, _mm512_set1_epi32(32)), low, high);
  }
}

template <int Tables>
void add_leaves_of(const PackedForest& forest, std::size_t first, std::size_t count, const std::uint8_t* paths,
                   float* totals) {
  __m512 sums[kQuarters];
  for (std::size_t q = 0; q < kQuarters; ++q) sums[q] = _mm512_load_ps(totals + q * kVectorFloats);
  for (std::size_t tree = first; tree < first + count; ++tree) {
    const float* const values = forest.leaf_values + tree * forest.leaf_stride;
    const std::uint8_t* const path = paths + std::size_t{forest.path_row[tree]} * kBlockRows;
    for (std::size_t q = 0; q < kQuarters; ++q) {
      sums[q] = _mm512_add_ps(sums[q], leaves_of<Tables>(values, path + q * kVectorFloats));
    }
  }
  for (std::size_t q = 0; q < kQuarters; ++q) _mm512_store_ps(totals + q * kVectorFloats, sums[q]);
}

void add_leaves(const PackedForest& forest, std::size_t first, std::size_t count, const std::uint8_t* paths,
                float* totals) {
  if (forest.leaf_stride == 32) return add_leaves_of<1>(forest, first, count, paths, totals);
  if (forest.leaf_stride == 64) return add_leaves_of<2>(forest, first, count, paths, totals);
  add_leaves_of<0>(forest, first, count, paths, totals);
}

// Byte `table[index]` for each of 64 indices below 128.
__m512i look_up(const std::uint8_t* table, __m512i index) {
  return _mm512_permutex2var_epi8(_mm512_load_si512(table), index, _mm512_load_si512(table + 64));
}

void add_lengths(const PackedForest& forest, std::size_t first, std::size_t count, const std::uint8_t* paths,
                 std::uint64_t* totals) {
  constexpr std::size_t kBytes = 4;
  constexpr std::size_t kTable = 128;
  // Sums of each byte of a length over at most kWindowTrees trees fit in 16 bits: even rows and odd ones.
  __m512i even[kBytes];
  __m512i odd[kBytes];
  for (std::size_t b = 0; b < kBytes; ++b) even[b] = odd[b] = _mm512_setzero_si512();
  const __m512i low_byte = _mm512_set1_epi16(0xFF);
  const bool deep = forest.depth == kMaxPackedDepth;
  for (std::size_t tree = first * kSideBySide; tree < (first + count) * kSideBySide; ++tree, paths += kBlockRows) {
    __m512i leaf = _mm512_load_si512(paths);
    if (deep) {
      const std::uint8_t* const table = forest.path_leaves + tree * kCodes;
      const __m512i low = look_up(table, leaf);
      leaf = _mm512_mask_blend_epi8(_mm512_movepi8_mask(leaf), low, look_up(table + kTable, leaf));
    }
    const std::uint8_t* const bytes = forest.length_bytes + tree * kBytes * kTable;
    for (std::size_t b = 0; b < kBytes; ++b) {
      const __m512i length = look_up(bytes + b * kTable, leaf);
      even[b] = _mm512_add_epi16(even[b], _mm512_and_si512(length, low_byte));
      odd[b] = _mm512_add_epi16(odd[b], _mm512_srli_epi16(length, 8));
    }
  }
  alignas(64) std::uint16_t sums[2][kBytes][kBlockRows / 2];
  for (std::size_t b = 0; b < kBytes; ++b) {
    _mm512_store_si512(sums[0][b], even[b]);
    _mm512_store_si512(sums[1][b], odd[b]);
  }
  for (std::size_t row = 0; row < kBlockRows; ++row) {
    for (std::size_t b = 0; b < kBytes; ++b) totals[row] += std::uint64_t{sums[row % 2][b][row / 2]} << (8 * b);
  }
}

bool any_missing(const float* values, std::size_t count) {
  __mmask16 missing = 0;
  std::size_t i = 0;
  for (; i + kVectorFloats <= count; i += kVectorFloats) {
    const __m512 x = _mm512_loadu_ps(values + i);
    missing = _kor_mask16(missing, _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q));
  }
  const auto left = static_cast<__mmask16>(_bzhi_u32(0xFFFF, static_cast<unsigned>(count - i)));
  const __m512 x = _mm512_maskz_loadu_ps(left, values + i);
  missing = _kor_mask16(missing, _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q));
  return _kortestz_mask16_u8(missing, missing) == 0;
}

// The codes of one row, ready to be looked up.
struct RowCodes {
  __m512i low;
  __m512i high;  // of columns from 64 on; not looked at where Narrow
};

// Which thresholds of a block of 16 the value has reached; they rise, and what pads them is never reached.
__mmask16 reached(__m512 value, const float* block) {
  return _mm512_cmp_ps_mask(value, _mm512_load_ps(block), _CMP_GE_OQ);
}

RowCodes encode_row(const PackedForest& forest, const float* row) {
  // A code is 16 for each block of thresholds that was passed and the count within the next. Counts are taken of 32
  // columns at once: one by one they would cost more than the comparisons.
  alignas(64) std::uint16_t passed[kMaxRowColumns];
  alignas(64) std::uint16_t within[kMaxRowColumns];
  const std::uint32_t* feature = forest.row.features;
  const float* pivots = forest.row.thresholds;
#pragma GCC unroll 4
  for (std::size_t c = 0, count = forest.column_count; c < count; ++c, ++feature, pivots += kRowColumnFloats) {
    const __m512 value = _mm512_set1_ps(row[*feature]);
    const auto blocks = static_cast<std::size_t>(__builtin_popcount(reached(value, pivots)));
    const std::size_t first = blocks * kVectorFloats;
    passed[c] = static_cast<std::uint16_t>(first);
    within[c] = reached(value, pivots + kVectorFloats + first);
  }
  const auto codes_from = [&](std::size_t first) __attribute__((always_inline)) {
    const auto codes = [&](std::size_t at) __attribute__((always_inline)) {
      const __m512i counts = _mm512_popcnt_epi16(_mm512_load_si512(within + at));
      return _mm512_maskz_cvtepi16_epi8(~__mmask32{0}, _mm512_add_epi16(counts, _mm512_load_si512(passed + at)));
    };
    return _mm512_maskz_inserti64x4(0xFF, _mm512_castsi256_si512(codes(first)), codes(first + 32), 1);
  };
  return {.low = codes_from(0), .high = codes_from(64)};
}

template <bool Narrow>
__mmask64 decide(const RowSplits& splits, RowCodes codes) {
  const __m512i column = _mm512_load_si512(splits.columns);
  const __m512i code =
      Narrow ? _mm512_permutexvar_epi8(column, codes.low) : _mm512_permutex2var_epi8(codes.low, column, codes.high);
  return _mm512_cmpge_epu8_mask(code, _mm512_load_si512(splits.codes));
}

// Where the row comes out of the tops of kRowTrees trees: heap places from kTopSlots on.
template <bool Narrow>
__m512i walk_tops(const RowSplits* top, RowCodes codes) {
  // Outcomes go from mask registers to lanes without memory between, where a wide load would wait for eight narrow
  // stores; in two halves, since each lane that is set waits for the one before.
  __m512i words = _mm512_setzero_si512();
  __m512i more_words = _mm512_setzero_si512();
  constexpr unsigned kHalf = kRowTrees / 4;
#pragma GCC unroll 4
  for (unsigned i = 0; i < kHalf; ++i) {
    const auto first = static_cast<long long>(_cvtmask64_u64(decide<Narrow>(top[i], codes)));
    const auto second = static_cast<long long>(_cvtmask64_u64(decide<Narrow>(top[i + kHalf], codes)));
    words = _mm512_mask_set1_epi64(words, static_cast<__mmask8>(1u << i), first);
    more_words = _mm512_mask_set1_epi64(more_words, static_cast<__mmask8>(1u << (i + kHalf)), second);
  }
  words = _mm512_or_si512(words, more_words);
  const __m512i one = _mm512_set1_epi32(1);
  __m512i at = one;
#pragma GCC unroll 5
  for (std::size_t level = 0; level < kTopLevels; ++level) {
    constexpr int kOrWithAnd = 0xF8;  // a | (b & c)
    at = _mm512_ternarylogic_epi32(_mm512_add_epi32(at, at), _mm512_srlv_epi32(words, at), one, kOrWithAnd);
  }
  return at;
}

template <bool Narrow>
float add_shallow(const RowProgram& program, RowCodes codes, std::size_t tree_count, float total) {
  alignas(64) std::uint32_t places[kRowTrees];
  const float* values = program.values - kTopSlots;
  const RowSplits* top = program.top;
  for (; tree_count >= kRowTrees; tree_count -= kRowTrees, top += kRowTrees / 2) {
    _mm512_store_si512(places, walk_tops<Narrow>(top, codes));
#pragma GCC unroll 16
    for (std::size_t t = 0; t < kRowTrees; ++t, values += kTopSlots) total += values[places[t]];
  }
  if (tree_count == 0) return total;
  _mm512_store_si512(places, walk_tops<Narrow>(top, codes));
  for (std::size_t t = 0; t < tree_count; ++t, values += kTopSlots) total += values[places[t]];
  return total;
}

// Steps: as RowProgram::steps, or -1 for any.
template <int Steps, bool Narrow, typename Total>
Total add_deep(const RowProgram& program, const Total* values, RowCodes codes, std::size_t tree_count,
               std::uint16_t* __restrict next, Total total) {
  const RowNodes* nodes = program.nodes;
  std::uint16_t* next_nodes = next;
  for (const RowNodes* const end = nodes + program.node_vectors; nodes != end; ++nodes, next_nodes += 64) {
    const __mmask64 right = decide<Narrow>(nodes->splits, codes);
    for (std::size_t half = 0; half < 64; half += 32) {
      const auto mask = static_cast<__mmask32>(_cvtmask64_u64(right) >> half);
      const __m512i left_node = _mm512_load_si512(nodes->left + half);
      _mm512_store_si512(next_nodes + half, _mm512_mask_loadu_epi16(left_node, mask, nodes->right + half));
    }
  }

  const std::size_t steps = Steps < 0 ? program.steps : static_cast<std::size_t>(Steps);
  const std::uint16_t* starts = program.starts;
  const RowSplits* top = program.top;
  for (std::size_t trees = tree_count; trees != 0; top += kRowTrees / 2) {
    alignas(64) std::uint32_t places[kRowTrees];
    _mm512_store_si512(places, walk_tops<Narrow>(top, codes));
    const std::size_t here = trees < kRowTrees ? trees : kRowTrees;
    trees -= here;
    for (std::size_t t = 0; t < here; ++t, starts += kTopSlots) {
      std::size_t at = starts[places[t] - kTopSlots];
#pragma GCC unroll 8
      for (std::size_t step = 0; step < steps; ++step) at = next[at];
      total += values[at - kFirstLeaf];
    }
  }
  return total;
}

template <bool Narrow, typename Total>
Total add_row_leaves(const PackedForest& forest, const Total* values, RowCodes codes, std::uint16_t* next,
                     Total total) {
  const RowProgram& program = forest.row;
  const std::size_t trees = forest.tree_count;
  if constexpr (__is_same(Total, float)) {
    if (program.steps == 0) return add_shallow<Narrow>(program, codes, trees, total);
  }
  switch (program.steps) {  // unrolled for the depths that are usual: boosted 6, isolation 8
    case 1: return add_deep<1, Narrow>(program, values, codes, trees, next, total);
    case 3: return add_deep<3, Narrow>(program, values, codes, trees, next, total);
    default: return add_deep<-1, Narrow>(program, values, codes, trees, next, total);
  }
}

template <typename Total>
bool add_row(const PackedForest& forest, const Total* values, const float* row, std::uint16_t* next, Total& total) {
  if (any_missing(row, forest.feature_count)) return false;
  const RowCodes codes = encode_row(forest, row);
  total = forest.column_count <= 64 ? add_row_leaves<true>(forest, values, codes, next, total)
                                    : add_row_leaves<false>(forest, values, codes, next, total);
  return true;
}

bool add_row_values(const PackedForest& forest, const float* row, std::uint16_t* next, float& total) {
  return add_row(forest, forest.row.values, row, next, total);
}

bool add_row_lengths(const PackedForest& forest, const float* row, std::uint16_t* next, std::uint64_t& total) {
  return add_row(forest, forest.row.lengths, row, next, total);
}

}  // namespace

const Kernels& avx512_kernels() {
  static const Kernels kKernels = {
      .transpose = avx2_kernels().transpose,  // shuffles of 8 x 8 beat gathers here too
      .encode = encode,
      .find_paths = find_paths,
      .add_leaves = add_leaves,
      .add_lengths = add_lengths,
      .add_row_values = add_row_values,
      .add_row_lengths = add_row_lengths,
  };
  return kKernels;
}

}  // namespace vigie::scoring
