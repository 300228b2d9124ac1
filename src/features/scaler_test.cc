#include "features/scaler.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/random.h"

namespace vigie::features {
namespace {

using schema::ScalerKind;

// numpy.quantile's default, on a sorted copy.
double sorted_quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  const double position = share * static_cast<double>(values.size() - 1);
  const auto low = static_cast<std::size_t>(std::floor(position));
  const auto high = static_cast<std::size_t>(std::ceil(position));
  return values[low] + (position - std::floor(position)) * (values[high] - values[low]);
}

TEST(StandardScaler, HandWorked) {
  // Columns {1, 2, 3, 6} and {10, 10, 10, 30}: means 3 and 15, population variances 3.5 and 75.
  const std::vector<double> rows = {1, 10, 2, 10, 3, 10, 6, 30};
  const auto scaler = fit_scaler(ScalerKind::kStandard, rows, 2);
  EXPECT_EQ(scaler.center, (std::vector<double>{3, 15}));
  EXPECT_DOUBLE_EQ(scaler.scale[0], std::sqrt(3.5));
  EXPECT_DOUBLE_EQ(scaler.scale[1], std::sqrt(75.0));
}

TEST(StandardScaler, WeightsCountAsRows) {
  const std::vector<double> rows = {1, 5, 9};
  const std::vector<double> weights = {2, 0, 1};
  const auto weighted = fit_scaler(ScalerKind::kStandard, rows, 1, weights);
  const auto repeated = fit_scaler(ScalerKind::kStandard, std::vector<double>{1, 1, 9}, 1);
  EXPECT_NEAR(weighted.center[0], repeated.center[0], 1e-14);
  EXPECT_NEAR(weighted.scale[0], repeated.scale[0], 1e-14);
}

TEST(RobustScaler, HandWorked) {
  // {1, 2, 3, 4}: median 2.5, quartiles 1.75 and 3.25. {0, 0, 8, 100}: median 4, quartiles 0 and 31.
  const std::vector<double> rows = {4, 0, 1, 100, 3, 8, 2, 0};
  const auto scaler = fit_scaler(ScalerKind::kRobust, rows, 2);
  EXPECT_EQ(scaler.center, (std::vector<double>{2.5, 4}));
  EXPECT_EQ(scaler.scale, (std::vector<double>{1.5, 31}));
}

TEST(Scalers, ConstantColumnsKeepScaleOne) {
  const std::vector<double> rows = {0.1, 5, 0.1, 9, 0.1, 70};
  for (const auto kind : {ScalerKind::kStandard, ScalerKind::kRobust}) {
    const auto scaler = fit_scaler(kind, rows, 2);
    EXPECT_EQ(scaler.center[0], 0.1);
    EXPECT_EQ(scaler.scale[0], 1);
    EXPECT_NE(scaler.scale[1], 1);
  }
}

TEST(RobustScaler, ColumnThatIsMostlyOneValueKeepsScaleOne) {
  const auto scaler = fit_scaler(ScalerKind::kRobust, std::vector<double>{0, 0, 0, 0, 0, 0, 0, 900}, 1);
  EXPECT_EQ(scaler.center[0], 0);
  EXPECT_EQ(scaler.scale[0], 1);
}

TEST(Scalers, OneRow) {
  for (const auto kind : {ScalerKind::kStandard, ScalerKind::kRobust}) {
    const auto scaler = fit_scaler(kind, std::vector<double>{3, -4}, 2);
    EXPECT_EQ(scaler.center, (std::vector<double>{3, -4}));
    EXPECT_EQ(scaler.scale, (std::vector<double>{1, 1}));
  }
}

TEST(Scalers, NoneHoldsNothing) {
  EXPECT_EQ(fit_scaler(ScalerKind::kNone, std::vector<double>{1, 2}, 1), schema::Scaler{});
}

RC_GTEST_PROP(StandardScaler, MakesMeanZeroAndDeviationOne, (std::uint64_t seed)) {
  Random random(seed);
  const std::size_t columns = 1 + random.below(4);
  const std::size_t count = 3 + random.below(60);
  std::vector<double> rows(columns * count);
  for (auto& value : rows) value = random.normal(1000, 20);
  const auto scaler = fit_scaler(ScalerKind::kStandard, rows, columns);
  for (std::size_t c = 0; c < columns; ++c) {
    double sum = 0;
    double squares = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const double scaled = (rows[i * columns + c] - scaler.center[c]) / scaler.scale[c];
      sum += scaled;
      squares += scaled * scaled;
    }
    RC_ASSERT(std::fabs(sum / static_cast<double>(count)) < 1e-9);
    RC_ASSERT(std::fabs(squares / static_cast<double>(count) - 1) < 1e-9);
  }
}

RC_GTEST_PROP(RobustScaler, IsTheSortedQuantiles, (std::uint64_t seed)) {
  Random random(seed);
  const std::size_t columns = 1 + random.below(3);
  const std::size_t count = 1 + random.below(40);
  std::vector<double> rows(columns * count);
  for (auto& value : rows) value = random.bernoulli(0.3) ? static_cast<double>(random.below(3)) : random.normal();
  const auto scaler = fit_scaler(ScalerKind::kRobust, rows, columns);
  for (std::size_t c = 0; c < columns; ++c) {
    std::vector<double> column;
    for (std::size_t i = 0; i < count; ++i) column.push_back(rows[i * columns + c]);
    const double range = sorted_quantile(column, 0.75) - sorted_quantile(column, 0.25);
    RC_ASSERT(std::fabs(scaler.center[c] - sorted_quantile(column, 0.5)) < 1e-12);
    RC_ASSERT(std::fabs(scaler.scale[c] - (range > 0 ? range : 1)) < 1e-12);
  }
}

RC_GTEST_PROP(Scalers, OrderOfRowsDoesNotChangeTheQuantiles, (std::uint64_t seed)) {
  Random random(seed);
  std::vector<double> column(1 + random.below(50));
  for (auto& value : column) value = random.normal();
  const auto before = fit_scaler(ScalerKind::kRobust, column, 1);
  random.shuffle(std::span(column));
  RC_ASSERT(fit_scaler(ScalerKind::kRobust, column, 1) == before);
}

}  // namespace
}  // namespace vigie::features
