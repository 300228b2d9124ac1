#include "training/weighted_sample.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <unordered_set>
#include <utility>

namespace vigie::training {

WeightedSampler::WeightedSampler(std::uint32_t rows, std::span<const double> weights)
    : rows_(rows), population_(rows), weights_(weights) {
  assert(weights.empty() || weights.size() == rows);
  const auto differs = [&](double weight) { return weight != weights.front(); };
  if (weights.empty() || (weights.front() > 0 && std::none_of(weights.begin(), weights.end(), differs))) {
    weights_ = {};
    return;
  }
  cumulative_.reserve(rows);
  population_ = 0;
  double total = 0;
  for (const double weight : weights) {
    total += weight;
    population_ += weight > 0 ? 1 : 0;
    cumulative_.push_back(total);
  }
}

std::vector<std::uint32_t> WeightedSampler::draw(Random& random, std::uint32_t count) const {
  assert(count <= population_);
  if (weights_.empty()) return random.sample(rows_, count);

  std::vector<std::uint32_t> chosen;
  chosen.reserve(count);
  std::unordered_set<std::uint32_t> seen;
  seen.reserve(count);
  // Drawing from all rows and refusing repeats is drawing from the rows that are left. It stalls only once the chosen
  // rows hold nearly all weight.
  const double total = cumulative_.back();
  std::uint64_t attempts = 8ull * count + 64;
  while (chosen.size() < count && attempts-- > 0) {
    const auto at = std::upper_bound(cumulative_.begin(), cumulative_.end(), random.uniform() * total);
    const auto row = static_cast<std::uint32_t>(std::min<std::ptrdiff_t>(at - cumulative_.begin(), rows_ - 1));
    if (weights_[row] > 0 && seen.insert(row).second) chosen.push_back(row);
  }
  if (chosen.size() == count) return chosen;

  // The rest by exponential keys (Efraimidis and Spirakis 2006): the same distribution, one pass over all rows.
  std::vector<std::pair<double, std::uint32_t>> keys;
  keys.reserve(population_ - chosen.size());
  for (std::uint32_t row = 0; row < rows_; ++row) {
    if (weights_[row] > 0 && !seen.contains(row)) keys.emplace_back(random.exponential(1) / weights_[row], row);
  }
  const auto left = static_cast<std::ptrdiff_t>(count - chosen.size());
  std::partial_sort(keys.begin(), keys.begin() + left, keys.end());
  for (std::ptrdiff_t i = 0; i < left; ++i) chosen.push_back(keys[static_cast<std::size_t>(i)].second);
  return chosen;
}

}  // namespace vigie::training
