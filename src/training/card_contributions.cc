#include "training/card_contributions.h"

#include <array>
#include <string>
#include <vector>

#include "base/parallel.h"
#include "features/card.h"
#include "scoring/ensemble_shap.h"
#include "training/contributions.h"

namespace vigie::training {
namespace {

using schema::kCardInputs;
constexpr std::size_t kExplainedAtOnce = 16;  // rows a thread takes at once

Explanations explain(const scoring::EnsembleExplainer& explainer, const CardMembers& members,
                     const model::Combination& combination, const CardData& data, std::span<const std::uint32_t> rows,
                     std::size_t threads) {
  Explanations explained{.width = kCardInputs,
                         .features = std::vector<double>(rows.size() * kCardInputs),
                         .contributions = std::vector<double>(rows.size() * kCardInputs)};
  std::vector<double> isolation(rows.size());
  std::vector<double> boosted(rows.size());
  score_card_rows(members, data, rows, isolation, boosted, threads);
  const features::CardTransform transform(members.inputs);
  parallel_blocks(threads, rows.size(), kExplainedAtOnce, [&](std::size_t begin, std::size_t end) {
    std::array<float, kCardInputs> inputs;
    std::vector<double> scores;
    for (std::size_t i = begin; i < end; ++i) {
      const auto unscaled = std::span(explained.features).subspan(i * kCardInputs).first<kCardInputs>();
      features::card_features(data.row(rows[i]), members.inputs.amount, unscaled);
      transform.scale(unscaled, inputs);
      scores.clear();
      for (const auto& term : combination.terms) {
        scores.push_back(term.member == model::kXgboost ? boosted[i] : isolation[i]);
      }
      explainer.contributions(inputs, scores, std::span(explained.contributions).subspan(i * kCardInputs, kCardInputs));
    }
  });
  return explained;
}

}  // namespace

Result<model::Contributions> measure_contributions(const CardMembers& members, const model::Combination& combination,
                                                   const CardData& data, std::size_t threads) {
  const auto explainer = VIGIE_TRY(
      scoring::EnsembleExplainer::make(combination, members.isolation, members.boosted, scoring::Tables::kNone));
  const ContributionSample sample = sample_to_explain(data.labels, [&](std::size_t i) { return data.weight(i); });
  const Explanations explained = explain(explainer, members, combination, data, sample.rows, threads);
  std::vector<std::string> names;
  for (const schema::Field& field : schema::card_input_fields()) names.emplace_back(field.name);
  return summarise_contributions(explained, sample, names, explainer.base_score());
}

}  // namespace vigie::training
