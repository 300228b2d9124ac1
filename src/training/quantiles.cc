#include "training/quantiles.h"

#include <algorithm>
#include <numeric>

#include "training/ranking.h"

namespace vigie::training {

Quantiles::Quantiles(std::span<const double> values, std::span<const double> weights) {
  const std::vector<std::uint8_t> labels(values.size());
  const Ranking ranking = rank(values, labels, weights);
  values_.assign(ranking.score.rbegin(), ranking.score.rend());
  running_.resize(values_.size());
  std::partial_sum(ranking.weight.rbegin(), ranking.weight.rend(), running_.begin());
}

double Quantiles::operator()(double share) const {
  const auto at = std::lower_bound(running_.begin(), running_.end(), share * running_.back());
  return at == running_.end() ? values_.back() : values_[static_cast<std::size_t>(at - running_.begin())];
}

}  // namespace vigie::training
