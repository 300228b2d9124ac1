#include "features/card.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "base/random.h"

namespace vigie::features {
namespace {

using schema::AmountStatistics;
using schema::kCardComponents;
using schema::kCardInputs;
using schema::kCardRaw;
using Raw = std::array<double, kCardRaw>;
using Features = std::array<double, kCardInputs>;

Features features_of(const Raw& raw, const AmountStatistics& amount = {.mean = 0, .deviation = 1}) {
  Features out{};
  card_features(raw, amount, out);
  return out;
}

std::array<float, kCardInputs> inputs_of(const Raw& raw, const schema::CardInputs& fitted) {
  std::array<float, kCardInputs> out{};
  card_inputs(raw, fitted, out);
  return out;
}

Raw random_raw(Random& random) {
  Raw raw{};
  raw[0] = random.uniform(0, 172'792);
  raw[1] = std::exp(random.normal(3, 1.6));
  for (std::size_t i = 2; i < raw.size(); ++i) raw[i] = random.normal(0, 1.5);
  return raw;
}

// The formulas of docs/features.md one at a time, in the order a reader meets them and with long double inside.
std::vector<double> slow_engineered(const Raw& raw, const AmountStatistics& statistics) {
  const long double amount = raw[1];
  const std::vector<long double> v(raw.begin() + 2, raw.end());
  long double mean = 0;
  for (const auto x : v) mean += x / 28;
  long double variance = 0;
  for (const auto x : v) variance += (x - mean) * (x - mean) / 27;
  long double largest = 0;
  long double mean_absolute = 0;
  for (const auto x : v) {
    largest = std::max(largest, std::fabs(x));
    mean_absolute += std::fabs(x) / 28;
  }
  const long double values[] = {(amount - statistics.mean) / statistics.deviation,
                                std::log(1 + amount),
                                std::fabs(v[0]) / (std::fabs(v[1]) + 0.0001L),
                                amount > 1000 ? 1.0L : 0.0L,
                                variance,
                                largest,
                                mean_absolute};
  return {std::begin(values), std::end(values)};
}

TEST(CardFeatures, HandWorkedRow) {
  // V1 = -3, V2 = 2, V3 = 1, the other 25 are 0; Amount 1100 where the training mean is 100 and the deviation 250.
  Raw raw{};
  raw[0] = 406;
  raw[1] = 1100;
  raw[2] = -3;
  raw[3] = 2;
  raw[4] = 1;
  const auto out = features_of(raw, {.mean = 100, .deviation = 250});
  EXPECT_EQ(out[0], -3);
  EXPECT_EQ(out[1], 2);
  EXPECT_EQ(out[2], 1);
  for (std::size_t i = 3; i < kCardComponents; ++i) EXPECT_EQ(out[i], 0) << i;
  EXPECT_EQ(out[28], 4);                         // (1100 - 100) / 250
  EXPECT_DOUBLE_EQ(out[29], 7.003974136722680);  // ln 1101
  EXPECT_DOUBLE_EQ(out[30], 3 / 2.0001);         // |V1| / (|V2| + 1e-4)
  EXPECT_EQ(out[31], 1);                         // 1100 > 1000
  EXPECT_DOUBLE_EQ(out[32], 14.0 / 27);          // the sum is 0, so (9 + 4 + 1) / 27
  EXPECT_EQ(out[33], 3);
  EXPECT_DOUBLE_EQ(out[34], 6.0 / 28);
}

// Against long double, from denormals to the largest double, and around every power of two.
TEST(CardFeatures, LogarithmOfTheAmountIsWithinTwoUnitsOfTheLastPlace) {
  const auto check = [](double amount) {
    Raw raw{};
    raw[1] = amount;
    const double expected = static_cast<double>(std::log1p(static_cast<long double>(amount)));
    const double unit = std::nextafter(expected, std::numeric_limits<double>::infinity()) - expected;
    ASSERT_LE(std::fabs(features_of(raw)[29] - expected), 2 * unit) << amount;
  };
  check(0);
  for (int exponent = -1074; exponent < 1024; ++exponent) {
    const double power = std::ldexp(1.0, exponent);
    for (const double amount : {power, std::nextafter(power, 0.0), power * 1.25, power * 1.4142135623730951})
      check(amount);
  }
  Random random(3);
  for (int i = 0; i < 200'000; ++i) check(std::exp(random.uniform(-40, 40)));
}

TEST(CardFeatures, AmountOfExactlyAThousandIsNotHigh) {
  Raw raw{};
  raw[1] = 1000;
  EXPECT_EQ(features_of(raw)[31], 0);
  raw[1] = std::nextafter(1000.0, 2000.0);
  EXPECT_EQ(features_of(raw)[31], 1);
}

TEST(CardFeatures, ZeroV2DoesNotDivideByZero) {
  Raw raw{};
  raw[2] = 5;
  EXPECT_DOUBLE_EQ(features_of(raw)[30], 50'000);
}

RC_GTEST_PROP(CardFeatures, AreTheFormulas, (std::uint64_t seed)) {
  Random random(seed);
  const Raw raw = random_raw(random);
  const AmountStatistics statistics{.mean = random.uniform(0, 200), .deviation = random.uniform(1, 500)};
  const auto out = features_of(raw, statistics);
  RC_ASSERT(std::equal(raw.begin() + 2, raw.end(), out.begin()));
  const auto expected = slow_engineered(raw, statistics);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    RC_ASSERT(std::fabs(out[kCardComponents + i] - expected[i]) <= 1e-13 * std::max(1.0, std::fabs(expected[i])));
  }
}

RC_GTEST_PROP(CardFeatures, TimeChangesNothing, (std::uint64_t seed)) {
  Random random(seed);
  Raw raw = random_raw(random);
  const auto before = features_of(raw);
  raw[0] = random.uniform(0, 1e6);
  RC_ASSERT(features_of(raw) == before);
}

TEST(CardFeatures, VarianceDoesNotCancelFarFromZero) {
  // Twenty-eight values of 1e8 and 1e8 + 1: the mean of squares minus the squared mean would give noise here.
  Raw raw{};
  for (std::size_t i = 0; i < kCardComponents; ++i) raw[2 + i] = 1e8 + static_cast<double>(i % 2);
  EXPECT_NEAR(features_of(raw)[32], 28 * 0.25 / 27, 1e-9);
}

RC_GTEST_PROP(CardInputs, AreTheFeaturesScaledAsFloat, (std::uint64_t seed)) {
  Random random(seed);
  const Raw raw = random_raw(random);
  schema::CardInputs fitted{.amount = {.mean = 88, .deviation = 250}, .scaler = {}};
  fitted.scaler.kind = schema::ScalerKind::kStandard;
  for (std::size_t i = 0; i < kCardInputs; ++i) {
    fitted.scaler.center.push_back(random.normal());
    fitted.scaler.scale.push_back(random.uniform(0.1, 3));
  }
  const auto features = features_of(raw, fitted.amount);
  const auto inputs = inputs_of(raw, fitted);
  for (std::size_t i = 0; i < kCardInputs; ++i) {
    RC_ASSERT(inputs[i] == static_cast<float>((features[i] - fitted.scaler.center[i]) * (1 / fitted.scaler.scale[i])));
  }
}

// Blocks of every size, with values from denormals to the largest: the columns hold the rows' bits, and 0 beyond them.
TEST(CardTransform, ABlockHasTheBitsOfItsRows) {
  Random random(5);
  schema::CardInputs fitted{.amount = {.mean = 88, .deviation = 250}, .scaler = {}};
  fitted.scaler.kind = schema::ScalerKind::kStandard;
  for (std::size_t i = 0; i < kCardInputs; ++i) {
    fitted.scaler.center.push_back(random.normal());
    fitted.scaler.scale.push_back(i == 7 ? 1e-310 : random.uniform(0.1, 3));
  }
  const CardTransform transform(fitted);
  constexpr std::size_t kRows = CardTransform::kBlockRows;
  const double special[] = {0.0, -0.0, 1e308, -1e308, 1e39, 5e-324, -2e-310, 1000, 1e-4};
  for (std::size_t count = 0; count <= kRows; ++count) {
    std::vector<double> rows;
    for (std::size_t r = 0; r < count; ++r) {
      Raw raw = random_raw(random);
      for (double& value : raw) {
        if (random.bernoulli(0.1)) value = special[random.below(std::size(special))];
      }
      raw[1] = std::fabs(raw[1]);
      rows.insert(rows.end(), raw.begin(), raw.end());
    }
    std::array<float, kCardInputs * kRows> columns;
    columns.fill(-7);
    transform.block(rows, columns);
    for (std::size_t r = 0; r < kRows; ++r) {
      std::array<float, kCardInputs> expected{};
      if (r < count) transform.row(CardRaw(rows.data() + r * kCardRaw, kCardRaw), expected);
      for (std::size_t f = 0; f < kCardInputs; ++f) {
        ASSERT_EQ(std::bit_cast<std::uint32_t>(columns[f * kRows + r]), std::bit_cast<std::uint32_t>(expected[f]))
            << "row " << r << " of " << count << ", input " << f;
      }
    }
  }
}

TEST(CardInputs, FiniteInputsGiveFiniteInputsHoweverLarge) {
  constexpr double kLargest = std::numeric_limits<double>::max();
  constexpr float kLargestFloat = std::numeric_limits<float>::max();
  for (const double value : {kLargest, -kLargest, 1e200, -1e39, std::numeric_limits<double>::denorm_min()}) {
    for (const bool alternate : {false, true}) {
      Raw raw{};
      raw[1] = std::fabs(value);
      for (std::size_t i = 2; i < raw.size(); ++i) raw[i] = alternate && i % 2 == 0 ? -value : value;
      for (const float input : inputs_of(raw, {.amount = {.mean = 88, .deviation = 0.01}, .scaler = {}})) {
        EXPECT_TRUE(std::isfinite(input) && std::fabs(input) <= kLargestFloat) << value << ' ' << alternate;
      }
    }
  }
}

TEST(FitAmount, MeanAndSampleDeviation) {
  const std::vector<double> amounts = {2, 4, 4, 4, 5, 5, 7, 9};
  const auto fitted = fit_amount(amounts);
  EXPECT_DOUBLE_EQ(fitted.mean, 5);
  EXPECT_DOUBLE_EQ(fitted.deviation, std::sqrt(32.0 / 7));
}

TEST(FitAmount, ConstantSingleAndNoAmountsGetDeviationOne) {
  EXPECT_EQ(fit_amount(std::vector<double>{3.3, 3.3, 3.3}), (AmountStatistics{.mean = 3.3, .deviation = 1}));
  EXPECT_EQ(fit_amount(std::vector<double>{7}), (AmountStatistics{.mean = 7, .deviation = 1}));
  for (int i = 1; i < 100; ++i) {
    const std::vector<double> same(3, i / 7.0);
    EXPECT_EQ(fit_amount(same, std::vector<double>{0, 3, 2}), (AmountStatistics{.mean = i / 7.0, .deviation = 1}));
  }
  EXPECT_EQ(fit_amount({}), (AmountStatistics{.mean = 0, .deviation = 1}));
}

RC_GTEST_PROP(FitAmount, AWholeWeightIsThatManyRows, (std::uint64_t seed)) {
  Random random(seed);
  std::vector<double> amounts;
  std::vector<double> weights;
  std::vector<double> repeated;
  for (auto left = 2 + random.below(30); left > 0; --left) {
    amounts.push_back(std::exp(random.normal(3, 1.5)));
    weights.push_back(static_cast<double>(random.below(4)));
    repeated.insert(repeated.end(), static_cast<std::size_t>(weights.back()), amounts.back());
  }
  const auto weighted = fit_amount(amounts, weights);
  const auto plain = fit_amount(repeated);
  RC_ASSERT(std::fabs(weighted.mean - plain.mean) <= 1e-11 * std::max(1.0, plain.mean));
  RC_ASSERT(std::fabs(weighted.deviation - plain.deviation) <= 1e-9 * std::max(1.0, plain.deviation));
}

TEST(FitAmount, DoesNotCancelFarFromZero) {
  EXPECT_NEAR(fit_amount(std::vector<double>{1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16}).deviation, std::sqrt(30.0), 1e-7);
}

}  // namespace
}  // namespace vigie::features
