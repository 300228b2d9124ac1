#include "training/card_contributions.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "base/parallel.h"
#include "features/card.h"
#include "scoring/ensemble_shap.h"
#include "training/quantiles.h"

namespace vigie::training {
namespace {

using schema::kCardInputs;
constexpr std::size_t kDependences = 6;
constexpr std::size_t kBins = 10;
constexpr std::size_t kExplainedAtOnce = 16;  // rows a thread takes at once

using Inputs = std::array<double, kCardInputs>;

// Rows to explain, in their order.
struct Sample {
  std::vector<std::uint32_t> rows;
  std::vector<std::uint8_t> labels;
  std::vector<double> weights;   // each class weighs what all its rows do
  std::vector<double> balanced;  // each class weighs one half
};

Sample draw_sample(const CardData& data) {
  std::array<std::vector<std::uint32_t>, 2> classes;
  std::array<double, 2> weight{};
  for (std::uint32_t i = 0; i < data.rows(); ++i) {
    if (!(data.weight(i) > 0)) continue;
    classes[data.labels[i]].push_back(i);
    weight[data.labels[i]] += data.weight(i);
  }
  Sample sample;
  std::array<double, 2> sampled{};
  for (const std::vector<std::uint32_t>& rows : classes) {
    const std::size_t count = std::min(rows.size(), kExplainedPerClass);
    for (std::size_t i = 0; i < count; ++i) sample.rows.push_back(rows[i * rows.size() / count]);
  }
  std::sort(sample.rows.begin(), sample.rows.end());
  for (const std::uint32_t row : sample.rows) sampled[data.labels[row]] += data.weight(row);
  for (const std::uint32_t row : sample.rows) {
    const std::uint8_t label = data.labels[row];
    const double share = data.weight(row) / sampled[label];
    sample.labels.push_back(label);
    sample.weights.push_back(share * weight[label]);
    sample.balanced.push_back(share / 2);
  }
  return sample;
}

// Of the sample's rows, in its order.
struct Explained {
  std::vector<Inputs> features;  // unscaled
  std::vector<Inputs> contributions;
};

Explained explain(const scoring::EnsembleExplainer& explainer, const CardMembers& members,
                  const model::Combination& combination, const CardData& data, std::span<const std::uint32_t> rows,
                  std::size_t threads) {
  Explained explained{.features = std::vector<Inputs>(rows.size()), .contributions = std::vector<Inputs>(rows.size())};
  std::vector<double> isolation(rows.size());
  std::vector<double> boosted(rows.size());
  score_card_rows(members, data, rows, isolation, boosted, threads);
  const features::CardTransform transform(members.inputs);
  parallel_blocks(threads, rows.size(), kExplainedAtOnce, [&](std::size_t begin, std::size_t end) {
    std::array<float, kCardInputs> inputs;
    std::vector<double> scores;
    for (std::size_t i = begin; i < end; ++i) {
      features::card_features(data.row(rows[i]), members.inputs.amount, explained.features[i]);
      transform.scale(explained.features[i], inputs);
      scores.clear();
      for (const auto& term : combination.terms) {
        scores.push_back(term.member == model::kXgboost ? boosted[i] : isolation[i]);
      }
      explainer.contributions(inputs, scores, explained.contributions[i]);
    }
  });
  return explained;
}

// All 0 where the weights are.
std::vector<double> mean_absolute(std::span<const Inputs> contributions, std::span<const double> weights) {
  std::vector<double> mean(kCardInputs, 0.0);
  double total = 0;
  for (std::size_t i = 0; i < contributions.size(); ++i) {
    total += weights[i];
    for (std::size_t f = 0; f < kCardInputs; ++f) mean[f] += weights[i] * std::fabs(contributions[i][f]);
  }
  if (total > 0) {
    for (double& value : mean) value /= total;
  }
  return mean;
}

// Appends the bin of some rows, named by their place in the sample, in the order of their values.
void add_bin(std::span<const std::size_t> rows, const Explained& explained, std::span<const double> weights,
             std::size_t input, model::Dependence& out) {
  std::vector<double> contributions;
  std::vector<double> own_weights;
  double total = 0;
  double value = 0;
  double contribution = 0;
  for (const std::size_t i : rows) {
    contributions.push_back(explained.contributions[i][input]);
    own_weights.push_back(weights[i]);
    total += weights[i];
    value += weights[i] * explained.features[i][input];
    contribution += weights[i] * contributions.back();
  }
  const Quantiles quantile(contributions, own_weights);
  // Rounding must not carry a mean past its bin: the next one starts there.
  out.value.push_back(
      std::clamp(value / total, explained.features[rows.front()][input], explained.features[rows.back()][input]));
  out.mean.push_back(contribution / total);
  out.low.push_back(quantile(0.1));
  out.high.push_back(quantile(0.9));
}

model::Dependence dependence(const Explained& explained, std::span<const double> weights, std::size_t input) {
  model::Dependence out;
  out.feature = schema::card_input_fields()[input].name;
  std::vector<std::size_t> order(weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto value = [&](std::size_t i) { return explained.features[i][input]; };
  std::ranges::stable_sort(order, {}, value);
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  double below = 0;
  std::size_t begin = 0;  // of the bin
  std::size_t bin = 0;
  for (std::size_t at = 0, end = 0; at < order.size(); at = end) {
    // Equal values go where the middle of their weight is.
    double weight = 0;
    for (end = at; end < order.size() && value(order[end]) == value(order[at]); ++end) weight += weights[order[end]];
    const auto place = static_cast<std::size_t>(static_cast<double>(kBins) * (below + weight / 2) / total);
    if (place != bin && at > begin) {
      add_bin(std::span(order).subspan(begin, at - begin), explained, weights, input, out);
      begin = at;
    }
    bin = place;
    below += weight;
  }
  add_bin(std::span(order).subspan(begin), explained, weights, input, out);
  return out;
}

}  // namespace

Result<model::Contributions> measure_contributions(const CardMembers& members, const model::Combination& combination,
                                                   const CardData& data, std::size_t threads) {
  const auto explainer = VIGIE_TRY(
      scoring::EnsembleExplainer::make(combination, members.isolation, members.boosted, scoring::Tables::kNone));
  const Sample sample = draw_sample(data);
  const Explained explained = explain(explainer, members, combination, data, sample.rows, threads);

  model::Contributions out;
  out.rows = sample.rows.size();
  out.positives = static_cast<std::uint64_t>(std::count(sample.labels.begin(), sample.labels.end(), 1));
  out.base_score = explainer.base_score();
  out.mean_absolute = mean_absolute(explained.contributions, sample.weights);
  std::vector<double> of_positives = sample.weights;
  for (std::size_t i = 0; i < of_positives.size(); ++i) of_positives[i] *= sample.labels[i];
  out.positives_mean_absolute = mean_absolute(explained.contributions, of_positives);

  // By both classes alike: at the true share of frauds, what tells them apart drowns in what sways ordinary rows.
  const std::vector<double> importance = mean_absolute(explained.contributions, sample.balanced);
  std::array<std::size_t, kCardInputs> order;
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater(), [&](std::size_t f) { return importance[f]; });
  for (const std::size_t input : std::span(order).first(kDependences)) {
    if (importance[input] == 0) break;
    out.dependence.push_back(dependence(explained, sample.balanced, input));
  }
  return out;
}

}  // namespace vigie::training
