// What scoring appends to a row: the ensemble's score, the verdict and, where asked for, each member's score.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/number.h"
#include "decision/batch.h"
#include "decision/card_service.h"

namespace vigie::decision {

inline constexpr std::string_view kErrorName = "error";

class ScoreColumns {
 public:
  ScoreColumns(const CardService& service, bool members) : names_{"hybrid_score", "fraud"} {
    if (members) names_.insert(names_.end(), service.members().begin(), service.members().end());
  }

  std::span<const std::string> names() const { return names_; }
  // What a row may not have already, because it is added; "error" is what bad rows have in place of scores.
  std::vector<std::string> reserved(BadRows bad_rows) const {
    std::vector<std::string> names = names_;
    if (bad_rows == BadRows::kInPlace) names.emplace_back(kErrorName);
    return names;
  }
  std::size_t most_bytes() const { return names_.size() * kMostDoubleChars; }  // of the values of one row

  // Calls visit(value) for each name in order; the verdict is 1 for a fraud, else 0.
  template <typename Visit>
  void for_each(const domain::CardDecision& decision, Visit visit) const {
    visit(decision.hybrid_score);
    visit(decision.fraud ? 1 : 0);
    for (std::size_t m = 0; m + 2 < names_.size(); ++m) visit(decision.member_scores[m]);
  }

 private:
  std::vector<std::string> names_;
};

}  // namespace vigie::decision
