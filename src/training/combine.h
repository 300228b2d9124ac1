// How member scores become one: the given weights, or a blend chosen on out-of-fold scores.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/combination.h"

namespace vigie::training {

// A member's score on every row, from models that had not seen the row.
struct MemberScores {
  std::string member;
  std::vector<double> scores;
};

// What the weighted ensemble takes of a member: its score as it is, or min-max scaled with the training rows' range.
struct WeightedTerm {
  std::string member;
  double weight = 0;
  bool scaled = false;
  double low = 0;  // of the training rows' scores, where scaled; a range of nothing is widened
  double high = 1;
};

// score = sum of weight * member. kInvalidArgument where a weight is negative or not finite, or all are 0.
Result<model::Combination> combine_weighted(std::span<const WeightedTerm> terms);

// Two members, each brought to a calibrated logit by Platt's scaling, blended (1 - w) u + w v with w from a fixed list,
// and calibrated again: the score is a probability. Of the w whose average precision is within 0.005 of the best, the
// one nearest the better member is taken, so that a blend has to earn its place. Its average precision on these rows is
// never below the better member's own. `weights`: one a row, or empty for all 1; both classes have weight.
Result<model::Combination> combine_auto(std::span<const MemberScores, 2> members, std::span<const std::uint8_t> labels,
                                        std::span<const double> weights, std::size_t threads = 1);

// The combination's score on every row.
std::vector<double> combined_scores(const model::Combination& combination, std::span<const MemberScores> members,
                                    std::size_t threads);

}  // namespace vigie::training
