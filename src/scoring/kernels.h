// What a packed forest is walked with on one kind of CPU. Every kernel gives the same bits.
#pragma once

#include "scoring/packed_forest.h"

namespace vigie::scoring {

// A block's inputs lie column by column, kBlockRows floats a feature. All buffers are aligned to 64 bytes.
struct Kernels {
  // 64 rows of `feature_count` floats each to columns; `count` of them are there, the others become 0.
  void (*transpose)(const float* rows, std::size_t feature_count, std::size_t count, float* columns);
  // codes: 2 * kBlockRows a column, the codes and their complements. False, and nothing useful, where a value that a
  // split asks for is NaN.
  bool (*encode)(const PackedForest& forest, const float* columns, std::uint8_t* codes);
  // paths: kBlockRows a tree, in group order, for groups [first, first + count).
  void (*find_paths)(const PackedForest& forest, std::size_t first, std::size_t count, const std::uint8_t* codes,
                     std::uint8_t* paths);
  // Adds the leaves of trees [first, first + count) to totals, in tree order, row by row.
  void (*add_leaves)(const PackedForest& forest, std::size_t first, std::size_t count, const std::uint8_t* paths,
                     float* totals);
  // Adds the lengths of the groups' trees, in units of 2^-26.
  void (*add_lengths)(const PackedForest& forest, std::size_t first, std::size_t count, const std::uint8_t* paths,
                      std::uint64_t* totals);
  // Adds the leaves that one row reaches to `total`, in tree order (values) or in any (lengths, in units of 2^-26).
  // `next`: kMaxRowNodes numbers, of which those from kFirstLeaf on are their own places. False, and nothing useful,
  // where a value is NaN. Null where this CPU has no fast way; not for forests without a row program.
  bool (*add_row_values)(const PackedForest& forest, const float* row, std::uint16_t* next, float& total);
  bool (*add_row_lengths)(const PackedForest& forest, const float* row, std::uint16_t* next, std::uint64_t& total);
};

const Kernels& avx2_kernels();
const Kernels& avx512_kernels();

}  // namespace vigie::scoring
