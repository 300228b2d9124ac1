// Every figure of a reference beside the obvious computation, one column at a time.
#include "training/card_reference.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/random.h"

namespace vigie::training {
namespace {

constexpr std::size_t kRows = 2000;  // few enough that quantiles are of all rows

struct ReferenceRows {
  std::vector<double> raw;
  std::vector<std::uint8_t> labels;
  std::vector<double> weights;

  CardData data() const { return {.raw = raw, .labels = labels, .weights = weights}; }
};

ReferenceRows random_rows() {
  Random random(11);
  ReferenceRows rows;
  for (std::size_t i = 0; i < kRows; ++i) {
    for (std::size_t f = 0; f < schema::kCardRaw; ++f) {
      // Time has ties, V28 is constant.
      rows.raw.push_back(f == 0 ? static_cast<double>(i / 3) : f + 1 == schema::kCardRaw ? 4.5 : random.normal(0, 3));
    }
    rows.raw[i * schema::kCardRaw + 1] = random.exponential(80);
    rows.labels.push_back(random.bernoulli(0.1) ? 1 : 0);
    rows.weights.push_back(rows.labels.back() != 0 ? 1 : 7.25);
  }
  return rows;
}

void expect_describes(const model::FeatureReference& reference, const ReferenceRows& rows,
                      const std::vector<double>& column) {
  SCOPED_TRACE(reference.name);
  double total = 0;
  double mean = 0;
  for (std::size_t i = 0; i < kRows; ++i) total += rows.weights[i];
  for (std::size_t i = 0; i < kRows; ++i) mean += rows.weights[i] * column[i] / total;
  double variance = 0;
  for (std::size_t i = 0; i < kRows; ++i) variance += rows.weights[i] * std::pow(column[i] - mean, 2) / total;
  EXPECT_NEAR(reference.mean, mean, 1e-9 * (1 + std::fabs(mean)));
  EXPECT_NEAR(reference.deviation, std::sqrt(variance), 1e-9 * (1 + std::sqrt(variance)));
  EXPECT_EQ(reference.minimum, *std::min_element(column.begin(), column.end()));
  EXPECT_EQ(reference.maximum, *std::max_element(column.begin(), column.end()));

  std::vector<std::pair<double, double>> sorted;
  for (std::size_t i = 0; i < kRows; ++i) sorted.emplace_back(column[i], rows.weights[i]);
  std::sort(sorted.begin(), sorted.end());
  double below = 0;
  auto median = sorted.begin();
  while ((below += median->second) < total / 2) ++median;
  EXPECT_EQ(reference.quantiles[4], median->first);

  std::vector<double> counts(reference.counts.size(), 0);
  std::vector<double> positive_counts(counts.size(), 0);
  const double width = (reference.edges.back() - reference.edges.front()) / static_cast<double>(counts.size());
  for (std::size_t i = 0; i < kRows; ++i) {
    const double bin = std::floor((column[i] - reference.edges.front()) / width);
    const auto b = static_cast<std::size_t>(std::clamp(bin, 0.0, static_cast<double>(counts.size() - 1)));
    counts[b] += rows.weights[i];
    if (rows.labels[i] != 0) positive_counts[b] += rows.weights[i];
  }
  // A value on an edge may fall to either side.
  for (std::size_t b = 0; b < counts.size(); ++b) {
    EXPECT_NEAR(reference.counts[b], counts[b], 7.25 + 1e-6) << b;
    EXPECT_NEAR(reference.positive_counts[b], positive_counts[b], 1 + 1e-6) << b;
  }
}

TEST(CardReference, EveryFieldIsAsTheObviousComputationSays) {
  const ReferenceRows rows = random_rows();
  const auto fields = field_references(rows.data(), {.mean = 80, .deviation = 75});
  ASSERT_EQ(fields.size(), 37u);
  for (std::size_t f = 0; f < schema::kCardRaw; ++f) {
    std::vector<double> column;
    for (std::size_t i = 0; i < kRows; ++i) column.push_back(rows.data().row(i)[f]);
    expect_describes(fields[f], rows, column);
  }
  EXPECT_EQ(fields[30].name, schema::card_input_fields()[28].name);
  EXPECT_NEAR(fields[30].mean, (fields[1].mean - 80) / 75, 1e-9);  // the scaled amount
}

TEST(CardReference, TheScoreIsDescribedOnItsOwnRows) {
  const ReferenceRows rows = random_rows();
  const std::vector<std::uint32_t> chosen = {3, 8, 21};
  const auto reference = score_reference(rows.data(), chosen, std::vector{0.25, 0.75, 0.5});
  EXPECT_EQ(reference.name, "score");
  EXPECT_EQ(reference.minimum, 0.25);
  EXPECT_EQ(reference.maximum, 0.75);
  double weight = 0;
  for (const std::uint32_t row : chosen) weight += rows.weights[row];
  double counted = 0;
  for (const double count : reference.counts) counted += count;
  EXPECT_NEAR(counted, weight, 1e-9);
}

}  // namespace
}  // namespace vigie::training
