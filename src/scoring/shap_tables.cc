#include "scoring/shap_tables.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace vigie::scoring {
namespace {

// How a tree is divided.
struct Division {
  std::vector<std::size_t> parents;
  std::vector<std::size_t> roots;  // of the groups' subtrees
  std::vector<bool> above;         // whether a node is above all groups
};

// Nothing where the tree is too deep. From the leaves up, a split's subtree becomes one group where its children's are,
// and the larger table is worth the fewer lookups.
std::optional<Division> divide(std::span<const ShapNode> nodes, std::uint32_t max_depth, std::uint32_t max_bits) {
  constexpr std::uint64_t kGrowthNumerator = 3;  // a table may be 3 / 2 of those that it replaces
  constexpr std::uint64_t kGrowthDenominator = 2;
  Division division;
  division.parents.resize(nodes.size());
  std::vector<std::uint32_t> depths(nodes.size(), 0);
  for (std::size_t i = 0; i < nodes.size(); ++i) {  // children come after their parent
    if (depths[i] > max_depth) return std::nullopt;
    if (nodes[i].is_leaf()) continue;
    for (const std::int32_t child : {nodes[i].left, nodes[i].right}) {
      depths[child] = depths[i] + 1;
      division.parents[child] = i;
    }
  }
  std::vector<std::uint32_t> splits(nodes.size(), 0);      // at a node and below
  std::vector<std::uint64_t> table_rows(nodes.size(), 0);  // of the groups there
  division.above.resize(nodes.size(), false);
  for (std::size_t i = nodes.size(); i-- > 0;) {
    const ShapNode& node = nodes[i];
    if (node.is_leaf()) continue;
    splits[i] = 1 + splits[node.left] + splits[node.right];
    const std::uint64_t apart = table_rows[node.left] + table_rows[node.right];
    const std::uint32_t bits = depths[i] + splits[i];
    const bool possible = !division.above[node.left] && !division.above[node.right] && bits <= max_bits;
    const std::uint64_t together = possible ? std::uint64_t{1} << bits : 0;
    division.above[i] = !possible || (apart > 0 && together * kGrowthDenominator > apart * kGrowthNumerator);
    table_rows[i] = division.above[i] ? apart : together;
  }
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].is_leaf() || division.above[i]) continue;
    if (i == 0 || division.above[division.parents[i]]) division.roots.push_back(i);
  }
  return division;
}

// A group as a tree of its own: the splits of the path first, from the root down, then those of the subtree. Leaves
// that are other groups' count as 0.
struct GroupTree {
  std::vector<ShapNode> nodes;
  std::vector<std::uint32_t> features;  // nodes' features are places in here
  std::vector<RowTest> tests;           // of the subtree
  std::uint32_t path_length = 0;

  std::uint32_t split_count() const { return path_length + static_cast<std::uint32_t>(tests.size()); }
  std::size_t table_size() const { return features.size() << split_count(); }
};

std::int32_t append_leaf(GroupTree& group, double value) {
  group.nodes.emplace_back().value = value;
  return static_cast<std::int32_t>(group.nodes.size()) - 1;
}

std::size_t append_split(GroupTree& group, const ShapNode& split) {
  const auto found = std::find(group.features.begin(), group.features.end(), split.feature);
  ShapNode copy = split;
  copy.feature = static_cast<std::uint32_t>(found - group.features.begin());
  if (found == group.features.end()) group.features.push_back(split.feature);
  group.nodes.push_back(copy);
  return group.nodes.size() - 1;
}

std::int32_t append_subtree(GroupTree& group, std::span<const ShapNode> nodes, std::size_t root) {
  const ShapNode& node = nodes[root];
  if (node.is_leaf()) return append_leaf(group, node.value);
  const std::size_t own = append_split(group, node);
  group.tests.push_back(node.goes_left);
  const std::int32_t left = append_subtree(group, nodes, static_cast<std::size_t>(node.left));
  const std::int32_t right = append_subtree(group, nodes, static_cast<std::size_t>(node.right));
  group.nodes[own].left = left;
  group.nodes[own].right = right;
  return static_cast<std::int32_t>(own);
}

