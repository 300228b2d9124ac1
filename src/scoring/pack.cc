#include "scoring/pack.h"

#include <algorithm>
#include <array>
#include <bit>
#include <bitset>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

namespace vigie::scoring {
namespace {

constexpr std::size_t kColumnThresholds = kCodes - 1;
constexpr std::size_t kSortedBlock = 16;
constexpr std::size_t kLengthTable = 128;
constexpr std::size_t kLengthBytes = 4;
constexpr double kLengthUnits = 0x1.0p26;  // of model::isolation_path_length
constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
constexpr std::int32_t kNoNode = -1;

// Writes sorted[begin, end) as the subtree `at` of a search tree in Eytzinger's order.
void write_search_tree(std::span<const float> sorted, std::span<float> tree, std::size_t at, std::size_t& next) {
  if (at >= tree.size()) return;
  write_search_tree(sorted, tree, 2 * at, next);
  tree[at] = next < sorted.size() ? sorted[next] : kNone;
  ++next;
  write_search_tree(sorted, tree, 2 * at + 1, next);
}

// Splits below and at each node.
std::vector<std::uint32_t> count_splits(const model::Tree& tree) {
  std::vector<std::uint32_t> counts(tree.nodes.size(), 0);
  for (std::size_t i = tree.nodes.size(); i-- > 0;) {  // children come after their parent
    const model::Node& node = tree.nodes[i];
    if (!node.is_leaf()) counts[i] = 1 + counts[node.left] + counts[node.right];
  }
  return counts;
}

// The places of a tree's splits in a heap, with the child that has more splits always first.
using Shape = std::bitset<kMaxPositions>;

void add_shape(const model::Tree& tree, std::span<const std::uint32_t> below, std::size_t node, std::size_t place,
               Shape& shape) {
  if (tree.nodes[node].is_leaf()) return;
  shape.set(place);
  auto first = static_cast<std::size_t>(tree.nodes[node].left);
  auto second = static_cast<std::size_t>(tree.nodes[node].right);
  if (below[second] > below[first]) std::swap(first, second);
  add_shape(tree, below, first, 2 * place + 1, shape);
  add_shape(tree, below, second, 2 * place + 2, shape);
}

// Orders `trees` so that those of a group, kSideBySide in a row, have much of their shape in common: each group begins
// with the largest tree that is left and takes the one that adds least, again and again.
void order_by_shape(const std::vector<Shape>& shapes, std::span<std::size_t> trees) {
  Shape group;
  for (std::size_t i = 0; i < trees.size(); ++i) {
    if (i % kSideBySide == 0) group.reset();
    const auto cost = [&](std::size_t tree) {
      const auto size = static_cast<std::ptrdiff_t>(shapes[tree].count());
      const auto grown = static_cast<std::ptrdiff_t>((shapes[tree] & ~group).count());
      return i % kSideBySide == 0 ? -size : grown * static_cast<std::ptrdiff_t>(kMaxPositions) - size;
    };
    const auto best = std::min_element(trees.begin() + static_cast<std::ptrdiff_t>(i), trees.end(),
                                       [&](std::size_t a, std::size_t b) { return cost(a) < cost(b); });
    std::swap(trees[i], *best);
    group |= shapes[trees[i]];
  }
}

double leaf_length(const model::Node& leaf, std::uint32_t depth) {
  return model::isolation_path_length(depth, static_cast<double>(leaf.cover));
}

std::uint64_t length_units(const model::Node& leaf, std::uint32_t depth) {
  return static_cast<std::uint64_t>(leaf_length(leaf, depth) * kLengthUnits);
}

// Calls leaf(node, depth) for every leaf of the tree.
template <typename Leaf>
void for_leaves(const model::Tree& tree, Leaf leaf) {
  std::vector<std::uint32_t> depths(tree.nodes.size(), 0);
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
    const model::Node& node = tree.nodes[i];
    if (node.is_leaf()) {
      leaf(node, depths[i]);
    } else {
      depths[node.left] = depths[node.right] = depths[i] + 1;
    }
  }
}

// Whether every leaf's length fits in kLengthBytes.
bool lengths_fit(const model::Forest& forest) {
  constexpr double kLimit = 64;
  bool fit = true;
  for (const model::Tree& tree : forest.trees) {
    for_leaves(tree, [&](const model::Node& node, std::uint32_t depth) { fit &= leaf_length(node, depth) < kLimit; });
  }
  return fit;
}

}  // namespace

