// Fits everything between raw card rows and member scores: amount statistics, scaler, isolation forest, boosted trees.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/forest.h"
#include "schema/card.h"
#include "schema/fitted.h"
#include "scoring/scorer.h"
#include "training/boosted.h"
#include "training/isolation_forest.h"

namespace vigie::training {

// Labelled card transactions, borrowed.
struct CardData {
  std::span<const double> raw;  // row-major, schema::kCardRaw a row: Time, Amount, V1..V28
  std::span<const std::uint8_t> labels;
  std::span<const double> weights;  // one a row, >= 0, or empty for all 1

  std::size_t rows() const { return labels.size(); }
  double weight(std::size_t row) const { return weights.empty() ? 1 : weights[row]; }
  std::span<const double, schema::kCardRaw> row(std::size_t index) const {
    return raw.subspan(index * schema::kCardRaw).first<schema::kCardRaw>();
  }
};

// Rows to fit on. `scale` multiplies the weight of negatives, where some were left out.
struct CardSample {
  std::vector<std::uint32_t> rows;
  double negative_scale = 1;
};

// Keeps all positives of `rows` and at most `negatives` of the others, drawn at random, in their order.
CardSample cap_negatives(const CardData& data, std::span<const std::uint32_t> rows, std::size_t negatives,
                         std::uint64_t seed);

// Of the rows named; weights[i] belongs to rows[i], or none for all 1.
schema::AmountStatistics fit_card_amount(const CardData& data, std::span<const std::uint32_t> rows,
                                         std::span<const double> weights);

struct CardFitOptions {
  schema::ScalerKind scaler = schema::ScalerKind::kStandard;
  IsolationOptions isolation{};  // its seed and threads are overwritten
  BoostedOptions boosted{};      // its seed, lanes and threads are overwritten
  std::uint64_t seed = 0;
  std::uint32_t lanes = 4;
  std::size_t threads = 1;
  std::function<void(std::uint32_t)> on_round{};
};

struct CardMembers {
  schema::CardInputs inputs;
  model::BoostedForest boosted;
  std::string boosted_source;
  model::IsolationForest isolation;
  std::vector<double> isolation_scores;  // of the sample's rows, in its order
  std::unique_ptr<scoring::Scorer> boosted_scorer;
  std::unique_ptr<scoring::Scorer> isolation_scorer;
};

// With early stopping, a stratified tenth of the sample is kept from the boosted trees to stop on.
Result<CardMembers> fit_card_members(const CardData& data, const CardSample& sample, const CardFitOptions& options);

// Both members' scores of the rows named: isolation[i] and boosted[i] belong to rows[i].
void score_card_rows(const CardMembers& members, const CardData& data, std::span<const std::uint32_t> rows,
                     std::span<double> isolation, std::span<double> boosted, std::size_t threads);

}  // namespace vigie::training