// `taken` says which leaves that hang off paths belong to groups already; this one takes those that are left.
GroupTree make_group(std::span<const ShapNode> nodes, std::span<const std::size_t> parents, std::size_t root,
                     std::vector<bool>& taken) {
  GroupTree group;
  std::vector<std::size_t> path;  // from the root's parent up
  for (std::size_t at = root; at != 0; at = parents[at]) path.push_back(parents[at]);
  group.path_length = static_cast<std::uint32_t>(path.size());
  for (std::size_t i = path.size(); i-- > 0;) append_split(group, nodes[path[i]]);
  std::int32_t next = append_subtree(group, nodes, root);
  for (std::size_t i = 0; i < path.size(); ++i) {
    const std::size_t below = i == 0 ? root : path[i - 1];
    const ShapNode& split = nodes[path[i]];
    const bool left_on_path = static_cast<std::size_t>(split.left) == below;
    const auto off_path = static_cast<std::size_t>(left_on_path ? split.right : split.left);
    const bool ours = nodes[off_path].is_leaf() && !taken[off_path];
    if (ours) taken[off_path] = true;
    const std::int32_t leaf = append_leaf(group, ours ? nodes[off_path].value : 0);
    const std::size_t own = path.size() - 1 - i;
    group.nodes[own].left = left_on_path ? next : leaf;
    group.nodes[own].right = left_on_path ? leaf : next;
    next = static_cast<std::int32_t>(own);
  }
  return group;
}

// Appends a row for every combination of outcomes, the first split's the highest bit.
void append_table(const GroupTree& group, std::vector<double>& values) {
  const TreeShapley tree(group.nodes);
  const std::uint32_t bits = group.split_count();
  std::vector<std::uint8_t> goes_left(bits);
  TreeShapley::Scratch scratch;
  std::size_t row = values.size();
  values.resize(values.size() + group.table_size());
  for (std::uint32_t pattern = 0; pattern < (1u << bits); ++pattern) {
    for (std::uint32_t i = 0; i < bits; ++i) goes_left[i] = static_cast<std::uint8_t>((pattern >> (bits - 1 - i)) & 1u);
    tree.add(goes_left, std::span(values).subspan(row, group.features.size()), scratch);
    row += group.features.size();
  }
}

// Calls Loop::run<count>(arguments...): loops over few things of the same number are unrolled.
template <typename Loop, std::size_t... Counts, typename... Arguments>
void run_unrolled(std::index_sequence<Counts...> /*counts*/, std::size_t count, Arguments&... arguments) {
  using Function = void (*)(Arguments&...);
  static constexpr std::array<Function, sizeof...(Counts)> kLoops = {&Loop::template run<Counts, Arguments...>...};
  kLoops[count](arguments...);
}
template <typename Loop, typename... Arguments>
void run_unrolled(std::size_t count, Arguments&... arguments) {
  run_unrolled<Loop>(std::make_index_sequence<ShapTables::kMaxBits + 1>(), count, arguments...);
}

}  // namespace

bool ShapTables::take(std::span<const ShapNode> nodes) {
  const std::optional<Division> division = divide(nodes, kMaxDepth, kMaxBits);
  if (!division) return false;
  std::vector<GroupTree> trees;
  std::vector<bool> taken(nodes.size(), false);
  std::size_t size = values_.size();
  for (const std::size_t root : division->roots) {
    trees.push_back(make_group(nodes, division->parents, root, taken));
    size += trees.back().table_size();
  }
  if (size > kMaxValues) return false;

  std::vector<std::uint32_t> path_after(nodes.size(), 0);
  const auto path_to = [&](std::size_t node) { return node == 0 ? 0 : path_after[division->parents[node]]; };
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (!division->above[i]) continue;
    tops_.push_back({nodes[i].goes_left, path_to(i)});
    path_after[i] = static_cast<std::uint32_t>(tops_.size());
  }
  for (std::size_t i = 0; i < trees.size(); ++i) {
    const Group group = {path_to(division->roots[i]), static_cast<std::uint32_t>(values_.size())};
    append_table(trees[i], values_);
    taken_.push_back({group, std::move(trees[i].tests), std::move(trees[i].features)});
  }
  return true;
}