// A split as codes see it: `code of the column >= code` sends the row right.
struct Pack::Split {
  std::uint16_t column = 0;
  std::uint8_t code = 0;
};

struct Pack::Splits {
  std::vector<std::vector<Split>> of;             // [tree][node]
  std::vector<std::vector<std::uint32_t>> below;  // [tree][node]: splits at it and below
};

struct Pack::Member {
  std::size_t tree;
  std::size_t row;  // in group order
};

bool Pack::make_columns(const model::Forest& forest, Splits& splits) {
  std::vector<std::vector<float>> thresholds(forest.feature_count);
  for (const model::Tree& tree : forest.trees) {
    for (const model::Node& node : tree.nodes) {
      if (!node.is_leaf())
        thresholds[node.feature].push_back(model::strict_threshold(forest.comparison, node.threshold));
    }
  }
  std::vector<std::size_t> first_column(forest.feature_count);
  std::vector<std::size_t> search_at;
  for (std::uint32_t f = 0; f < forest.feature_count; ++f) {
    auto& values = thresholds[f];
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    first_column[f] = columns_.size();
    for (std::size_t begin = 0; begin < values.size(); begin += kColumnThresholds) {
      const std::size_t count = std::min(kColumnThresholds, values.size() - begin);
      const auto part = std::span<const float>(values).subspan(begin, count);
      const auto levels = static_cast<std::uint32_t>(std::bit_width(count));
      const std::size_t size = std::max<std::size_t>(32, std::size_t{1} << levels);
      search_at.push_back(search_.size());
      search_.resize(search_.size() + size, kNone);
      std::size_t next = 0;
      write_search_tree(part, std::span(search_).subspan(search_at.back(), std::size_t{1} << levels), 1, next);

      const std::size_t sorted_at = thresholds_.size();
      thresholds_.resize(sorted_at + kRowColumnFloats, kNone);
      std::copy(part.begin(), part.end(), thresholds_.begin() + static_cast<std::ptrdiff_t>(sorted_at + kSortedBlock));
      for (std::size_t block = 0; (block + 1) * kSortedBlock <= count; ++block) {
        thresholds_[sorted_at + block] = part[(block + 1) * kSortedBlock - 1];
      }
      row_features_.push_back(f);
      columns_.push_back({.feature = f, .levels = levels, .search = nullptr, .blocks = nullptr});
    }
    if (columns_.size() > kMaxCodeColumns) return false;
  }
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    columns_[c].search = search_.data() + search_at[c];
    columns_[c].blocks = thresholds_.data() + c * kRowColumnFloats + kSortedBlock;
  }

  for (const model::Tree& tree : forest.trees) {
    auto& coded = splits.of.emplace_back(tree.nodes.size());
    for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
      const model::Node& node = tree.nodes[i];
      if (node.is_leaf()) continue;
      const auto& values = thresholds[node.feature];
      const auto rank = static_cast<std::size_t>(
          std::lower_bound(values.begin(), values.end(), model::strict_threshold(forest.comparison, node.threshold)) -
          values.begin());
      coded[i] = {.column = static_cast<std::uint16_t>(first_column[node.feature] + rank / kColumnThresholds),
                  .code = static_cast<std::uint8_t>(rank % kColumnThresholds + 1)};
    }
  }
  return true;
}

