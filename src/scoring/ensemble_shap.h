// Says how much each input moved an ensemble's score: the members' exact Shapley values, carried through the
// combination.
//
//   const auto explainer = VIGIE_TRY(EnsembleExplainer::make(combination, isolation, boosted));
//   explainer.contributions(inputs, member_scores, out);   // base_score() + sum of out = score
//
// The members' values (scoring/shap.h) explain a margin and a path length. What turns those into the score (logistic
// function, range, weight, blend, calibration) is monotone, one number in and one out, and passes the values on in
// proportion: those of a stage's input, times what the stage made of the whole difference to the base over that
// difference (the rescale rule of Shrikumar et al. 2017). A stage whose input is at its base passes on nothing.
//
// Immutable: any number of threads may share one. The same row gives the same bits.
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "model/combination.h"
#include "model/forest.h"
#include "scoring/shap.h"

namespace vigie::scoring {

class EnsembleExplainer {
 public:
  // The models need not outlive it. Errors: kUnsupported for a member that cannot be explained; those of Explainer.
  static Result<EnsembleExplainer> make(const model::Combination& combination, const model::IsolationForest& isolation,
                                        const model::BoostedForest& boosted, Tables tables = Tables::kBuild);

  // Of a row that nothing is known about: what the combination makes of the members' mean outputs.
  double base_score() const { return finish(base_sum_); }

  // inputs: as many as both members take. member_scores: what the members give the row, in the order of the
  // combination's terms. out: one contribution an input, positive where it raised the score; base_score() and all of
  // them add up to the combination of member_scores, up to rounding.
  void contributions(std::span<const float> inputs, std::span<const double> member_scores, std::span<double> out) const;

 private:
  struct Member {
    Explainer explainer;
    double base_score;  // the member's, at its base
  };

  EnsembleExplainer(const model::Combination& combination, std::vector<Member> members);
  // What the combination adds up, term by term, before it is calibrated.
  double term(std::size_t member, double score) const;
  double finish(double sum) const;

  model::Combination combination_;
  std::vector<Member> members_;  // in the order of the combination's terms
  double base_sum_ = 0;
};

}  // namespace vigie::scoring
