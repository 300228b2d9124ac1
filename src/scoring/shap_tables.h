// Shapley values of shallow trees, looked up: what a tree gives to each feature depends on nothing but the outcomes of
// its splits, so it is computed at load for every combination of them.
//
// All combinations of a whole tree would be too many. But a leaf only cares for the splits on its path, and values of
// leaves add up, so the leaves are divided into groups: a subtree and the path that leads to it. A leaf that hangs off
// the path belongs to one of the groups below its parent. A group's table has a row for every combination of outcomes
// of its splits, with a value for every feature of the group. Neighbouring groups become one where that does not cost
// much memory: near the leaves it costs next to none, as two small tables with most splits in common make one.
//
// Explaining a row is then: one comparison a split, which also counts up the number of the table's row, one lookup a
// group, and some additions. There are no branches to mispredict: groups are sorted by their shape.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "scoring/shap_tree.h"

namespace vigie::scoring {

class ShapTables {
 public:
  static constexpr std::uint32_t kMaxDepth = 8;                    // of a tree
  static constexpr std::uint32_t kMaxBits = 10;                    // splits of a group
  static constexpr std::size_t kMaxValues = std::size_t{1} << 23;  // in all tables: 64 MiB

  // Reused from call to call, by one thread at a time.
  struct Scratch {
    std::vector<std::uint16_t> paths;
    std::vector<std::uint32_t> rows;
  };

  // Takes a tree of at least one node. False, and nothing taken, where the tree is deeper than kMaxDepth or there would
  // be more than kMaxValues with what has been taken before.
  bool take(std::span<const ShapNode> nodes);

  // To be called once, after the last take().
  void finish();

  // Adds all trees' contributions to sums, kSums for each feature, of which the total counts.
  // columns: what the trees' tests look at.
  static constexpr std::size_t kSums = 2;  // so that one addition need not wait for the one before
  void add(const float* columns, double* sums, Scratch& scratch) const;

 private:
  // A split above all groups: its path is its parent's path, and its own outcome.
  struct Top {
    RowTest goes_left;
    std::uint32_t parent;  // a path; 0: the empty one
  };
  struct Group {
    std::uint32_t start;  // the path to its subtree
    std::uint32_t table;
  };
  // Groups of one shape, in a row. The subtree has kMaxBits splits or fewer, the group has that many features or fewer.
  struct Run {
    std::uint32_t size;
    std::uint32_t tests;
    std::uint32_t features;
  };
  // A group with what it has in the arrays below, before finish().
  struct Taken {
    Group group;
    std::vector<RowTest> tests;  // of the subtree
    std::vector<std::uint32_t> features;
  };
  struct Finder;  // the loops over the groups of a run, unrolled for its counts
  struct Adder;

  std::vector<Taken> taken_;
  std::vector<Top> tops_;
  std::vector<Run> runs_;
  std::vector<Group> groups_;
  std::vector<RowTest> tests_;
  std::vector<std::uint32_t> features_;
  std::vector<double> values_;
};

}  // namespace vigie::scoring
