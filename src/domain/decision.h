// What a decision service answers, whatever the wire it goes over.
#pragma once

#include <array>
#include <cstddef>

namespace vigie::domain {

inline constexpr std::size_t kMaxMembers = 8;

// POST /predict's decision on one card transaction.
struct CardDecision {
  bool fraud = false;       // hybrid_score > threshold
  double hybrid_score = 0;  // 0..1
  double threshold = 0;
  std::array<double, kMaxMembers> member_scores{};  // in the order of the model's members; 0 beyond them
};

}  // namespace vigie::domain