// One of the trees of a group as it is placed: where its leaves' values go.
void Pack::place_leaf(const Member& member, const model::Node& leaf, std::uint32_t path, std::uint32_t depth,
                      std::uint32_t ordinal) {
  if (!leaf_values_.empty()) {
    leaf_values_[member.tree * view_.leaf_stride + path] = leaf.value;
    return;
  }
  // A tree of full depth has up to 256 paths; its leaves are renumbered, since no tree here has more than 128.
  std::uint32_t entry = path;
  if (view_.depth == kMaxPackedDepth) {
    entry = ordinal;
    path_leaves_[member.row * kCodes + path] = static_cast<std::uint8_t>(ordinal);
  }
  const std::uint64_t units = length_units(leaf, depth);
  path_lengths_[(member.row << view_.depth) + path] = static_cast<std::uint32_t>(units);
  for (std::size_t b = 0; b < kLengthBytes; ++b) {
    length_bytes_[(member.row * kLengthBytes + b) * kLengthTable + entry] = static_cast<std::uint8_t>(units >> (8 * b));
  }
}

void Pack::make_group(const model::Forest& forest, const Splits& splits, std::span<const std::size_t> trees) {
  struct Position {
    std::array<std::int32_t, kSideBySide> node;  // of each tree, kNoNode where it has no split here
    std::uint32_t path;
    std::uint32_t depth;
  };
  const std::size_t first_row = groups_.size() * kSideBySide;
  const std::size_t first_test = tests_.size();
  std::array<std::uint32_t, kSideBySide> leaf_count{};
  TreeGroup group{};
  std::vector<Position> positions;
  Position root{.node = {}, .path = 0, .depth = 0};
  root.node.fill(kNoNode);
  bool any = false;
  for (std::size_t lane = 0; lane < trees.size(); ++lane) {
    const model::Node& node = forest.trees[trees[lane]].nodes[0];
    if (node.is_leaf()) {
      place_leaf({trees[lane], first_row + lane}, node, 0, 0, leaf_count[lane]++);
    } else {
      root.node[lane] = 0;
      any = true;
    }
  }
  if (any) positions.push_back(root);

  for (std::size_t p = 0; p < positions.size(); ++p) {
    const Position here = positions[p];
    std::array<Position, 2> next;
    std::array<bool, 2> wanted{};
    std::uint8_t present = 0;
    for (std::uint32_t side = 0; side < 2; ++side) {
      next[side] = {.node = {}, .path = here.path | side << here.depth, .depth = here.depth + 1};
      next[side].node.fill(kNoNode);
    }
    for (std::size_t lane = 0; lane < trees.size(); ++lane) {
      if (here.node[lane] == kNoNode) continue;
      present = static_cast<std::uint8_t>(present | 1u << lane);
      const std::size_t tree = trees[lane];
      const auto index = static_cast<std::size_t>(here.node[lane]);
      const std::vector<model::Node>& nodes = forest.trees[tree].nodes;
      const Split& split = splits.of[tree][index];
      // The child with more splits comes first; a swapped split asks the opposite of the complement.
      const bool swapped = splits.below[tree][nodes[index].right] > splits.below[tree][nodes[index].left];
      const auto code = static_cast<std::uint8_t>(swapped ? kCodes - split.code : split.code);
      const std::size_t column = (2 * std::size_t{split.column} + (swapped ? 1 : 0)) * kBlockRows;
      tests_.push_back(
          {.code = code * 0x01010101u, .where = static_cast<std::uint32_t>(column | (p * kSideBySide + lane) << 16)});
      std::array<std::int32_t, 2> below = {nodes[index].left, nodes[index].right};
      if (swapped) std::swap(below[0], below[1]);
      for (std::uint32_t side = 0; side < 2; ++side) {
        const model::Node& child = nodes[static_cast<std::size_t>(below[side])];
        if (child.is_leaf()) {
          place_leaf({tree, first_row + lane}, child, next[side].path, next[side].depth, leaf_count[lane]++);
        } else {
          next[side].node[lane] = below[side];
          wanted[side] = true;
        }
      }
    }
    ++group.level_sizes[here.depth];
    children_.push_back(static_cast<std::uint8_t>(wanted[0] + wanted[1]));
    present_.push_back(present);
    for (std::uint32_t side = 0; side < 2; ++side) {
      if (wanted[side]) positions.push_back(next[side]);
    }
  }
  group.position_count = static_cast<std::uint16_t>(positions.size());
  group.test_count = static_cast<std::uint32_t>(tests_.size() - first_test);
  groups_.push_back(group);
}

