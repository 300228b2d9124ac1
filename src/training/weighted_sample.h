// Rows drawn without replacement, each draw in proportion to weight among the rows that are left.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/random.h"

namespace vigie::training {

class WeightedSampler {
 public:
  // `rows` rows; `weights`: one a row, >= 0 and finite, or empty for all 1. The weights must outlive the sampler.
  WeightedSampler(std::uint32_t rows, std::span<const double> weights);

  // Rows that can be drawn: those of positive weight.
  std::uint32_t population() const { return population_; }

  // `count` distinct rows in order of draw. count <= population(). Safe from several threads, each with its Random.
  std::vector<std::uint32_t> draw(Random& random, std::uint32_t count) const;

 private:
  std::uint32_t rows_;
  std::uint32_t population_;
  std::span<const double> weights_;  // empty where all are equal
  std::vector<double> cumulative_;   // running sums; empty where all are equal
};

}  // namespace vigie::training
