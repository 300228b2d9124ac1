#include "training/scorecard_fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/random.h"
#include "model/combination.h"
#include "training/metrics.h"
#include "training/woe_regression.h"

namespace vigie::training {
namespace {

using model::Trend;
using testing::HasSubstr;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

// Applicants whose log odds of default are known: -2 + (age falls) + (late rises) + (debt has a peak).
struct Applicants {
  std::vector<double> age;
  std::vector<double> late;
  std::vector<double> late_again;  // nearly the same
  std::vector<double> debt;
  std::vector<double> shoe;  // says nothing
  std::vector<double> odds;  // the true log odds
  std::vector<std::uint8_t> labels;

  std::vector<ScorecardColumn> columns() const {
    return {{.name = "age", .values = age},
            {.name = "late", .values = late},
            {.name = "late_again", .values = late_again},
            {.name = "debt", .values = debt},
            {.name = "shoe", .values = shoe}};
  }
  std::vector<double> row(const ScorecardFit& fit, std::size_t index) const {
    std::vector<double> values;
    for (const std::size_t column : fit.used) values.push_back(columns()[column].values[index]);
    return values;
  }
};

Applicants draw(std::size_t count, std::uint64_t seed = 3) {
  Random random(seed);
  Applicants all;
  for (std::size_t i = 0; i < count; ++i) {
    const double age = std::floor(random.uniform(18, 80));
    const double late = static_cast<double>(random.poisson(0.5));
    const double debt = random.uniform();
    const double odds = -2 - (age - 50) / 25 + 0.8 * std::min(late, 3.0) + 2 * (0.5 - std::fabs(debt - 0.5));
    all.age.push_back(age);
    all.late.push_back(late);
    all.late_again.push_back(random.bernoulli(0.9) ? late : late + 1);
    all.debt.push_back(random.bernoulli(0.05) ? kMissing : debt);
    all.shoe.push_back(random.uniform(35, 47));
    all.odds.push_back(odds);
    all.labels.push_back(random.bernoulli(model::sigmoid(odds)) ? 1 : 0);
  }
  return all;
}

double auc(const Applicants& all, const std::vector<double>& scores) { return roc_auc(rank(scores, all.labels, {})); }

TEST(FitScorecard, FindsTheOddsThatMadeTheData) {
  const Applicants all = draw(40'000);
  const auto fit = fit_scorecard(all.columns(), all.labels, {}, {});
  ASSERT_TRUE(fit) << fit.error().to_string();
  EXPECT_TRUE(model::validate(fit->scorecard));
  const Applicants others = draw(20'000, 4);
  std::vector<double> margins;
  double bias = 0;
  double defaults = 0;
  for (std::size_t i = 0; i < others.labels.size(); ++i) {
    margins.push_back(fit->scorecard.margin(others.row(*fit, i)));
    bias += model::sigmoid(margins.back());
    defaults += others.labels[i];
  }
  EXPECT_GT(auc(others, margins), auc(others, others.odds) - 0.005) << "as good as the truth, nearly";
  EXPECT_NEAR(bias / defaults, 1, 0.03);
}

TEST(FitScorecard, EveryFieldKeepsItsTrend) {
  const Applicants all = draw(40'000);
  const auto fit = fit_scorecard(all.columns(), all.labels, {}, {});
  ASSERT_TRUE(fit);
  const auto field = [&](std::string_view name) -> const model::ScorecardField& {
    return *std::ranges::find(fit->scorecard.fields, name, &model::ScorecardField::name);
  };
  EXPECT_EQ(field("age").trend, Trend::kFalling);
  EXPECT_EQ(field("late").trend, Trend::kRising);
  EXPECT_EQ(field("debt").trend, Trend::kPeak);
  const auto& ages = field("age").bins;
  for (std::size_t i = 1; i + 1 < ages.size(); ++i) EXPECT_LE(ages[i].log_odds, ages[i - 1].log_odds) << i;
  const auto& lates = field("late").bins;
  for (std::size_t i = 1; i + 1 < lates.size(); ++i) EXPECT_GE(lates[i].log_odds, lates[i - 1].log_odds) << i;
}

TEST(FitScorecard, SaysWhichFieldsItLeavesOutAndWhy) {
  const Applicants all = draw(20'000);
  const auto fit = fit_scorecard(all.columns(), all.labels, {}, {});
  ASSERT_TRUE(fit);
  ASSERT_EQ(fit->left_out.size(), 1u);
  EXPECT_EQ(fit->left_out[0].name, "shoe");
  EXPECT_EQ(fit->left_out[0].why, LeftOut::Why::kLittleInformation);
  EXPECT_EQ(fit->used, (std::vector<std::size_t>{0, 1, 2, 3}));
}

// Income that means risk beside age and by itself means none: its evidence would count the wrong way.
TEST(FitScorecard, AFieldWhoseEvidenceWouldCountTheWrongWayIsLeftOut) {
  Random random(8);
  std::vector<double> first;
  std::vector<double> second;
  std::vector<std::uint8_t> labels;
  for (int i = 0; i < 30'000; ++i) {
    const double x = random.normal();
    first.push_back(x);
    second.push_back(x + random.normal(0, 0.5));
    labels.push_back(random.bernoulli(model::sigmoid(-1 + 2 * x - 0.8 * second.back())) ? 1 : 0);
  }
  const auto fit = fit_scorecard(
      std::vector<ScorecardColumn>{{.name = "first", .values = first}, {.name = "second", .values = second}}, labels,
      {}, {});
  ASSERT_TRUE(fit);
  ASSERT_EQ(fit->left_out.size(), 1u);
  EXPECT_EQ(fit->left_out[0].name, "second");
  EXPECT_EQ(fit->left_out[0].why, LeftOut::Why::kOtherFieldsSayIt);
}

TEST(FitScorecard, AWholeWeightIsThatManyRows) {
  const Applicants all = draw(4'000);
  Random random(9);
  std::vector<double> weights;
  std::vector<double> age;
  std::vector<std::uint8_t> labels;
  for (std::size_t i = 0; i < all.age.size(); ++i) {
    weights.push_back(static_cast<double>(random.below(3)));
    age.insert(age.end(), static_cast<std::size_t>(weights.back()), all.age[i]);
    labels.insert(labels.end(), static_cast<std::size_t>(weights.back()), all.labels[i]);
  }
  const auto weighted =
      fit_scorecard(std::vector<ScorecardColumn>{{.name = "age", .values = all.age}}, all.labels, weights, {});
  const auto plain = fit_scorecard(std::vector<ScorecardColumn>{{.name = "age", .values = age}}, labels, {}, {});
  ASSERT_TRUE(weighted && plain);
  for (double value = 18; value < 80; ++value) {
    EXPECT_NEAR(weighted->scorecard.margin({&value, 1}), plain->scorecard.margin({&value, 1}), 1e-9) << value;
  }
}

TEST(FitScorecard, RefusesWhatItCannotLearnFrom) {
  const Applicants all = draw(20'000);
  const auto error = [&](const std::vector<ScorecardColumn>& columns, std::span<const std::uint8_t> labels,
                         ScorecardOptions options = {}) {
    const auto fit = fit_scorecard(columns, labels, {}, options);
    return fit ? std::string() : fit.error().to_string();
  };
  EXPECT_THAT(error({}, all.labels), HasSubstr("no columns"));
  EXPECT_THAT(error({{.name = "age", .values = all.age}}, std::span(all.labels).first(10)), HasSubstr("age"));
  EXPECT_THAT(error({{.name = "shoe", .values = all.shoe}}, all.labels), HasSubstr("no field says anything"));
  EXPECT_THAT(error(all.columns(), all.labels, {.draw = 0}), HasSubstr("draw"));
  EXPECT_THAT(error(all.columns(), all.labels, {.least_information = -1}), HasSubstr("least_information"));
  std::vector<double> infinite = all.age;
  infinite[7] = std::numeric_limits<double>::infinity();
  EXPECT_THAT(error({{.name = "age", .values = infinite}}, all.labels), HasSubstr("age"));
}

// By its gradient: at the fit no slope of the likelihood is left.
TEST(WoeRegression, EndsWhereTheLikelihoodIsFlat) {
  const Applicants all = draw(5'000);
  const std::vector<std::vector<double>> columns = {all.age, all.late, all.late};
  const WoeRegression fit = fit_woe_regression(columns, all.labels, {});
  std::vector<double> gradient(4);
  for (std::size_t row = 0; row < all.labels.size(); ++row) {
    double margin = fit.intercept;
    for (std::size_t i = 0; i < 3; ++i) margin += fit.slopes[i] * columns[i][row];
    const double residual = all.labels[row] - model::sigmoid(margin);
    for (std::size_t i = 0; i < 3; ++i) gradient[i] += residual * columns[i][row];
    gradient[3] += residual;
  }
  for (const double slope : gradient) EXPECT_NEAR(slope / 5'000, 0, 1e-6);
  EXPECT_TRUE(fit.slopes[1] == 0 || fit.slopes[2] == 0) << "the same column twice counts once";
}

}  // namespace
}  // namespace vigie::training