void Pack::make_groups(const model::Forest& forest, const Splits& splits, Leaves leaves) {
  const std::size_t count = forest.trees.size();
  path_row_.resize(count);
  view_.leaf_stride = std::max<std::size_t>(32, std::size_t{1} << view_.depth);
  if (leaves == Leaves::kValues) {
    leaf_values_.resize(count * view_.leaf_stride);
  } else {
    const std::size_t rows = (count + kSideBySide - 1) / kSideBySide * kSideBySide;
    length_bytes_.resize(rows * kLengthBytes * kLengthTable);
    path_lengths_.resize(rows << view_.depth);
    path_leaves_.resize(rows * kCodes);
  }
  std::vector<Shape> shapes(count);
  for (std::size_t t = 0; t < count; ++t) add_shape(forest.trees[t], splits.below[t], 0, 0, shapes[t]);
  for (std::size_t window = 0; window < count; window += kWindowTrees) {
    std::vector<std::size_t> order(std::min(kWindowTrees, count - window));
    std::iota(order.begin(), order.end(), window);
    order_by_shape(shapes, order);
    for (std::size_t i = 0; i < order.size(); ++i) path_row_[order[i]] = static_cast<std::uint8_t>(i);
    for (std::size_t i = 0; i < order.size(); i += kSideBySide) {
      make_group(forest, splits, std::span(order).subspan(i, std::min(kSideBySide, order.size() - i)));
    }
  }
}

// Splits below the first levels are numbered in tree order, and leaves by themselves.
struct Pack::RowNumbers {
  std::size_t splits = 0;
  // Leaves of one length are one leaf: a few dozen stay in the first-level cache.
  std::map<std::uint64_t, std::size_t> lengths;
};

void Pack::make_row_program(const model::Forest& forest, const Splits& splits, Leaves leaves) {
  constexpr std::size_t kVector = 64;
  const std::size_t trees = (forest.trees.size() + kRowTrees - 1) / kRowTrees * kRowTrees;
  view_.row.steps = view_.depth > kTopLevels ? view_.depth - kTopLevels : 0;
  const bool by_place = view_.row.steps == 0 && leaves == Leaves::kValues;
  std::size_t leaves_in_all = 0;
  for (const model::Tree& tree : forest.trees) leaves_in_all += (tree.nodes.size() + 1) / 2;
  if (columns_.size() > kMaxRowColumns || (!by_place && leaves_in_all > kMaxRowNodes - kFirstLeaf)) return;

  view_.row.top_count = trees * kTopSlots / kVector;
  row_top_.assign(view_.row.top_count, {});
  if (by_place) {
    row_values_.assign(forest.trees.size() * kTopSlots, 0);
  } else {
    row_starts_.assign(forest.trees.size() * kTopSlots, 0);
  }
  RowNumbers numbers;
  for (std::size_t t = 0; t < forest.trees.size(); ++t) add_row_tree(forest.trees[t], splits.of[t], t, leaves, numbers);
  view_.row.node_vectors = row_nodes_.size();
}

