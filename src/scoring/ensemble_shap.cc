#include "scoring/ensemble_shap.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <utility>

#include "model/package.h"
#include "scoring/output.h"

namespace vigie::scoring {
namespace {

// Below this a difference says nothing about a slope.
constexpr double kNoDifference = 1e-12;

// What a monotone stage makes of a difference to the base, for each unit of it.
double slope(double stage_difference, double difference) {
  return std::fabs(difference) > kNoDifference ? stage_difference / difference : 0;
}

}  // namespace

EnsembleExplainer::EnsembleExplainer(const model::Combination& combination, std::vector<Member> members)
    : combination_(combination), members_(std::move(members)) {
  base_sum_ = combination_.space == model::Combination::Space::kLogit ? combination_.intercept : 0;
  for (std::size_t m = 0; m < members_.size(); ++m) base_sum_ += term(m, members_[m].base_score);
}

Result<EnsembleExplainer> EnsembleExplainer::make(const model::Combination& combination,
                                                  const model::IsolationForest& isolation,
                                                  const model::BoostedForest& boosted, Tables tables) {
  std::vector<Member> members;
  for (const auto& term : combination.terms) {
    if (term.member == model::kXgboost) {
      auto explainer = VIGIE_TRY(Explainer::boosted(boosted, tables));
      const auto base = static_cast<double>(logistic(static_cast<float>(explainer.base())));
      members.push_back({.explainer = std::move(explainer), .base_score = base});
    } else if (term.member == model::kIsolationForest) {
      auto explainer = VIGIE_TRY(Explainer::isolation(isolation, tables));
      const double base = isolation_score(explainer.base(), 1, model::average_path_length(isolation.sample_size));
      members.push_back({.explainer = std::move(explainer), .base_score = base});
    } else {
      return fail(Code::kUnsupported, "the member \"" + term.member + "\" cannot be explained",
                  {.field = "combination"}, "upgrade vigie");
    }
  }
  return EnsembleExplainer(combination, std::move(members));
}

double EnsembleExplainer::term(std::size_t member, double score) const {
  const auto& term = combination_.terms[member];
  const double transformed = term.transform(score);
  return term.weight *
         (combination_.space == model::Combination::Space::kLogit ? model::logit(transformed) : transformed);
}

double EnsembleExplainer::finish(double sum) const {
  return combination_.calibration(combination_.space == model::Combination::Space::kLogit ? model::sigmoid(sum) : sum);
}

void EnsembleExplainer::contributions(std::span<const float> inputs, std::span<const double> member_scores,
                                      std::span<double> out) const {
  assert(member_scores.size() == members_.size() && out.size() == inputs.size());
  std::fill(out.begin(), out.end(), 0.0);
  double sum = base_sum_;
  thread_local std::vector<double> values;
  values.resize(out.size());
  for (std::size_t m = 0; m < members_.size(); ++m) {
    members_[m].explainer.contributions(inputs, values);
    const double difference = std::accumulate(values.begin(), values.end(), 0.0);
    const double moved = term(m, member_scores[m]) - term(m, members_[m].base_score);
    sum += moved;
    const double factor = slope(moved, difference);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] += factor * values[i];
  }
  const double factor = slope(combination_(member_scores) - base_score(), sum - base_sum_);
  for (double& contribution : out) contribution *= factor;
}

}  // namespace vigie::scoring
