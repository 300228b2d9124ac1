#include "training/monotone.h"

#include <limits>
#include <vector>

namespace vigie::training {
namespace {

using model::Trend;

struct Pool {
  double mean;
  double weight;
  std::size_t count;
};

void keep_monotone(std::span<double> values, std::span<const double> weights, bool rising) {
  const double sign = rising ? 1 : -1;
  std::vector<Pool> pools;
  for (std::size_t i = 0; i < values.size(); ++i) {
    pools.push_back({sign * values[i], weights[i], 1});
    while (pools.size() > 1 && pools[pools.size() - 2].mean > pools.back().mean) {
      const Pool last = pools.back();
      pools.pop_back();
      Pool& pool = pools.back();
      pool.mean = (pool.mean * pool.weight + last.mean * last.weight) / (pool.weight + last.weight);
      pool.weight += last.weight;
      pool.count += last.count;
    }
  }
  std::size_t at = 0;
  for (const Pool& pool : pools) {
    for (std::size_t i = 0; i < pool.count; ++i) values[at++] = sign * pool.mean;
  }
}

double distance(std::span<const double> a, std::span<const double> b, std::span<const double> weights) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += weights[i] * (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

}  // namespace

void keep_trend(std::span<double> values, std::span<const double> weights, Trend trend) {
  if (trend == Trend::kRising || trend == Trend::kFalling) {
    return keep_monotone(values, weights, trend == Trend::kRising);
  }
  const bool rising_first = trend == Trend::kPeak;
  const std::vector<double> given(values.begin(), values.end());
  std::vector<double> best;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t turn = 0; turn <= given.size(); ++turn) {
    std::vector<double> tried = given;
    const std::span<double> all(tried);
    keep_monotone(all.first(turn), weights.first(turn), rising_first);
    keep_monotone(all.subspan(turn), weights.subspan(turn), !rising_first);
    const double cost = distance(tried, given, weights);
    if (cost >= least) continue;
    least = cost;
    best = std::move(tried);
  }
  std::copy(best.begin(), best.end(), values.begin());
}

}  // namespace vigie::training
