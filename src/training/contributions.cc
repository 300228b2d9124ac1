#include "training/contributions.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include "training/quantiles.h"

namespace vigie::training {
namespace {

constexpr std::size_t kDependences = 6;
constexpr std::size_t kBins = 10;

// All 0 where the weights are.
std::vector<double> mean_absolute(const Explanations& explained, std::span<const double> weights) {
  std::vector<double> mean(explained.width, 0.0);
  double total = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    total += weights[i];
    for (std::size_t f = 0; f < explained.width; ++f) {
      mean[f] += weights[i] * std::fabs(explained.contributions[i * explained.width + f]);
    }
  }
  if (total > 0) {
    for (double& value : mean) value /= total;
  }
  return mean;
}

// Appends the bin of some rows, named by their place in the sample, in the order of their values.
void add_bin(std::span<const std::size_t> rows, const Explanations& explained, std::span<const double> weights,
             std::size_t input, model::Dependence& out) {
  std::vector<double> contributions;
  std::vector<double> own_weights;
  double total = 0;
  double value = 0;
  double contribution = 0;
  for (const std::size_t i : rows) {
    contributions.push_back(explained.contributions[i * explained.width + input]);
    own_weights.push_back(weights[i]);
    total += weights[i];
    value += weights[i] * explained.features[i * explained.width + input];
    contribution += weights[i] * contributions.back();
  }
  const Quantiles quantile(contributions, own_weights);
  // Rounding must not carry a mean past its bin: the next one starts there.
  out.value.push_back(std::clamp(value / total, explained.features[rows.front() * explained.width + input],
                                 explained.features[rows.back() * explained.width + input]));
  out.mean.push_back(contribution / total);
  out.low.push_back(quantile(0.1));
  out.high.push_back(quantile(0.9));
}

// Nothing where no row has a value.
std::optional<model::Dependence> dependence(const Explanations& explained, std::span<const double> weights,
                                            std::size_t input, const std::string& name) {
  model::Dependence out;
  out.feature = name;
  const auto value = [&](std::size_t i) { return explained.features[i * explained.width + input]; };
  std::vector<std::size_t> order;
  double total = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (std::isnan(value(i))) continue;
    order.push_back(i);
    total += weights[i];
  }
  if (order.empty()) return std::nullopt;
  std::ranges::stable_sort(order, {}, value);
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

ContributionSample sample_to_explain(std::span<const std::uint8_t> labels,
                                     const std::function<double(std::size_t)>& weight_of) {
  std::array<std::vector<std::uint32_t>, 2> classes;
  std::array<double, 2> weight{};
  for (std::uint32_t i = 0; i < labels.size(); ++i) {
    if (!(weight_of(i) > 0)) continue;
    classes[labels[i]].push_back(i);
    weight[labels[i]] += weight_of(i);
  }
  ContributionSample sample;
  std::array<double, 2> sampled{};
  for (const std::vector<std::uint32_t>& rows : classes) {
    const std::size_t count = std::min(rows.size(), kExplainedPerClass);
    for (std::size_t i = 0; i < count; ++i) sample.rows.push_back(rows[i * rows.size() / count]);
  }
  std::sort(sample.rows.begin(), sample.rows.end());
  for (const std::uint32_t row : sample.rows) sampled[labels[row]] += weight_of(row);
  for (const std::uint32_t row : sample.rows) {
    const std::uint8_t label = labels[row];
    const double share = weight_of(row) / sampled[label];
    sample.labels.push_back(label);
    sample.weights.push_back(share * weight[label]);
    sample.balanced.push_back(share / 2);
  }
  return sample;
}

model::Contributions summarise_contributions(const Explanations& explained, const ContributionSample& sample,
                                             std::span<const std::string> names, double base_score) {
  model::Contributions out;
  out.rows = sample.rows.size();
  out.positives = static_cast<std::uint64_t>(std::count(sample.labels.begin(), sample.labels.end(), 1));
  out.base_score = base_score;
  out.mean_absolute = mean_absolute(explained, sample.weights);
  std::vector<double> of_positives = sample.weights;
  for (std::size_t i = 0; i < of_positives.size(); ++i) of_positives[i] *= sample.labels[i];
  out.positives_mean_absolute = mean_absolute(explained, of_positives);

  // By both classes alike: at the true share of frauds, what tells them apart drowns in what sways ordinary rows.
  const std::vector<double> importance = mean_absolute(explained, sample.balanced);
  std::vector<std::size_t> order(explained.width);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater(), [&](std::size_t f) { return importance[f]; });
  order.resize(std::min(order.size(), kDependences));
  for (const std::size_t input : order) {
    if (importance[input] == 0) break;
    if (auto one = dependence(explained, sample.balanced, input, names[input]))
      out.dependence.push_back(*std::move(one));
  }
  return out;
}

}  // namespace vigie::training
