#include "training/transaction_members.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/parallel.h"
#include "features/transaction.h"
#include "model/formats/xgboost.h"

namespace vigie::training {
namespace {

constexpr std::size_t kIsolationRows = 65'536;
constexpr std::size_t kScoredAtOnce = 4'096;

// Of each column, 0 where it has no value at all.
std::vector<float> medians(std::span<const float> matrix, std::size_t width) {
  std::vector<float> medians(width, 0);
  std::vector<float> values;
  for (std::size_t column = 0; column < width; ++column) {
    values.clear();
    for (std::size_t at = column; at < matrix.size(); at += width) {
      if (!std::isnan(matrix[at])) values.push_back(matrix[at]);
    }
    if (values.empty()) continue;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    medians[column] = *middle;
  }
  return medians;
}

}  // namespace

std::vector<float> gather(const TransactionMatrix& matrix, std::span<const std::uint32_t> rows,
                          std::span<const std::size_t> columns) {
  std::vector<float> out;
  out.reserve(rows.size() * columns.size());
  for (const std::uint32_t row : rows) {
    const auto values = matrix.row(row);
    for (const std::size_t column : columns) out.push_back(values[column]);
  }
  return out;
}

std::vector<std::string> input_names(const TransactionMatrix& matrix, std::span<const std::size_t> columns) {
  std::vector<std::string> names;
  for (const std::size_t column : columns) {
    names.emplace_back(features::transaction_inputs()[matrix.inputs[column]].name);
  }
  return names;
}

Result<TrainedTransactionBoosted> fit_transaction_boosted(const TransactionMatrix& matrix,
                                                          const dataset::TransactionRows& rows,
                                                          std::span<const std::uint32_t> chosen,
                                                          std::span<const std::size_t> columns,
                                                          const BoostedOptions& options,
                                                          const std::function<void(std::uint32_t)>& on_round) {
  const std::vector<float> inputs = gather(matrix, chosen, columns);
  std::vector<std::uint8_t> labels;
  for (const std::uint32_t row : chosen) labels.push_back(rows.labels[row]);
  auto trained = VIGIE_TRY(train_boosted({.rows = inputs,
                                          .labels = labels,
                                          .weights = {},
                                          .features = static_cast<std::uint32_t>(columns.size()),
                                          .names = input_names(matrix, columns)},
                                         options, nullptr, on_round));
  TrainedTransactionBoosted out;
  out.forest = VIGIE_TRY(model::parse_xgboost_json(trained.json));
  out.source = std::move(trained.json);
  out.scorer = VIGIE_TRY(scoring::make_boosted_scorer(out.forest));
  return out;
}

Result<TrainedTransactionIsolation> fit_transaction_isolation(const TransactionMatrix& matrix,
                                                              std::span<const std::uint32_t> chosen,
                                                              std::span<const std::size_t> columns,
                                                              const IsolationOptions& options) {
  std::vector<std::uint32_t> sample;
  const std::size_t count = std::min(chosen.size(), kIsolationRows);
  for (std::size_t i = 0; i < count; ++i) sample.push_back(chosen[i * chosen.size() / count]);
  std::vector<float> inputs = gather(matrix, sample, columns);
  const std::vector<float> middle = medians(inputs, columns.size());
  for (std::size_t at = 0; at < inputs.size(); ++at) {
    if (std::isnan(inputs[at])) inputs[at] = middle[at % columns.size()];
  }
  TrainedTransactionIsolation out;
  out.forest = VIGIE_TRY(fit_isolation_forest(inputs, static_cast<std::uint32_t>(columns.size()), {}, options));
  out.forest.feature_names = input_names(matrix, columns);
  for (model::Tree& tree : out.forest.forest.trees) {
    for (model::Node& node : tree.nodes) {
      if (!node.is_leaf()) node.missing_left = middle[static_cast<std::size_t>(node.feature)] <= node.threshold;
    }
  }
  out.scorer = VIGIE_TRY(scoring::make_isolation_scorer(out.forest));
  return out;
}

std::vector<double> score_transactions(const scoring::Scorer& scorer, const TransactionMatrix& matrix,
                                       std::span<const std::uint32_t> rows, std::span<const std::size_t> columns,
                                       std::size_t threads) {
  std::vector<double> scores(rows.size());
  parallel_blocks(threads, rows.size(), kScoredAtOnce, [&](std::size_t begin, std::size_t end) {
    scorer.score(gather(matrix, rows.subspan(begin, end - begin), columns),
                 std::span(scores).subspan(begin, end - begin));
  });
  return scores;
}

}  // namespace vigie::training
