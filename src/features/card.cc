#include "features/card.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace vigie::features {
namespace {

constexpr std::size_t kAmount = 1;
constexpr std::size_t kV1 = 2;
constexpr double kHighValue = 1000;
constexpr double kRatioFloor = 1e-4;

}  // namespace

schema::AmountStatistics fit_amount(std::span<const double> amounts, std::span<const double> weights) {
  double total = 0;
  double mean = 0;
  double squares = 0;  // West (1979): one pass, no cancellation
  for (std::size_t i = 0; i < amounts.size(); ++i) {
    const double weight = weights.empty() ? 1 : weights[i];
    if (weight <= 0) continue;
    total += weight;
    const double delta = amounts[i] - mean;
    mean += delta * weight / total;
    squares += weight * delta * (amounts[i] - mean);
  }
  const double variance = total > 1 ? squares / (total - 1) : 0;
  return {.mean = mean, .deviation = variance > 0 ? std::sqrt(variance) : 1};
}

void card_features(CardRaw raw, const schema::AmountStatistics& amount,
                   std::span<double, schema::kCardInputs> out) noexcept {
  const auto components = raw.subspan<kV1, schema::kCardComponents>();
  double sum = 0;
  double largest = 0;
  double absolute = 0;
  for (std::size_t i = 0; i < components.size(); ++i) {
    const double v = components[i];
    out[i] = v;
    sum += v;
    const double magnitude = std::fabs(v);
    absolute += magnitude;
    largest = std::max(largest, magnitude);
  }
  constexpr double kCount = schema::kCardComponents;
  const double mean = sum / kCount;
  double squares = 0;
  for (const double v : components) squares += (v - mean) * (v - mean);

  auto engineered = out.last<schema::kCardEngineered>();
  engineered[0] = (raw[kAmount] - amount.mean) / amount.deviation;
  engineered[1] = std::log1p(raw[kAmount]);
  engineered[2] = std::fabs(components[0]) / (std::fabs(components[1]) + kRatioFloor);
  engineered[3] = raw[kAmount] > kHighValue ? 1 : 0;
  engineered[4] = squares / (kCount - 1);
  engineered[5] = largest;
  engineered[6] = absolute / kCount;
}

void scale_inputs(std::span<const double, schema::kCardInputs> features, const schema::Scaler& scaler,
                  std::span<float, schema::kCardInputs> out) noexcept {
  constexpr double kLimit = std::numeric_limits<float>::max();
  for (std::size_t i = 0; i < features.size(); ++i) {
    out[i] = static_cast<float>(std::clamp(scaler(i, features[i]), -kLimit, kLimit));
  }
}

void card_inputs(CardRaw raw, const schema::CardInputs& fitted, std::span<float, schema::kCardInputs> out) noexcept {
  std::array<double, schema::kCardInputs> values;
  card_features(raw, fitted.amount, values);
  scale_inputs(values, fitted.scaler, out);
}

}  // namespace vigie::features
