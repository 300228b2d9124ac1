// Card features: raw fields to model inputs. Training, batch scoring and the server all use CardTransform; nothing else
// computes them, so a model cannot be served features that it was not trained on.
#pragma once

#include <array>
#include <span>

#include "schema/card.h"
#include "schema/fitted.h"

namespace vigie::features {

// One card transaction as a file or a request has it: Time, Amount, V1..V28 (schema::card_raw_fields).
using CardRaw = std::span<const double, schema::kCardRaw>;

// Weights: one a row, or empty for all 1. A constant amount gets deviation 1.
schema::AmountStatistics fit_amount(std::span<const double> amounts, std::span<const double> weights = {});

// V1..V28 and the seven engineered (schema::card_input_fields), not scaled yet. Formulas: docs/features.md.
void card_features(CardRaw raw, const schema::AmountStatistics& amount,
                   std::span<double, schema::kCardInputs> out) noexcept;

// Raw fields to the members' inputs: features, scaled as (x - center) * (1 / scale), rounded to float. A value beyond a
// float's range becomes its largest. Rows alone and rows in blocks give the same bits, on every CPU.
class CardTransform {
 public:
  static constexpr std::size_t kBlockRows = 64;

  explicit CardTransform(const schema::CardInputs& fitted);

  void row(CardRaw raw, std::span<float, schema::kCardInputs> out) const noexcept;
  // The second half alone, of features that card_features() gave.
  void scale(std::span<const double, schema::kCardInputs> features,
             std::span<float, schema::kCardInputs> out) const noexcept;
  // Up to kBlockRows rows of 30 values to columns: input f of row r at columns[f * kBlockRows + r]. Rows that are not
  // there become 0.
  void block(std::span<const double> rows, std::span<float, schema::kCardInputs * kBlockRows> columns) const noexcept;

 private:
  schema::AmountStatistics amount_;
  std::array<double, schema::kCardInputs> center_;
  std::array<double, schema::kCardInputs> factor_;  // 1 / scale
};

// One row by a transform made for it: for many, make one CardTransform.
void card_inputs(CardRaw raw, const schema::CardInputs& fitted, std::span<float, schema::kCardInputs> out) noexcept;

}  // namespace vigie::features
