#include "training/credit_training.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "dataset/simulate_credit.h"
#include "model/credit_contents.h"
#include "schema/applicant.h"

namespace vigie::training {
namespace {

using testing::HasSubstr;

struct Data {
  std::vector<CreditColumn> columns{};
  std::vector<std::uint8_t> labels{};
  std::vector<PeopleGroups> groups{};

  CreditTrainingData view() const { return {.data = {.columns = columns, .labels = labels}, .groups = groups}; }
};

Data simulated(std::uint64_t rows) {
  const auto table = dataset::simulate_credit({.seed = 11, .rows = rows});
  Data data;
  for (const schema::Field& field : schema::applicant_fields()) {
    if (field.type == schema::FieldType::kText) continue;
    CreditColumn& column = data.columns.emplace_back();
    column.field = {.name = std::string(field.name), .column = std::string(field.name)};
    column.values = *table->find(field.name)->to_numbers();
  }
  for (const std::int64_t label : table->find("defaut")->integers()) {
    data.labels.push_back(static_cast<std::uint8_t>(label));
  }
  data.groups.push_back(age_bands("age", data.columns[0].values));
  return data;
}

CreditTrainingOptions quick() {
  CreditTrainingOptions options{.folds = 3, .replicates = 0};
  options.boosted.rounds = 20;
  return options;
}

TEST(CreditTrainingTest, ForecastsAreGoodAndCalibratedAndPointsFollowThem) {
  const Data data = simulated(20'000);
  const auto result = train_credit(data.view(), quick());
  ASSERT_TRUE(result) << result.error().to_string();
  const model::CreditModel& model = result->model;
  ASSERT_TRUE(model::validate(model)) << model::validate(model).error().to_string();
  ASSERT_EQ(model.evaluation.scorers.size(), 2u);
  for (const auto& scorer : model.evaluation.scorers) {
    EXPECT_GT(scorer.roc_auc.value, 0.72) << scorer.scorer;
    EXPECT_LT(scorer.calibration_error.value, 0.01) << scorer.scorer;
  }
  // Age, income and unpaid debts go the way that the rule of the simulation says.
  const auto& fields = model.scorecard.fields;
  ASSERT_GE(fields.size(), 3u);
  EXPECT_EQ(fields[0].name, "age");
  EXPECT_EQ(fields[0].trend, model::Trend::kFalling);
  EXPECT_EQ(fields[1].trend, model::Trend::kFalling);
  EXPECT_EQ(fields[2].trend, model::Trend::kRising);
  // 600 points are 20 repaid to 1 in default, 50 more double that.
  EXPECT_DOUBLE_EQ(model.scorecard.scale.points_of(-std::log(20)), 600);
  EXPECT_NEAR(model.scorecard.scale.points_of(-std::log(40)), 650, 1e-9);
  EXPECT_NEAR(model.scorecard.scale.margin_at(650), -std::log(40), 1e-12);
  ASSERT_EQ(model.fairness.size(), 2u);
  double people = 0;
  for (const auto& group : model.fairness[0].groups) people += group.rows;
  EXPECT_EQ(people, 20'000);
  double counted = 0;
  for (std::size_t i = 0; i < model.reference.good.size(); ++i) {
    counted += model.reference.good[i] + model.reference.bad[i];
  }
  EXPECT_EQ(counted, 20'000);
  EXPECT_TRUE(model::make_contents(model));
}

TEST(CreditTrainingTest, EqualRowsGiveEqualBytesWhateverTheThreads) {
  const Data data = simulated(4'000);
  CreditTrainingOptions options = quick();
  const auto one = train_credit(data.view(), options);
  options.threads = 3;
  const auto three = train_credit(data.view(), options);
  options.seed = 2;
  const auto other = train_credit(data.view(), options);
  ASSERT_TRUE(one && three && other);
  EXPECT_EQ(*model::make_contents(one->model), *model::make_contents(three->model));
  EXPECT_NE(*model::make_contents(one->model), *model::make_contents(other->model));
}

// A text field: its categories stand in order of risk, and what no row had is unknown.
TEST(CreditTrainingTest, CategoriesAreBinnedByRisk) {
  Data data = simulated(6'000);
  CreditColumn home{.field = {.name = "home", .column = "home"}, .names = {"rent", "never", "own", "free"}};
  Random random(4);
  for (std::uint8_t& label : data.labels) {
    const double u = random.uniform();
    const bool bad = random.bernoulli(u < 0.4 ? 0.1 : u < 0.8 ? 0.02 : 0.4);
    label = bad ? 1 : 0;
    home.values.push_back(u < 0.4 ? 0 : u < 0.8 ? 2 : 3);
  }
  data.columns = {home};
  data.groups.clear();
  const auto result = train_credit(data.view(), quick());
  ASSERT_TRUE(result) << result.error().to_string();
  const model::CreditModel& model = result->model;
  EXPECT_THAT(model.fields[0].categories, testing::ElementsAre("own", "rent", "free"));
  const model::ScorecardField& field = model.scorecard.fields[0];
  EXPECT_EQ(field.categories, model.fields[0].categories);
  EXPECT_EQ(field.edges, (std::vector<double>{0, 1}));
  const auto points = [&](std::string_view category) {
    const double value = model::category_value(field.categories, category);
    return model.scorecard.scale.points_of(model.scorecard.margin({&value, 1}));
  };
  EXPECT_GT(points("own"), points("rent"));
  EXPECT_GT(points("rent"), points("free"));
  EXPECT_EQ(field.bin_of(model::category_value(field.categories, "castle")), field.missing_bin());
  EXPECT_NEAR(model.evaluation.scorers[0].roc_auc.value, model.evaluation.scorers[1].roc_auc.value, 0.02);
}

// A flag says the same whichever of its two values is called 1, even where hardly anybody has one of them.
TEST(CreditTrainingTest, MirroringAColumnChangesNothing) {
  for (const double share : {0.001, 0.015, 0.3}) {
    Data data = simulated(20'000);
    CreditColumn flag{.field = {.name = "flag", .column = "flag"}};
    Random random(6);
    for (std::uint8_t& label : data.labels) {
      const bool flagged = random.bernoulli(share);
      if (flagged && random.bernoulli(0.7)) label = 1;
      flag.values.push_back(flagged ? 1 : 0);
    }
    data.columns.push_back(flag);
    const auto straight = train_credit(data.view(), quick());
    for (double& value : data.columns.back().values) value = 1 - value;
    const auto mirrored = train_credit(data.view(), quick());
    ASSERT_TRUE(straight && mirrored);
    for (std::size_t member = 0; member < 2; ++member) {
      EXPECT_NEAR(straight->model.folds[member].mean, mirrored->model.folds[member].mean, 1e-3)
          << share << " " << straight->model.folds[member].scorer;
    }
  }
}

// Outcomes by lot: what a fit finds in them is not in the other folds.
TEST(CreditTrainingTest, RefusesToForecastByChance) {
  Data data = simulated(3'000);
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Random random(seed);
    for (std::uint8_t& label : data.labels) label = random.bernoulli(0.1) ? 1 : 0;
    const auto result = train_credit(data.view(), quick());
    if (result) {
      EXPECT_TRUE(model::validate(result->model)) << seed;
      EXPECT_LT(result->model.folds[0].mean, 0.56) << seed;
    } else {
      EXPECT_EQ(result.error().code, Code::kInvalidData) << result.error().to_string();
    }
  }
}

TEST(CreditTrainingTest, SaysWhatItCannotLearnFrom) {
  Data data = simulated(500);
  const auto outcome = [&](const CreditTrainingOptions& options) {
    const auto result = train_credit(data.view(), options);
    return result ? "accepted" : result.error().to_string();
  };
  CreditTrainingOptions options = quick();
  options.folds = 1;
  EXPECT_THAT(outcome(options), HasSubstr("folds: 1 is out of range"));
  options = quick();
  options.thresholds.accepted = 810;
  EXPECT_THAT(outcome(options), HasSubstr("low, accepted, excellent"));
  options.thresholds.excellent = 900;
  EXPECT_THAT(outcome(options), HasSubstr("thresholds.excellent: 900 is beyond the scale"));
  std::ranges::fill(data.labels, 0);
  EXPECT_NE(outcome(quick()), "accepted");
  data.columns.clear();
  EXPECT_THAT(outcome(quick()), HasSubstr("there are none to learn from"));
}

}  // namespace
}  // namespace vigie::training
