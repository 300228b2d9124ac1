#include "training/binning.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/random.h"

namespace vigie::training {
namespace {

using model::Trend;
using testing::HasSubstr;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

struct Counts {
  std::vector<double> good{};
  std::vector<double> bad{};
  double least_all = 0;
  double least_each = 0;

  CutSearch search() const {
    return {.good = good,
            .bad = bad,
            .total_good = std::accumulate(good.begin(), good.end(), 3.0),  // and three missing ones
            .total_bad = std::accumulate(bad.begin(), bad.end(), 2.0),
            .least_all = least_all,
            .least_each = least_each};
  }
};

Counts draw(std::uint64_t seed) {
  Random random(seed);
  Counts counts{.least_all = static_cast<double>(random.below(60)), .least_each = static_cast<double>(random.below(6))};
  for (auto left = 1 + random.below(9); left > 0; --left) {
    counts.good.push_back(static_cast<double>(random.below(50)));
    counts.bad.push_back(static_cast<double>(random.below(20)));
  }
  return counts;
}

bool keeps(const std::vector<double>& risk, Trend trend) {
  const auto rises = [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from + 1; i < to; ++i) {
      if (risk[i] <= risk[i - 1]) return false;
    }
    return true;
  };
  const auto falls = [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from + 1; i < to; ++i) {
      if (risk[i] >= risk[i - 1]) return false;
    }
    return true;
  };
  for (std::size_t turn = 0; turn <= risk.size(); ++turn) {
    const bool at_end = turn == 0 || turn == risk.size();
    switch (trend) {
      case Trend::kRising: return rises(0, risk.size());
      case Trend::kFalling: return falls(0, risk.size());
      case Trend::kPeak:
        if (rises(0, turn) && falls(turn, risk.size())) return true;
        break;
      case Trend::kValley:
        if (falls(0, turn) && rises(turn, risk.size())) return true;
        break;
    }
    if (at_end && (rises(0, risk.size()) || falls(0, risk.size()))) return true;
  }
  return false;
}

// Of all ways to cut.
double most_information(const CutSearch& search, Trend trend) {
  const std::size_t size = search.good.size();
  double most = -1;
  for (std::size_t mask = 0; mask < std::size_t{1} << (size - 1); ++mask) {
    double value = 0;
    std::vector<double> risk;
    bool allowed = true;
    for (std::size_t begin = 0; begin < size && allowed;) {
      std::size_t end = begin + 1;
      while (end < size && (mask >> (end - 1) & 1) == 0) ++end;
      const double good = std::accumulate(search.good.begin() + begin, search.good.begin() + end, 0.0);
      const double bad = std::accumulate(search.bad.begin() + begin, search.bad.begin() + end, 0.0);
      allowed =
          good + bad >= search.least_all && good >= search.least_each && bad >= search.least_each && good + bad > 0;
      value += information_value(good, bad, search.total_good, search.total_bad);
      risk.push_back(bad / (good + bad));
      begin = end;
    }
    if (allowed && keeps(risk, trend)) most = std::max(most, value);
  }
  return most;
}

RC_GTEST_PROP(BestCuts, AreTheBestOfAll, (std::uint64_t seed)) {
  Counts counts = draw(seed);
  counts.least_each = std::max(counts.least_each, 1.0);  // risks of empty ranges compare with nothing
  const CutSearch search = counts.search();
  for (const Trend trend : {Trend::kRising, Trend::kFalling, Trend::kPeak, Trend::kValley}) {
    const Cuts cuts = best_cuts(search, trend);
    const double most = most_information(search, trend);
    RC_ASSERT(cuts.at.front() == 0u);
    RC_ASSERT(cuts.at.back() == counts.good.size());
    RC_ASSERT(std::ranges::is_sorted(cuts.at));
    if (most < 0) {
      RC_ASSERT(cuts.at.size() == 2u);  // no way is allowed: one range
      continue;
    }
    RC_ASSERT(std::fabs(cuts.information_value - most) <= 1e-12);
    double told = 0;
    for (std::size_t i = 0; i + 1 < cuts.at.size(); ++i) {
      double good = 0;
      double bad = 0;
      for (std::size_t at = cuts.at[i]; at < cuts.at[i + 1]; ++at) {
        good += counts.good[at];
        bad += counts.bad[at];
      }
      told += information_value(good, bad, search.total_good, search.total_bad);
    }
    RC_ASSERT(std::fabs(told - cuts.information_value) <= 1e-12);
  }
}

struct Rows {
  std::vector<double> values;
  std::vector<std::uint8_t> labels;
};

// Risk by value, as `risk` says it.
template <typename Risk>
Rows rows_with(std::size_t count, Risk risk) {
  Random random(5);
  Rows rows;
  for (std::size_t i = 0; i < count; ++i) {
    const double value = std::floor(random.uniform(0, 100));
    rows.values.push_back(value);
    rows.labels.push_back(random.bernoulli(risk(value)) ? 1 : 0);
  }
  return rows;
}

