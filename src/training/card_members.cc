#include "training/card_members.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "base/parallel.h"
#include "base/random.h"
#include "dataset/split.h"
#include "features/card.h"
#include "features/scaler.h"
#include "model/formats/xgboost.h"

namespace vigie::training {
namespace {

using schema::kCardInputs;
constexpr std::size_t kCachedRows = 2048;  // rows whose inputs stay in the second-level cache between members

// Streams of the seed, one for each use.
constexpr std::uint64_t kIsolationStream = 1;
constexpr std::uint64_t kBoostedStream = 2;
constexpr std::uint64_t kValidationStream = 3;
std::uint64_t derive(std::uint64_t seed, std::uint64_t stream) { return Random(seed, stream).next(); }

std::vector<std::string> input_names() {
  std::vector<std::string> names;
  for (const schema::Field& field : schema::card_input_fields()) names.emplace_back(field.name);
  return names;
}

// Fitted statistics, and the rows as the members see them.
struct FittedInputs {
  schema::CardInputs inputs;
  std::vector<float> matrix;
};

FittedInputs fit_inputs(const CardData& data, std::span<const std::uint32_t> rows, std::span<const double> weights,
                        schema::ScalerKind kind, std::size_t threads) {
  FittedInputs fitted;
  fitted.inputs.amount = fit_card_amount(data, rows, weights);
  std::vector<double> values(rows.size() * kCardInputs);
  parallel_blocks(threads, rows.size(), kCachedRows, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      features::card_features(data.row(rows[i]), fitted.inputs.amount,
                              std::span(values).subspan(i * kCardInputs).first<kCardInputs>());
    }
  });
  fitted.inputs.scaler = features::fit_scaler(kind, values, kCardInputs, weights);
  fitted.matrix.resize(values.size());
  const features::CardTransform transform(fitted.inputs);
  parallel_blocks(threads, rows.size(), kCachedRows, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      transform.scale(std::span<const double>(values).subspan(i * kCardInputs).first<kCardInputs>(),
                      std::span(fitted.matrix).subspan(i * kCardInputs).first<kCardInputs>());
    }
  });
  return fitted;
}

std::vector<float> input_matrix(const CardData& data, std::span<const std::uint32_t> rows,
                                const schema::CardInputs& inputs) {
  std::vector<float> matrix(rows.size() * kCardInputs);
  const features::CardTransform transform(inputs);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    transform.row(data.row(rows[i]), std::span(matrix).subspan(i * kCardInputs).first<kCardInputs>());
  }
  return matrix;
}

// Rows of a matrix that is in memory already.
struct BoostedSubset {
  std::vector<float> rows;
  std::vector<std::uint8_t> labels;
  std::vector<float> weights;

  BoostedRows view() const { return {rows, labels, weights, static_cast<std::uint32_t>(kCardInputs), input_names()}; }
};

BoostedSubset take(std::span<const float> matrix, std::span<const std::uint8_t> labels, std::span<const float> weights,
                   std::span<const std::uint32_t> chosen) {
  BoostedSubset subset;
  subset.rows.reserve(chosen.size() * kCardInputs);
  for (const std::uint32_t i : chosen) {
    const auto row = matrix.subspan(i * kCardInputs, kCardInputs);
    subset.rows.insert(subset.rows.end(), row.begin(), row.end());
    subset.labels.push_back(labels[i]);
    if (!weights.empty()) subset.weights.push_back(weights[i]);
  }
  return subset;
}

Result<TrainedBoosted> fit_boosted(std::span<const float> matrix, std::span<const std::uint8_t> labels,
                                   std::span<const double> weights, const CardFitOptions& options) {
  BoostedOptions boosted = options.boosted;
  boosted.seed = derive(options.seed, kBoostedStream);
  boosted.lanes = options.lanes;
  boosted.threads = options.threads;
  const std::vector<float> float_weights(weights.begin(), weights.end());
  if (!boosted.early_stopping) {
    const BoostedRows rows{matrix, labels, float_weights, static_cast<std::uint32_t>(kCardInputs), input_names()};
    return train_boosted(rows, boosted, nullptr, options.on_round);
  }
  constexpr double kValidationShare = 0.1;
  const auto parts =
      VIGIE_TRY(dataset::split_random(labels, kValidationShare, derive(options.seed, kValidationStream)));
  const BoostedSubset training = take(matrix, labels, float_weights, parts.train);
  const BoostedSubset validation = take(matrix, labels, float_weights, parts.test);
  const BoostedRows stop_on = validation.view();
  return train_boosted(training.view(), boosted, &stop_on, options.on_round);
}

}  // namespace

