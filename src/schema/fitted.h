// What training learnt about fields: plain numbers that `features` fits and applies and that `model` stores.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vigie::schema {

// Mean and sample deviation (n - 1) of Amount in the training data, as the reference pipeline (pandas) has it.
struct AmountStatistics {
  double mean = 0;
  double deviation = 1;  // > 0

  bool operator==(const AmountStatistics&) const = default;
};

enum class ScalerKind : std::uint8_t {
  kNone,
  kStandard,  // mean and population deviation (n), as scikit-learn's StandardScaler
  kRobust,    // median and interquartile range, as scikit-learn's RobustScaler
};

std::string_view to_string(ScalerKind kind);  // "none", "standard", "robust"
Result<ScalerKind> parse_scaler_kind(std::string_view text);

// (x - center) / scale, column by column: features::CardTransform applies it.
struct Scaler {
  ScalerKind kind = ScalerKind::kNone;
  std::vector<double> center;  // one a column; empty for kNone
  std::vector<double> scale;   // > 0

  bool operator==(const Scaler&) const = default;
};

// Everything fitted between a raw card transaction and the members' 35 inputs.
struct CardInputs {
  AmountStatistics amount;
  Scaler scaler;

  bool operator==(const CardInputs&) const = default;
};

}  // namespace vigie::schema
