#include "features/scaler.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

namespace vigie::features {
namespace {

// Linear interpolation between the two nearest order statistics: numpy's default.
double quantile(std::vector<double>& values, double share) {
  const double position = share * static_cast<double>(values.size() - 1);
  const auto low = static_cast<std::size_t>(position);
  const auto at_low = values.begin() + static_cast<std::ptrdiff_t>(low);
  std::nth_element(values.begin(), at_low, values.end());
  const double below = *at_low;
  if (low + 1 == values.size()) return below;
  const double above = *std::min_element(at_low + 1, values.end());
  return below + (above - below) * (position - static_cast<double>(low));
}

}  // namespace

schema::Scaler fit_scaler(schema::ScalerKind kind, std::span<const double> rows, std::size_t columns,
                          std::span<const double> weights) {
  assert(columns > 0 && rows.size() % columns == 0 && !rows.empty());
  const std::size_t count = rows.size() / columns;
  schema::Scaler scaler{.kind = kind, .center = {}, .scale = {}};
  if (kind == schema::ScalerKind::kNone) return scaler;
  scaler.center.assign(columns, 0);
  scaler.scale.assign(columns, 1);

  if (kind == schema::ScalerKind::kStandard) {
    double total = 0;
    std::vector<double>& mean = scaler.center;
    std::vector<double> squares(columns, 0);
    for (std::size_t i = 0; i < count; ++i) {
      const double weight = weights.empty() ? 1 : weights[i];
      if (weight <= 0) continue;
      total += weight;
      const double share = weight / total;
      for (std::size_t c = 0; c < columns; ++c) {
        const double value = rows[i * columns + c];
        const double delta = value - mean[c];
        mean[c] += delta * share;
        squares[c] += weight * delta * (value - mean[c]);
      }
    }
    for (std::size_t c = 0; c < columns; ++c) {
      const double deviation = total > 0 ? std::sqrt(squares[c] / total) : 0;
      if (deviation > 0 && std::isfinite(deviation)) scaler.scale[c] = deviation;
    }
    return scaler;
  }

  std::vector<double> column(count);
  for (std::size_t c = 0; c < columns; ++c) {
    for (std::size_t i = 0; i < count; ++i) column[i] = rows[i * columns + c];
    scaler.center[c] = quantile(column, 0.5);
    const double range = quantile(column, 0.75) - quantile(column, 0.25);
    if (range > 0 && std::isfinite(range)) scaler.scale[c] = range;
  }
  return scaler;
}

}  // namespace vigie::features