CardSample cap_negatives(const CardData& data, std::span<const std::uint32_t> rows, std::size_t negatives,
                         std::uint64_t seed) {
  std::size_t left = 0;
  for (const std::uint32_t row : rows) left += data.labels[row] == 0 ? 1 : 0;
  if (left <= negatives) return {.rows = {rows.begin(), rows.end()}, .negative_scale = 1};

  CardSample sample;
  sample.negative_scale = static_cast<double>(left) / static_cast<double>(negatives);
  sample.rows.reserve(negatives + (rows.size() - left));
  Random random(seed);
  std::size_t wanted = negatives;
  for (const std::uint32_t row : rows) {
    if (data.labels[row] == 0) {  // selection sampling (Knuth, algorithm S): in order, exactly `negatives` of them
      const bool chosen = random.below(left) < wanted;
      --left;
      if (!chosen) continue;
      --wanted;
    }
    sample.rows.push_back(row);
  }
  return sample;
}

schema::AmountStatistics fit_card_amount(const CardData& data, std::span<const std::uint32_t> rows,
                                         std::span<const double> weights) {
  constexpr std::size_t kAmount = 1;
  std::vector<double> amounts(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) amounts[i] = data.row(rows[i])[kAmount];
  return features::fit_amount(amounts, weights);
}

Result<CardMembers> fit_card_members(const CardData& data, const CardSample& sample, const CardFitOptions& options) {
  const std::size_t count = sample.rows.size();
  std::vector<std::uint8_t> labels(count);
  for (std::size_t i = 0; i < count; ++i) labels[i] = data.labels[sample.rows[i]];
  std::vector<double> weights;
  if (!data.weights.empty() || sample.negative_scale != 1) {
    weights.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      weights[i] = data.weight(sample.rows[i]) * (labels[i] == 0 ? sample.negative_scale : 1);
    }
  }

  CardMembers members;
  FittedInputs fitted = fit_inputs(data, sample.rows, weights, options.scaler, options.threads);
  members.inputs = std::move(fitted.inputs);
  const std::vector<float>& matrix = fitted.matrix;

  IsolationOptions isolation = options.isolation;
  isolation.seed = derive(options.seed, kIsolationStream);
  isolation.threads = options.threads;
  members.isolation =
      VIGIE_TRY(fit_isolation_forest(matrix, static_cast<std::uint32_t>(kCardInputs), weights, isolation));
  members.isolation.feature_names = input_names();
  members.isolation_scorer = VIGIE_TRY(scoring::make_isolation_scorer(members.isolation));
  members.isolation_scores.resize(count);
  parallel_blocks(options.threads, count, kCachedRows, [&](std::size_t begin, std::size_t end) {
    members.isolation_scorer->score(std::span(matrix).subspan(begin * kCardInputs, (end - begin) * kCardInputs),
                                    std::span(members.isolation_scores).subspan(begin, end - begin));
  });

  auto trained = VIGIE_TRY(fit_boosted(matrix, labels, weights, options));
  members.boosted = VIGIE_TRY(model::parse_xgboost_json(trained.json));
  members.boosted_source = std::move(trained.json);
  members.boosted_scorer = VIGIE_TRY(scoring::make_boosted_scorer(members.boosted));
  return members;
}

void score_card_rows(const CardMembers& members, const CardData& data, std::span<const std::uint32_t> rows,
                     std::span<double> isolation, std::span<double> boosted, std::size_t threads) {
  assert(isolation.size() == rows.size() && boosted.size() == rows.size());
  parallel_blocks(threads, rows.size(), kCachedRows, [&](std::size_t begin, std::size_t end) {
    const auto matrix = input_matrix(data, rows.subspan(begin, end - begin), members.inputs);
    members.isolation_scorer->score(matrix, isolation.subspan(begin, end - begin));
    members.boosted_scorer->score(matrix, boosted.subspan(begin, end - begin));
  });
}

}  // namespace vigie::training