TEST(FitBinning, FindsTheTrendOfTheRisk) {
  const auto trend_of = [](auto risk) {
    const Rows rows = rows_with(20'000, risk);
    return fit_binning(rows.values, rows.labels, {}, {})->trend;
  };
  EXPECT_EQ(trend_of([](double x) { return 0.05 + x / 300; }), Trend::kRising);
  EXPECT_EQ(trend_of([](double x) { return 0.4 - x / 300; }), Trend::kFalling);
  EXPECT_EQ(trend_of([](double x) { return 0.4 - std::fabs(x - 50) / 150; }), Trend::kPeak);
  EXPECT_EQ(trend_of([](double x) { return 0.05 + std::fabs(x - 50) / 150; }), Trend::kValley);
}

TEST(FitBinning, ItsBinsCountTheRowsAndKeepTheTrend) {
  Rows rows = rows_with(20'000, [](double x) { return 0.05 + x / 300; });
  for (std::size_t i = 0; i < 600; ++i) rows.values[i] = i % 3 == 0 ? 98 : kMissing;
  const auto field = fit_binning(rows.values, rows.labels, {}, {.special = {98, 101}});
  ASSERT_TRUE(field) << field.error().to_string();
  std::vector<double> good(field->bins.size());
  std::vector<double> bad(field->bins.size());
  for (std::size_t i = 0; i < rows.values.size(); ++i) {
    (rows.labels[i] == 1 ? bad : good)[field->bin_of(rows.values[i])] += 1;
  }
  const std::size_t ranges = field->edges.size() + 1;
  ASSERT_EQ(field->bins.size(), ranges + 3);
  ASSERT_GT(ranges, 5u);
  for (std::size_t bin = 0; bin < field->bins.size(); ++bin) {
    EXPECT_EQ(field->bins[bin].good, good[bin]) << bin;
    EXPECT_EQ(field->bins[bin].bad, bad[bin]) << bin;
    EXPECT_EQ(field->bins[bin].log_odds, -field->bins[bin].woe) << bin;
    if (bin >= ranges) continue;
    EXPECT_GE(good[bin] + bad[bin], 0.01 * 20'000);
    EXPECT_GE(std::min(good[bin], bad[bin]), 20);
    if (bin > 0) {
      EXPECT_LT(field->bins[bin].woe, field->bins[bin - 1].woe) << "the risk rises";
    }
  }
  EXPECT_GT(field->bins[ranges].good, 100) << "98 is a value of its own";
  EXPECT_EQ(field->bins[ranges + 1].woe, 0) << "no row has 101";
  EXPECT_NE(field->bins.back().woe, 0) << "400 are missing";
}

TEST(FitBinning, AWholeWeightIsThatManyRows) {
  const Rows rows = rows_with(3'000, [](double x) { return 0.05 + x / 300; });
  Random random(9);
  std::vector<double> weights;
  Rows repeated;
  for (std::size_t i = 0; i < rows.values.size(); ++i) {
    weights.push_back(static_cast<double>(random.below(4)));
    repeated.values.insert(repeated.values.end(), static_cast<std::size_t>(weights.back()), rows.values[i]);
    repeated.labels.insert(repeated.labels.end(), static_cast<std::size_t>(weights.back()), rows.labels[i]);
  }
  const auto weighted = fit_binning(rows.values, rows.labels, weights, {});
  const auto plain = fit_binning(repeated.values, repeated.labels, {}, {});
  ASSERT_TRUE(weighted && plain);
  EXPECT_EQ(weighted->edges, plain->edges);
  EXPECT_EQ(weighted->information_value, plain->information_value);
}

TEST(FitBinning, AFieldThatSaysNothingOrIsAlwaysMissingHasOneRange) {
  const std::vector<std::uint8_t> labels = {0, 1, 0, 1, 0, 1};
  for (const std::vector<double>& values : {std::vector<double>(6, 7), std::vector<double>(6, kMissing)}) {
    const auto field = fit_binning(values, labels, {}, {});
    ASSERT_TRUE(field) << field.error().to_string();
    EXPECT_TRUE(field->edges.empty());
    EXPECT_EQ(field->bins.size(), 2u);
    EXPECT_NEAR(field->information_value, 0, 1e-12);
  }
}

TEST(FitBinning, RefusesWhatHasNoBins) {
  const std::vector<double> values = {1, 2, 3};
  const std::vector<std::uint8_t> labels = {0, 1, 0};
  const auto error = [&](BinningOptions options) {
    const auto field = fit_binning(values, labels, {}, options);
    return field ? std::string() : field.error().to_string();
  };
  EXPECT_THAT(error({.candidates = 1}), HasSubstr("candidates: it must be 2 to 200"));
  EXPECT_THAT(error({.least_share = 0.6}), HasSubstr("least_share"));
  EXPECT_THAT(error({.least_each = kMissing}), HasSubstr("least_each"));
  EXPECT_THAT(error({.turn_gain = -1}), HasSubstr("turn_gain"));
  EXPECT_THAT(error({.special = {kMissing}}), HasSubstr("special"));
  EXPECT_FALSE(fit_binning(values, std::vector<std::uint8_t>(3, 0), {}, {})) << "nobody defaults";
  const std::vector<double> infinite = {1, std::numeric_limits<double>::infinity(), 3};
  EXPECT_THAT(fit_binning(infinite, labels, {}, {}).error().to_string(), HasSubstr("2"));
}

}  // namespace
}  // namespace vigie::training
