// Card transactions in the shape of the public ULB data set (Dal Pozzolo et al., 2015), made up: for demonstrations,
// tests and load, where the genuine file may not go. What is assumed is told in docs/data.md.
//
//   for (std::uint64_t block = 0; block < card_blocks(rows); ++block) {
//     writer.write(simulate_card_block(options, block, card_block_rows(rows, block)));
//   }
//
// A row depends on the options and its number only: not on how many rows are asked for, nor on who makes which block
// when, so blocks may be made on any thread and a longer file begins with the shorter one. A block takes about 4 MB.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "dataset/table.h"

namespace vigie::dataset {

struct CardSimulation {
  std::uint64_t seed = 0;
  double fraud_rate = 0.00173;      // share of frauds, in [0, 0.5]
  double rows_per_day = 142'403.5;  // how dense rows lie in Time; by default two days take the original's 284,807 rows
};

inline constexpr std::size_t kCardBlock = 16'384;

// kInvalidArgument where an option is out of range.
Status check(const CardSimulation& options);

std::uint64_t card_blocks(std::uint64_t rows);
std::size_t card_block_rows(std::uint64_t rows, std::uint64_t block);

// Rows block * kCardBlock and on, the first `rows` of the block (at most kCardBlock): Time (whole seconds, ascending),
// V1..V28, Amount (cents), Class (0 or 1), in the original's order. Each block has its share of the frauds to within
// one row. `options` must have passed check().
Table simulate_card_block(const CardSimulation& options, std::uint64_t block, std::size_t rows);

}  // namespace vigie::dataset
