// A forest packed for CPUs that compare 64 bytes at once. Three ideas carry it:
//
// Codes.  A split only asks whether a value is below a threshold, so a value is replaced by its rank among the
//         feature's distinct thresholds: one byte, exactly equivalent. A feature with more than 255 thresholds gets
//         several columns of codes.
// Masks.  For a block of 64 rows every split of every tree is decided by one byte comparison, whose outcome is a mask
//         of 64 bits, a bit a row. Eight trees share one shape: in each, the child with more splits below comes first,
//         so that eight different trees nearly coincide, and masks of eight trees walk down side by side. The turns
//         that a row took, a bit a level, are its path, and the path finds the leaf.
// Rows.   For one row, 64 splits at a time are decided by one lookup of their features' codes and one comparison. The
//         outcomes of a tree's first five levels are the bits of a word, and sixteen trees walk over theirs side by
//         side; what lies deeper is walked tree by tree.
//
// Rank codes: Dato et al. 2016 (QuickScorer) count on the same equivalence; masks over rows instead of leaves are ours.
// This header is plain data for kernels that are compiled for other CPUs than the rest: it must not bring in code.
#pragma once

#include <cstddef>
#include <cstdint>

namespace vigie::scoring {

inline constexpr std::size_t kBlockRows = 64;         // rows in a block: the bits of a mask
inline constexpr std::size_t kSideBySide = 8;         // trees in a group: the masks of a 64-byte vector
inline constexpr std::size_t kWindowTrees = 128;      // trees whose paths are kept at once
inline constexpr std::size_t kMaxPackedDepth = 8;     // turns in a path: the bits of a byte
inline constexpr std::size_t kMaxPositions = 255;     // splits of a full tree of that depth
inline constexpr std::size_t kMaxCodeColumns = 512;   // so that 16 bits find the codes
inline constexpr std::size_t kMaxRowColumns = 128;    // codes that one row's lookup reaches
inline constexpr std::size_t kRowColumnFloats = 272;  // 16 blocks of thresholds and the last of each
inline constexpr std::size_t kFirstLeaf = 16'384;     // of one row's program: the number of its first leaf
inline constexpr std::size_t kMaxRowNodes = 32'768;   // splits and leaves: half each
inline constexpr std::size_t kTopLevels = 5;          // of one row's program: 31 splits, the bits of a word but one
inline constexpr std::size_t kTopSlots = 32;  // 2^kTopLevels: splits of a tree's top with one to spare, nodes below
inline constexpr std::size_t kRowTrees = 16;  // trees of one row's program that walk side by side
inline constexpr std::size_t kCodes = 256;    // a column has at most 255 thresholds

// One column of codes. Both tables are padded with NaN, which no value is above.
struct CodeColumn {
  std::uint32_t feature;
  std::uint32_t levels;  // of the search tree: up to 2^levels - 1 thresholds
  const float* search;   // Eytzinger's order from 1, at least 32 entries
  const float* blocks;   // the thresholds in rising order, 16 a block
};

// A split of one tree of a group: its mask is `codes of the column >= code`.
struct SplitTest {
  std::uint32_t code;  // in all four bytes
  // Where its codes begin: 128 bytes a column, 64 further for the complements (255 - code). In the upper half where its
  // mask goes: position * kSideBySide + tree. One load for both: loads are what limits this.
  std::uint32_t where;
};

// Eight trees with one shape. Positions are in level order; position 0 is the root.
struct TreeGroup {
  const SplitTest* tests;
  std::uint32_t test_count;
  const std::uint8_t* children;               // positions below each position: 0, 1 or 2
  const std::uint8_t* present;                // bit t of each position: tree t has a split there
  std::uint8_t level_sizes[kMaxPackedDepth];  // positions at each depth
  std::uint16_t position_count;
};

// One row's program. The first levels of two trees are one vector of splits, each tree's in a heap whose root is 1;
// their outcomes are the bits of two words, eight such vectors the words of kRowTrees trees. Where trees go deeper, the
// splits below are in vectors of 64, the last padded; each outcome becomes the number of the next node, so that a level
// is one load. Numbers below kFirstLeaf are splits; a leaf is followed by itself.
struct RowSplits {
  alignas(64) std::uint8_t columns[64];
  std::uint8_t codes[64];
};
struct RowNodes {
  RowSplits splits;
  std::uint16_t left[64];  // the next node where the value's code is less, and where it is not
  std::uint16_t right[64];
};
struct RowProgram {
  const std::uint32_t* features;  // of each column of codes
  const float* thresholds;  // kRowColumnFloats a column, padded with NaN: the last of each block of 16, then the blocks
  const RowSplits* top;     // padded with trees that have no splits to whole kRowTrees
  std::size_t top_count;    // 0: no program
  const RowNodes* nodes;
  std::size_t node_vectors;
  const std::uint16_t* starts;   // kTopSlots a tree: the node below the first levels; none where `values` has them all
  const float* values;           // boosted: of each leaf; where no tree is deeper than its top, kTopSlots a tree
  const std::uint64_t* lengths;  // isolation: of each leaf, in units of 2^-26
  std::size_t steps;             // below the first levels
};

struct PackedForest {
  std::size_t feature_count;
  std::size_t tree_count;
  std::size_t depth;
  const CodeColumn* columns;
  std::size_t column_count;
  const TreeGroup* groups;
  std::size_t group_count;
  const std::uint8_t* path_row;  // of each tree: its row among the paths of its window

  // Boosted: a tree's leaf values by path, `leaf_stride` a tree, in tree order.
  const float* leaf_values;
  std::size_t leaf_stride;  // a power of two, at least 32

  // Isolation: in group order. Path to leaf, kCodes a tree (for depth 8 only: otherwise the path is the leaf), and the
  // leaf's length in units of 2^-26, a byte each in four tables of 128.
  const std::uint8_t* path_leaves;
  const std::uint8_t* length_bytes;
  const std::uint32_t* path_lengths;  // the same for CPUs that look up one at a time: by path, 2^depth a tree

  RowProgram row;  // its top_count is 0 where the forest does not fit in one
};

}  // namespace vigie::scoring
