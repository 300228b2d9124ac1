#include "features/card.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "base/cpu.h"
#include "features/card_lanes.h"

namespace vigie::features {

schema::AmountStatistics fit_amount(std::span<const double> amounts, std::span<const double> weights) {
  double total = 0;
  double mean = 0;
  double squares = 0;  // West (1979): one pass, no cancellation
  for (std::size_t i = 0; i < amounts.size(); ++i) {
    const double weight = weights.empty() ? 1 : weights[i];
    if (weight <= 0) continue;
    total += weight;
    const double delta = amounts[i] - mean;
    mean += weight == total ? delta : delta * weight / total;  // the first one exactly: a constant amount is its mean
    squares += weight * delta * (amounts[i] - mean);
  }
  const double variance = total > 1 ? squares / (total - 1) : 0;
  return {.mean = mean, .deviation = variance > 0 ? std::sqrt(variance) : 1};
}

namespace {

using schema::kCardInputs;
using schema::kCardRaw;

void card_columns(const double* rows, const schema::AmountStatistics& amount, const double* center,
                  const double* factor, float* columns, std::size_t stride) noexcept {
  lanes::card_columns(rows, amount, center, factor, columns, stride);
}

void card_row(const double* row, const schema::AmountStatistics& amount, const double* center, const double* factor,
              float* inputs) noexcept {
  lanes::card_row(row, amount, center, factor, inputs);
}

struct CardKernels {
  decltype(&card_columns) columns = &card_columns;
  decltype(&card_row) row = &card_row;
};

const CardKernels& kernels() {
  static const CardKernels kBest = [] {
#if defined(__x86_64__)
    if (cpu_level() >= CpuLevel::kAvx512) return CardKernels{&lanes::card_columns_avx512, &lanes::card_row_avx512};
#endif
    return CardKernels{};
  }();
  return kBest;
}

}  // namespace

void card_features(CardRaw raw, const schema::AmountStatistics& amount, std::span<double, kCardInputs> out) noexcept {
  double values[kCardRaw];
  double features[kCardInputs];
  std::copy(raw.begin(), raw.end(), values);
  lanes::card_features(values, amount, features);
  std::copy(std::begin(features), std::end(features), out.begin());
}

CardTransform::CardTransform(const schema::CardInputs& fitted) : amount_(fitted.amount) {
  center_.fill(0);
  factor_.fill(1);
  if (fitted.scaler.kind == schema::ScalerKind::kNone) return;
  for (std::size_t f = 0; f < kCardInputs; ++f) {
    center_[f] = fitted.scaler.center[f];
    factor_[f] = 1 / fitted.scaler.scale[f];
  }
}

void CardTransform::scale(std::span<const double, kCardInputs> features,
                          std::span<float, kCardInputs> out) const noexcept {
  for (std::size_t f = 0; f < kCardInputs; ++f) {
    out[f] = static_cast<float>(lanes::scaled(features[f], center_[f], factor_[f]));
  }
}

void CardTransform::row(CardRaw raw, std::span<float, kCardInputs> out) const noexcept {
  kernels().row(raw.data(), amount_, center_.data(), factor_.data(), out.data());
}

void CardTransform::block(std::span<const double> rows,
                          std::span<float, kCardInputs * kBlockRows> columns) const noexcept {
  const std::size_t count = rows.size() / kCardRaw;
  assert(count <= kBlockRows);
  std::size_t first = 0;
  for (; first + lanes::kRows <= count; first += lanes::kRows) {
    kernels().columns(rows.data() + first * kCardRaw, amount_, center_.data(), factor_.data(), columns.data() + first,
                      kBlockRows);
  }
  if (first == kBlockRows) return;
  for (std::size_t f = 0; f < kCardInputs; ++f) {
    std::fill(columns.begin() + static_cast<std::ptrdiff_t>(f * kBlockRows + first),
              columns.begin() + static_cast<std::ptrdiff_t>((f + 1) * kBlockRows), 0.0f);
  }
  std::array<float, kCardInputs> inputs;
  for (; first < count; ++first) {
    row(CardRaw(rows.data() + first * kCardRaw, kCardRaw), inputs);
    for (std::size_t f = 0; f < kCardInputs; ++f) columns[f * kBlockRows + first] = inputs[f];
  }
}

void card_inputs(CardRaw raw, const schema::CardInputs& fitted, std::span<float, kCardInputs> out) noexcept {
  CardTransform(fitted).row(raw, out);
}

}  // namespace vigie::features