void Pack::add_row_tree(const model::Tree& tree, std::span<const Split> splits, std::size_t index, Leaves leaves,
                        RowNumbers& numbers) {
  constexpr std::size_t kVector = 64;
  const std::vector<model::Node>& nodes = tree.nodes;
  const auto put = [&](RowSplits& into, std::size_t slot, std::size_t node) {
    into.columns[slot] = static_cast<std::uint8_t>(splits[node].column);
    into.codes[slot] = splits[node].code;
  };
  // The first levels as a heap whose root is 1; below a leaf everything leads to it.
  std::array<std::size_t, 2 * kTopSlots> top{};
  for (std::size_t i = 1; i < kTopSlots; ++i) {
    const model::Node& node = nodes[top[i]];
    const std::size_t slot = index * kTopSlots + i;
    if (!node.is_leaf()) put(row_top_[slot / kVector], slot % kVector, top[i]);
    top[2 * i] = node.is_leaf() ? top[i] : static_cast<std::size_t>(node.left);
    top[2 * i + 1] = node.is_leaf() ? top[i] : static_cast<std::size_t>(node.right);
  }
  const auto below = std::span(top).subspan(kTopSlots);
  if (row_starts_.empty()) {
    for (std::size_t i = 0; i < kTopSlots; ++i) row_values_[index * kTopSlots + i] = nodes[below[i]].value;
    return;
  }

  std::vector<std::uint32_t> depths(nodes.size(), 0);
  std::vector<std::uint16_t> number(nodes.size(), 0);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const model::Node& node = nodes[i];
    if (!node.is_leaf()) {
      depths[node.left] = depths[node.right] = depths[i] + 1;
      if (depths[i] >= kTopLevels) number[i] = static_cast<std::uint16_t>(numbers.splits++);
    } else if (leaves == Leaves::kValues) {
      number[i] = static_cast<std::uint16_t>(kFirstLeaf + row_values_.size());
      row_values_.push_back(node.value);
    } else {
      const auto [known, added] = numbers.lengths.try_emplace(length_units(node, depths[i]), row_lengths_.size());
      if (added) row_lengths_.push_back(known->first);
      number[i] = static_cast<std::uint16_t>(kFirstLeaf + known->second);
    }
  }
  row_nodes_.resize((numbers.splits + kVector - 1) / kVector);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].is_leaf() || depths[i] < kTopLevels) continue;
    RowNodes& into = row_nodes_[number[i] / kVector];
    const std::size_t slot = number[i] % kVector;
    put(into.splits, slot, i);
    into.left[slot] = number[nodes[i].left];
    into.right[slot] = number[nodes[i].right];
  }
  for (std::size_t i = 0; i < kTopSlots; ++i) row_starts_[index * kTopSlots + i] = number[below[i]];
}

// Addresses, once the vectors have stopped growing.
void Pack::point() {
  std::size_t test = 0;
  std::size_t position = 0;
  for (TreeGroup& group : groups_) {
    group.tests = tests_.data() + test;
    group.children = children_.data() + position;
    group.present = present_.data() + position;
    test += group.test_count;
    position += group.position_count;
  }
  view_.columns = columns_.data();
  view_.column_count = columns_.size();
  view_.groups = groups_.data();
  view_.group_count = groups_.size();
  view_.path_row = path_row_.data();
  view_.leaf_values = leaf_values_.data();
  view_.path_leaves = path_leaves_.data();
  view_.length_bytes = length_bytes_.data();
  view_.path_lengths = path_lengths_.data();
  view_.row.features = row_features_.data();
  view_.row.thresholds = thresholds_.data();
  view_.row.top = row_top_.data();
  view_.row.nodes = row_nodes_.data();
  view_.row.starts = row_starts_.data();
  view_.row.values = row_values_.data();
  view_.row.lengths = row_lengths_.data();
}

std::optional<Pack> Pack::make(const model::Forest& forest, Leaves leaves) {
  Pack pack;
  pack.view_.feature_count = forest.feature_count;
  pack.view_.tree_count = forest.trees.size();
  for (const model::Tree& tree : forest.trees) {
    pack.view_.depth = std::max<std::size_t>(pack.view_.depth, model::depth(tree));
    if (pack.view_.depth > kMaxPackedDepth) return std::nullopt;
    const std::size_t leaf_count = (tree.nodes.size() + 1) / 2;
    if (leaves == Leaves::kLengths && leaf_count > kLengthTable) return std::nullopt;
  }
  if (leaves == Leaves::kLengths && !lengths_fit(forest)) return std::nullopt;
  Splits splits;
  for (const model::Tree& tree : forest.trees) splits.below.push_back(count_splits(tree));
  if (!pack.make_columns(forest, splits)) return std::nullopt;
  pack.make_groups(forest, splits, leaves);
  pack.make_row_program(forest, splits, leaves);
  pack.point();
  return pack;
}

}  // namespace vigie::scoring
