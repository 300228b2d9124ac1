// Packs a canonical forest for the kernels (packed_forest.h).
#pragma once

#include <boost/align/aligned_allocator.hpp>
#include <optional>
#include <span>
#include <vector>

#include "model/forest.h"
#include "scoring/packed_forest.h"

namespace vigie::scoring {

template <typename T>
using AlignedVector = std::vector<T, boost::alignment::aligned_allocator<T, 64>>;

enum class Leaves : std::uint8_t { kValues, kLengths };  // boosted or isolation

// Owns what a PackedForest points to. Immutable; not copied, because of the pointers.
class Pack {
 public:
  // Nothing where the forest has no packed form: trees deeper than kMaxPackedDepth, more columns of codes than
  // kMaxCodeColumns, path lengths of 64 and more. Then FlatForest serves. The forest must be valid.
  static std::optional<Pack> make(const model::Forest& forest, Leaves leaves);

  Pack(const Pack&) = delete;
  Pack& operator=(const Pack&) = delete;
  Pack(Pack&&) = default;  // what vectors hold stays where it is
  Pack& operator=(Pack&&) = default;
  ~Pack() = default;

  const PackedForest& forest() const { return view_; }

 private:
  Pack() = default;
  struct Split;
  struct Splits;
  struct Member;
  struct RowNumbers;

  bool make_columns(const model::Forest& forest, Splits& splits);
  void place_leaf(const Member& member, const model::Node& leaf, std::uint32_t path, std::uint32_t depth,
                  std::uint32_t ordinal);
  void make_group(const model::Forest& forest, const Splits& splits, std::span<const std::size_t> trees);
  void make_groups(const model::Forest& forest, const Splits& splits, Leaves leaves);
  void make_row_program(const model::Forest& forest, const Splits& splits, Leaves leaves);
  void add_row_tree(const model::Tree& tree, std::span<const Split> splits, std::size_t index, Leaves leaves,
                    RowNumbers& numbers);
  void point();

  PackedForest view_{};
  std::vector<CodeColumn> columns_;
  AlignedVector<float> search_;
  std::vector<TreeGroup> groups_;
  std::vector<SplitTest> tests_;
  std::vector<std::uint8_t> children_;
  std::vector<std::uint8_t> present_;
  std::vector<std::uint8_t> path_row_;
  AlignedVector<float> leaf_values_;
  AlignedVector<std::uint8_t> path_leaves_;
  AlignedVector<std::uint8_t> length_bytes_;
  AlignedVector<std::uint32_t> path_lengths_;
  std::vector<std::uint32_t> row_features_;
  AlignedVector<float> thresholds_;
  AlignedVector<RowSplits> row_top_;
  AlignedVector<RowNodes> row_nodes_;
  std::vector<std::uint16_t> row_starts_;
  std::vector<float> row_values_;
  std::vector<std::uint64_t> row_lengths_;
};

}  // namespace vigie::scoring
