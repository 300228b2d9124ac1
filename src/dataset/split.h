// Which rows to learn from and which to judge on. Pure functions of labels or times: they give row numbers, the same
// for the same seed on every machine, and Table::take does the rest.
//
//   const Split parts = VIGIE_TRY(split_random(labels, 0.2, seed));
//   const Table train = table.take(parts.train);
//
// A class is any distinct value of the labels. At most 2^32 - 1 rows.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"

namespace vigie::dataset {

struct Split {
  std::vector<std::uint32_t> train;  // ascending
  std::vector<std::uint32_t> test;   // ascending; together they are every row once
};

// A stratified hold-out: of each class's n rows, round(n * test_share) drawn at random are the test rows (halves up;
// at least one and at most n - 1, so that both sides have every class). test_share in (0, 1). kInvalidData where there
// are fewer than two classes, or a class has a single row.
Result<Split> split_random(std::span<const std::uint8_t> labels, double test_share, std::uint64_t seed);

// The latest rows are the test rows. Rows of one moment stay on one side: the cut is the change of time nearest to
// round(n * test_share) test rows, the smaller test set where two are equally near. Rows need not be in order.
// kInvalidData where a time is not finite or all are equal.
Result<Split> split_by_time(std::span<const double> time, double test_share);

// The fold, 0 .. folds - 1, in which each row is a test row. Every class is dealt out evenly: a fold has
// floor(n / folds) or one more of its n rows, and whole folds differ by at most one row as well. folds in [2, 255].
// kInvalidData where there are fewer than two classes, or a class has fewer rows than folds.
Result<std::vector<std::uint8_t>> fold_assignment(std::span<const std::uint8_t> labels, unsigned folds,
                                                  std::uint64_t seed);

// The rows of fold `fold` as test rows, the others as training rows.
Split fold_split(std::span<const std::uint8_t> assignment, unsigned fold);

}  // namespace vigie::dataset
