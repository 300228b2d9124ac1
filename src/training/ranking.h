// Rows from the highest score to the lowest: what every ranking metric and every threshold choice walks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vigie::training {

struct Ranking {
  std::vector<std::uint32_t> row;  // where the row was in the input
  std::vector<double> score;       // not increasing
  std::vector<double> weight;
  std::vector<std::uint8_t> label;  // 1 is a positive
  double positives = 0;             // weight of each class
  double negatives = 0;

  std::size_t size() const { return row.size(); }
  // One past the last row whose score equals that of `begin`.
  std::size_t group_end(std::size_t begin) const {
    std::size_t end = begin + 1;
    while (end < score.size() && score[end] == score[begin]) ++end;
    return end;
  }
};

// Scores are finite; `weights`: one a row, >= 0, or empty for all 1. Ties keep the rows' order.
Ranking rank(std::span<const double> scores, std::span<const std::uint8_t> labels, std::span<const double> weights);

// Refuses what no ranking metric is defined for: sizes that differ, a score that is not finite, a label other than 0 or
// 1, a weight that is negative or not finite, a class without weight. `what` names the rows in messages.
Status check_ranking_input(std::span<const double> scores, std::span<const std::uint8_t> labels,
                           std::span<const double> weights, std::string_view what);

// One Poisson(1) bootstrap replicate: how often each row is drawn, by its place in the input. The counts depend on seed
// and replicate only, so scorers of the same rows are compared on the same replicates.
void draw_replicate(std::uint64_t seed, std::uint64_t replicate, std::span<std::uint8_t> counts);

}  // namespace vigie::training
