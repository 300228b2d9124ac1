#include "scoring/adverse_action.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/random.h"

namespace vigie::scoring {
namespace {

using model::Scorecard;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Scorecard draw(Random& random) {
  Scorecard scorecard{.intercept = -2};
  for (std::size_t i = 0; i < 6; ++i) {
    model::ScorecardField field{.name = "field" + std::to_string(i)};
    for (auto edges = random.below(5); edges > 0; --edges) {
      field.edges.push_back((field.edges.empty() ? 0 : field.edges.back()) + 1 + static_cast<double>(random.below(9)));
    }
    if (random.bernoulli(0.3)) field.special = {-1};
    for (std::size_t bin = 0; bin < field.edges.size() + 2 + field.special.size(); ++bin) {
      field.bins.push_back({.log_odds = random.normal(),
                            .good = static_cast<double>(random.below(100)),
                            .bad = static_cast<double>(random.below(100))});
    }
    scorecard.fields.push_back(std::move(field));
  }
  return scorecard;
}

std::vector<double> draw_row(Random& random) {
  std::vector<double> row;
  for (std::size_t i = 0; i < 6; ++i) {
    row.push_back(random.bernoulli(0.1) ? kMissing : static_cast<double>(random.below(40)) - 1);
  }
  return row;
}

double points(const Scorecard& scorecard, const std::vector<double>& row) {
  return scorecard.scale.points_of(scorecard.margin(row));
}

// The score of a row one of whose fields gives its baseline: by a scorecard in which all its bins do.
double with_baseline(Scorecard scorecard, const std::vector<double>& row, std::size_t field) {
  const double baseline = baseline_points(scorecard, field);
  for (model::ScorecardBin& bin : scorecard.fields[field].bins) bin.log_odds = -baseline / scorecard.scale.factor();
  return points(scorecard, row);
}

RC_GTEST_PROP(PointsLost, AReasonsPointsAreWhatTheScoreChangesByWithoutIt, (std::uint64_t seed)) {
  Random random(seed);
  const Scorecard scorecard = draw(random);
  const std::vector<double> row = draw_row(random);
  const auto lost = points_lost(scorecard, row, row.size());
  for (std::size_t i = 0; i < lost.size(); ++i) {
    RC_ASSERT(lost[i].points > 0);
    RC_ASSERT(std::fabs(with_baseline(scorecard, row, lost[i].field) - points(scorecard, row) - lost[i].points) < 1e-9);
    if (i > 0) RC_ASSERT(lost[i].points <= lost[i - 1].points);
  }
  // And the fields that are not named cost nothing.
  for (std::size_t field = 0; field < row.size(); ++field) {
    if (std::ranges::find(lost, field, &PointsLost::field) != lost.end()) continue;
    RC_ASSERT(with_baseline(scorecard, row, field) <= points(scorecard, row) + 1e-9);
  }
  RC_ASSERT(points_lost(scorecard, row).size() == std::min<std::size_t>(lost.size(), 4));
}

TEST(PointsLost, NamesTheValueThatWouldHaveMattered) {
  const Scorecard scorecard{
      .fields = {{.name = "late",
                  .edges = {0, 2},
                  .bins = {{.log_odds = -1, .good = 80}, {.log_odds = 0.5, .good = 15}, {.log_odds = 2, .bad = 5}, {}}},
                 {.name = "age",
                  .edges = {30},
                  .bins = {{.log_odds = 0.4, .good = 50}, {.log_odds = -0.4, .good = 50}, {.log_odds = 0.1}}}},
      .intercept = -3};
  const auto lost = points_lost(scorecard, std::vector<double>{3, 25});
  ASSERT_EQ(lost.size(), 2u);
  EXPECT_EQ(lost[0].field, 0u);
  EXPECT_EQ(lost[0].enough, (Bound{.limit = 0, .above = false})) << "no late payment";
  EXPECT_EQ(lost[1].field, 1u);
  EXPECT_EQ(lost[1].enough, (Bound{.limit = 30, .above = true}));
  EXPECT_NEAR(lost[1].points, 0.4 * scorecard.scale.factor(), 1e-9);
  EXPECT_TRUE(points_lost(scorecard, std::vector<double>{0, 40}).empty()) << "nothing was lost";
  const auto missing = points_lost(scorecard, std::vector<double>{0, kMissing});
  ASSERT_EQ(missing.size(), 1u);
  EXPECT_EQ(missing[0].enough, std::nullopt);
}

}  // namespace
}  // namespace vigie::scoring
