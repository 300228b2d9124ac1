// The card features of one row or of several side by side: written once over a type of lanes, `double` for one row or a
// vector of doubles for as many rows, whose operators do the same to each. Every lane's operations and their order are
// those of one row, so both give the same bits. Included by one source for each kind of CPU; static, so that each keeps
// its own.
#pragma once

#include <cstddef>
#include <cstdint>

#include "schema/card.h"
#include "schema/fitted.h"

namespace vigie::features::lanes {

inline constexpr std::size_t kRows = 8;
using Doubles [[gnu::vector_size(kRows * sizeof(double))]] = double;
using Floats [[gnu::vector_size(kRows * sizeof(float))]] = float;

template <typename Lanes>
[[gnu::always_inline]] static inline Lanes all(double value) {
  return Lanes{} + value;
}

template <typename Lanes>
[[gnu::always_inline]] static inline Lanes larger(Lanes a, Lanes b) {
  return a > b ? a : b;
}

template <typename Lanes>
[[gnu::always_inline]] static inline Lanes magnitude(Lanes value) {
  return larger(-value, value);
}

// The same bits as whole numbers, lane by lane.
template <typename Lanes>
struct BitsOf;
template <>
struct BitsOf<double> {
  using Type = std::int64_t;
};
template <>
struct BitsOf<Doubles> {
  using Type [[gnu::vector_size(kRows * sizeof(std::int64_t))]] = std::int64_t;
};

[[gnu::always_inline]] static inline double to_doubles(std::int64_t value) { return static_cast<double>(value); }
[[gnu::always_inline]] static inline Doubles to_doubles(BitsOf<Doubles>::Type values) {
  return __builtin_convertvector(values, Doubles);
}

// ln(1 + x) for x >= 0, within 2 units of the last place. Our own because the C library's differs from CPU to CPU in
// its last bit, and a decision must be the same wherever it is replayed.
//   1 + x = 2^k m with m in [sqrt(1/2), sqrt(2)), s = (m - 1) / (m + 1): ln m = 2 (s + s^3/3 + s^5/5 + ...), |s| <
//   0.172
template <typename Lanes>
[[gnu::always_inline]] static inline Lanes log1p(Lanes x) {
  using Bits = typename BitsOf<Lanes>::Type;
  constexpr std::int64_t kSqrtHalf = 0x3FE6'A09E'667F'3BCD;
  constexpr int kMantissaBits = 52;
  const Lanes sum = 1.0 + x;
  const Lanes lost = sum > all<Lanes>(1e17) ? all<Lanes>(0) : (x > all<Lanes>(1) ? 1.0 - (sum - x) : x - (sum - 1.0));
  Bits bits;
  __builtin_memcpy(&bits, &sum, sizeof bits);
  const Bits shifted = bits - kSqrtHalf;
  const Bits exponent = shifted >> kMantissaBits;
  const Bits reduced_bits = bits - (exponent << kMantissaBits);
  Lanes reduced;
  __builtin_memcpy(&reduced, &reduced_bits, sizeof reduced);
  const Lanes f = reduced - 1.0;
  const Lanes s = f / (2.0 + f);
  const Lanes z = s * s;
  Lanes series = all<Lanes>(1.0 / 23);
  for (int term = 21; term >= 3; term -= 2) series = series * z + 1.0 / term;
  const Lanes k = to_doubles(exponent);
  // ln 2 in two parts: k times the first has no rounding.
  constexpr double kLn2High = 0x1.62e42feep-1;
  constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
  const Lanes small = k * kLn2Low + lost / sum;
  // ln m = f - s (f - 2 z series): f is exact, what is taken off is small.
  return k * kLn2High + (f - (s * (f - 2.0 * z * series) - small));
}

// raw[f] is field f of every row; out[f] becomes input f. Sums run over four partial sums, term i in sum i % 4: one
// long chain of additions would keep one row waiting.
template <typename Lanes>
[[gnu::always_inline]] static inline void card_features(const Lanes (&raw)[schema::kCardRaw],
                                                        const schema::AmountStatistics& amount,
                                                        Lanes (&out)[schema::kCardInputs]) {
  constexpr std::size_t kAmount = 1;
  constexpr std::size_t kV1 = 2;
  constexpr std::size_t kSums = 4;
  constexpr double kHighValue = 1000;
  constexpr double kRatioFloor = 1e-4;
  constexpr double kCount = schema::kCardComponents;
  static_assert(schema::kCardComponents % kSums == 0);

  Lanes sum[kSums] = {};
  Lanes absolute[kSums] = {};
  Lanes largest[kSums] = {};
  for (std::size_t i = 0; i < schema::kCardComponents; i += kSums) {
    for (std::size_t s = 0; s < kSums; ++s) {
      const Lanes v = raw[kV1 + i + s];
      const Lanes size = magnitude(v);
      out[i + s] = v;
      sum[s] += v;
      absolute[s] += size;
      largest[s] = larger(size, largest[s]);
    }
  }
  const Lanes mean = ((sum[0] + sum[1]) + (sum[2] + sum[3])) / kCount;
  Lanes squares[kSums] = {};
  for (std::size_t i = 0; i < schema::kCardComponents; i += kSums) {
    for (std::size_t s = 0; s < kSums; ++s) {
      const Lanes delta = raw[kV1 + i + s] - mean;
      squares[s] += delta * delta;
    }
  }

  Lanes* const engineered = out + schema::kCardComponents;
  engineered[0] = (raw[kAmount] - amount.mean) / amount.deviation;
  engineered[1] = log1p(raw[kAmount]);
  engineered[2] = magnitude(raw[kV1]) / (magnitude(raw[kV1 + 1]) + kRatioFloor);
  engineered[3] = raw[kAmount] > all<Lanes>(kHighValue) ? all<Lanes>(1) : all<Lanes>(0);
  engineered[4] = ((squares[0] + squares[1]) + (squares[2] + squares[3])) / (kCount - 1);
  engineered[5] = larger(larger(largest[0], largest[1]), larger(largest[2], largest[3]));
  engineered[6] = ((absolute[0] + absolute[1]) + (absolute[2] + absolute[3])) / kCount;
}

// Beyond the range of a float: its largest. What is no number, because a scale is next to nothing: its lowest.
template <typename Lanes>
[[gnu::always_inline]] static inline Lanes scaled(Lanes value, double center, double factor) {
  const Lanes limit = all<Lanes>(static_cast<double>(__FLT_MAX__));
  const Lanes moved = (value - center) * factor;
  const Lanes above = moved > -limit ? moved : -limit;
  return above < limit ? above : limit;
}

// kRows rows of raw values to a block's columns.
[[gnu::always_inline]] static inline void card_columns(const double* rows, const schema::AmountStatistics& amount,
                                                       const double* center, const double* factor, float* columns,
                                                       std::size_t stride) {
  Doubles raw[schema::kCardRaw];
  for (std::size_t f = 0; f < schema::kCardRaw; ++f) {
    for (std::size_t r = 0; r < kRows; ++r) raw[f][r] = rows[r * schema::kCardRaw + f];
  }
  Doubles features[schema::kCardInputs];
  card_features(raw, amount, features);
  for (std::size_t f = 0; f < schema::kCardInputs; ++f) {
    const Floats inputs = __builtin_convertvector(scaled(features[f], center[f], factor[f]), Floats);
    __builtin_memcpy(columns + f * stride, &inputs, sizeof inputs);
  }
}

// One row of raw values to its inputs.
[[gnu::always_inline]] static inline void card_row(const double* row, const schema::AmountStatistics& amount,
                                                   const double* center, const double* factor, float* inputs) {
  double raw[schema::kCardRaw];
  __builtin_memcpy(raw, row, sizeof raw);
  double features[schema::kCardInputs];
  card_features(raw, amount, features);
  for (std::size_t f = 0; f < schema::kCardInputs; ++f) {
    inputs[f] = static_cast<float>(scaled(features[f], center[f], factor[f]));
  }
}

// The same, compiled for CPUs with AVX-512.
void card_columns_avx512(const double* rows, const schema::AmountStatistics& amount, const double* center,
                         const double* factor, float* columns, std::size_t stride) noexcept;
void card_row_avx512(const double* row, const schema::AmountStatistics& amount, const double* center,
                     const double* factor, float* inputs) noexcept;

}  // namespace vigie::features::lanes
