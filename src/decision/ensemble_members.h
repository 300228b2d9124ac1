// The members of a packaged ensemble as they serve: packed, in the order of the combination's terms.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/package.h"
#include "scoring/scorer.h"

namespace vigie::decision {

struct EnsembleMembers {
  std::vector<std::string> names;
  std::vector<std::unique_ptr<scoring::Scorer>> scorers;
};

// At most domain::kMaxMembers. kUnsupported for a member that this version cannot score, kInvalidData for one that does
// not take `inputs` inputs, and what is wrong with the combination.
Result<EnsembleMembers> make_members(const model::EnsembleModel& model, std::size_t inputs);

// kInternal where a member's score of a row of inputs is not the one that the slow, obvious way gives: a scorer that
// this machine computes differently must not go live. scores[i] is names[i]'s.
Status check_scores(const model::EnsembleModel& model, std::span<const std::string> names,
                    std::span<const float> inputs, std::span<const double> scores);

}  // namespace vigie::decision
