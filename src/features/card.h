// Card features: raw fields to model inputs. Training, batch scoring and the server all call card_inputs(); nothing
// else computes them, so a model cannot be served features that it was not trained on.
#pragma once

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

// Features to the members' input: scaled, as float. A value beyond float's range becomes its largest.
void scale_inputs(std::span<const double, schema::kCardInputs> features, const schema::Scaler& scaler,
                  std::span<float, schema::kCardInputs> out) noexcept;

// Both in one: card_features(), then scale_inputs().
void card_inputs(CardRaw raw, const schema::CardInputs& fitted, std::span<float, schema::kCardInputs> out) noexcept;

}  // namespace vigie::features