void ShapTables::finish() {
  const auto shape = [](const Taken& taken) { return std::pair(taken.tests.size(), taken.features.size()); };
  std::sort(taken_.begin(), taken_.end(), [&](const Taken& a, const Taken& b) {
    return std::pair(shape(a), a.group.table) < std::pair(shape(b), b.group.table);
  });
  for (std::size_t i = 0; i < taken_.size(); ++i) {
    const Taken& taken = taken_[i];
    if (i == 0 || shape(taken) != shape(taken_[i - 1])) {
      runs_.push_back(
          {0, static_cast<std::uint32_t>(taken.tests.size()), static_cast<std::uint32_t>(taken.features.size())});
    }
    ++runs_.back().size;
    groups_.push_back(taken.group);
    tests_.insert(tests_.end(), taken.tests.begin(), taken.tests.end());
    features_.insert(features_.end(), taken.features.begin(), taken.features.end());
  }
  taken_ = {};
  values_.shrink_to_fit();
}

// Finds which row of its table each group of a run adds.
struct ShapTables::Finder {
  const float* columns;
  const std::uint16_t* paths;
  const double* values;
  const Group* group;
  const RowTest* test;
  std::uint32_t* row;

  template <std::size_t Tests, typename...>
  static void run(Finder& at, const Run& run) {
    Finder own = at;
    for (std::uint32_t i = 0; i < run.size; ++i) {
      std::uint32_t pattern = own.paths[own.group->start];
      for (std::size_t j = 0; j < Tests; ++j) pattern = 2 * pattern + (own.test[j](own.columns) ? 1u : 0u);
      *own.row = own.group->table + pattern * run.features;
      __builtin_prefetch(own.values + *own.row);  // a row may lie on two cache lines
      __builtin_prefetch(own.values + *own.row + run.features - 1);
      own.test += Tests;
      ++own.group;
      ++own.row;
    }
    at = own;
  }
};

struct ShapTables::Adder {
  const double* values;
  const std::uint32_t* row;
  const std::uint32_t* feature;
  double* sums;

  template <std::size_t Features, typename...>
  static void run(Adder& at, const Run& run) {
    Adder own = at;
    for (std::uint32_t i = 0; i < run.size; ++i) {
      const double* const values = own.values + *own.row;
      double* const sums = own.sums + i % kSums;
      for (std::size_t j = 0; j < Features; ++j) sums[kSums * own.feature[j]] += values[j];
      own.feature += Features;
      ++own.row;
    }
    at = own;
  }
};

void ShapTables::add(const float* columns, double* sums, Scratch& scratch) const {
  if (scratch.paths.size() < tops_.size() + 1) scratch.paths.resize(tops_.size() + 1);
  if (scratch.rows.size() < groups_.size()) scratch.rows.resize(groups_.size());
  std::uint16_t* const paths = scratch.paths.data();
  paths[0] = 0;
  for (std::size_t i = 0; i < tops_.size(); ++i) {
    const Top& top = tops_[i];
    paths[i + 1] = static_cast<std::uint16_t>(2u * paths[top.parent] + (top.goes_left(columns) ? 1u : 0u));
  }
  Finder finder = {columns, paths, values_.data(), groups_.data(), tests_.data(), scratch.rows.data()};
  for (const Run& run : runs_) run_unrolled<Finder>(run.tests, finder, run);
  Adder adder = {values_.data(), scratch.rows.data(), features_.data(), sums};
  for (const Run& run : runs_) run_unrolled<Adder>(run.features, adder, run);
}

}  // namespace vigie::scoring
