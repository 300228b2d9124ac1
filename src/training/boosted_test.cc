#include "training/boosted.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "model/formats/xgboost.h"
#include "scoring/scorer.h"
#include "training/libxgboost_scores.h"

namespace vigie::training {
namespace {

using testing::HasSubstr;

struct Data {
  std::vector<float> rows;
  std::vector<std::uint8_t> labels;
  std::vector<float> weights;
  std::uint32_t features = 0;

  BoostedRows view() const { return {rows, labels, weights, features, {}}; }
};

// A label that depends on the first two features, with noise; the third is coarse, so that thresholds meet values.
Data make_data(std::uint64_t seed, std::size_t count, std::uint32_t features = 5) {
  Random random(seed);
  Data data{.rows = {}, .labels = {}, .weights = {}, .features = features};
  for (std::size_t i = 0; i < count; ++i) {
    for (std::uint32_t f = 0; f < features; ++f) {
      const double value = random.normal();
      data.rows.push_back(static_cast<float>(f == 2 ? std::round(2 * value) / 2 : value));
    }
    const auto first = static_cast<double>(data.rows[i * features]);
    const auto second = static_cast<double>(data.rows[i * features + 1]);
    data.labels.push_back(random.bernoulli(1 / (1 + std::exp(-(2 * first + first * second - 1)))) ? 1 : 0);
    data.weights.push_back(data.labels.back() != 0 ? 1.0f : 3.5f);
  }
  return data;
}

BoostedOptions quick_boosting() {
  BoostedOptions options;
  options.rounds = 12;
  return options;
}

TEST(Boosted, PredictsBitForBitWhatLibxgboostPredicts) {
  const Data data = make_data(1, 3000);
  const auto trained = train_boosted(data.view(), quick_boosting());
  ASSERT_TRUE(trained) << trained.error().to_string();
  EXPECT_EQ(trained->rounds, 12u);
  const auto forest = model::parse_xgboost_json(trained->json);
  ASSERT_TRUE(forest);
  ASSERT_EQ(forest->forest.trees.size(), 12u);
  const auto scorer = scoring::make_boosted_scorer(*forest);
  ASSERT_TRUE(scorer);

  // Random rows, and rows with each threshold of the model exactly, one bit below and one above it.
  std::vector<float> rows = make_data(2, 2000).rows;
  for (const model::Tree& tree : forest->forest.trees) {
    for (const model::Node& node : tree.nodes) {
      if (node.is_leaf()) continue;
      for (const float value :
           {node.threshold, std::nextafter(node.threshold, -1e30f), std::nextafter(node.threshold, 1e30f)}) {
        std::vector<float> row(data.features, 0.25f);
        row[static_cast<std::size_t>(node.feature)] = value;
        rows.insert(rows.end(), row.begin(), row.end());
      }
    }
  }
  const std::size_t count = rows.size() / data.features;
  std::vector<double> ours(count);
  (*scorer)->score(rows, ours);

  const std::vector<double> theirs = libxgboost_scores(trained->json, rows, data.features);
  ASSERT_EQ(theirs.size(), count);
  for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(ours[i], theirs[i]) << "row " << i;
}

TEST(Boosted, ThreadsAndRepeatsDoNotChangeAByte) {
  const Data data = make_data(3, 4000);
  BoostedOptions options = quick_boosting();
  options.subsample = 0.8;
  options.others = {{"colsample_bynode", "0.5"}};
  options.seed = 77;
  options.threads = 1;
  const auto one = train_boosted(data.view(), options);
  const auto again = train_boosted(data.view(), options);
  options.threads = 2;
  const auto two = train_boosted(data.view(), options);
  options.threads = 8;
  const auto eight = train_boosted(data.view(), options);
  ASSERT_TRUE(one && again && two && eight);
  EXPECT_EQ(one->json, again->json);
  EXPECT_EQ(one->json, two->json);
  EXPECT_EQ(one->json, eight->json);
  options.seed = 78;
  EXPECT_NE(train_boosted(data.view(), options)->json, one->json);
}

TEST(Boosted, WeightsCountAsRepeatedRows) {
  Data weighted = make_data(4, 500);
  Data repeated{.rows = {}, .labels = {}, .weights = {}, .features = weighted.features};
  for (std::size_t i = 0; i < weighted.labels.size(); ++i) {
    weighted.weights[i] = weighted.labels[i] != 0 ? 1.0f : 3.0f;
    for (int k = 0; k < static_cast<int>(weighted.weights[i]); ++k) {
      const auto row = std::span(weighted.rows).subspan(i * weighted.features, weighted.features);
      repeated.rows.insert(repeated.rows.end(), row.begin(), row.end());
      repeated.labels.push_back(weighted.labels[i]);
    }
  }
  BoostedOptions options = quick_boosting();
  options.tree_method = "exact";  // hist draws its bins from weighted quantiles, which are approximate
  const auto a = train_boosted(weighted.view(), options);
  const auto b = train_boosted(repeated.view(), options);
  ASSERT_TRUE(a && b);
  const auto left = model::parse_xgboost_json(a->json);
  const auto right = model::parse_xgboost_json(b->json);
  for (std::size_t i = 0; i < 50; ++i) {
    const auto row = std::span<const float>(weighted.rows).subspan(i * weighted.features, weighted.features);
    EXPECT_NEAR(scoring::reference_score(*left, row), scoring::reference_score(*right, row), 1e-4);
  }
}

TEST(Boosted, MonotoneConstraintsHold) {
  const Data data = make_data(5, 2000);
  BoostedOptions options = quick_boosting();
  ASSERT_TRUE(set_boosted_parameter(options, "monotone_constraints", "(1,0,0,-1,0)"));
  const auto trained = train_boosted(data.view(), options);
  ASSERT_TRUE(trained) << trained.error().to_string();
  const auto forest = model::parse_xgboost_json(trained->json);
  for (std::size_t i = 0; i < 100; ++i) {
    std::vector<float> row(data.rows.begin() + static_cast<std::ptrdiff_t>(i * 5),
                           data.rows.begin() + static_cast<std::ptrdiff_t>(i * 5 + 5));
    double before_rising = 0;
    double before_falling = 1;
    for (float x = -3; x <= 3; x += 0.25f) {
      std::vector<float> rising = row;
      rising[0] = x;
      std::vector<float> falling = row;
      falling[3] = x;
      EXPECT_GE(scoring::reference_score(*forest, rising), before_rising);
      EXPECT_LE(scoring::reference_score(*forest, falling), before_falling);
      before_rising = scoring::reference_score(*forest, rising);
      before_falling = scoring::reference_score(*forest, falling);
    }
  }
}

TEST(Boosted, EarlyStoppingKeepsTheBestRound) {
  const Data data = make_data(6, 400);
  const Data validation = make_data(7, 400);
  BoostedOptions options = quick_boosting();
  options.rounds = 300;
  options.eta = 0.5;
  for (const std::string metric : {"logloss", "aucpr"}) {
    options.early_stopping = {.rounds = 5, .metric = metric};
    const BoostedRows stop_on = validation.view();
    std::uint32_t reported = 0;
    const auto trained = train_boosted(data.view(), options, &stop_on, [&](std::uint32_t round) { reported = round; });
    ASSERT_TRUE(trained) << trained.error().to_string();
    EXPECT_LT(trained->rounds, 100u);
    EXPECT_EQ(reported, trained->rounds + 5);
    EXPECT_EQ(model::parse_xgboost_json(trained->json)->forest.trees.size(), trained->rounds);
  }
  EXPECT_THAT(train_boosted(data.view(), options).error().message, HasSubstr("validation rows"));
}

TEST(Boosted, ANameThatXgboostDoesNotKnowIsAnError) {
  const Data data = make_data(8, 200);
  BoostedOptions options = quick_boosting();
  ASSERT_TRUE(set_boosted_parameter(options, "max_dept", "4"));
  const auto refused = train_boosted(data.view(), options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kInvalidArgument);
  EXPECT_THAT(refused.error().message, HasSubstr("max_dept"));
  // The next training, on the same thread, is not blamed for it.
  options = quick_boosting();
  options.lanes = 1;
  EXPECT_TRUE(train_boosted(data.view(), options));
}

TEST(Boosted, AValueThatXgboostRefusesIsAnErrorInOneLine) {
  const Data data = make_data(9, 200);
  BoostedOptions options = quick_boosting();
  ASSERT_TRUE(set_boosted_parameter(options, "colsample_bynode", "7"));
  const auto refused = train_boosted(data.view(), options);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("colsample_bynode"));
  EXPECT_THAT(refused.error().message, testing::Not(HasSubstr("\n")));
  EXPECT_THAT(refused.error().message, testing::Not(HasSubstr("Stack trace")));
  EXPECT_THAT(refused.error().message, testing::Not(HasSubstr(".cc:")));
}

TEST(Boosted, RefusesRowsItCannotTrainOn) {
  EXPECT_FALSE(train_boosted({}, quick_boosting()));
  const Data data = make_data(10, 50);
  BoostedOptions options = quick_boosting();
  options.monotone = {1, 0};
  EXPECT_THAT(train_boosted(data.view(), options).error().message, HasSubstr("2 directions for 5 features"));
}

TEST(BoostedParameters, AreSetByNameAndAlias) {
  BoostedOptions options;
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{{"learning_rate", "0.3"},
                                                                                    {"max_depth", "7"},
                                                                                    {"n_estimators", "40"},
                                                                                    {"reg_lambda", "2.5"},
                                                                                    {"tree_method", "exact"},
                                                                                    {"early_stopping_rounds", "8"},
                                                                                    {"early_stopping_metric", "aucpr"},
                                                                                    {"colsample_bynode", "0.7"},
                                                                                    {"colsample_bynode", "0.6"}}) {
    ASSERT_TRUE(set_boosted_parameter(options, name, value)) << name;
  }
  EXPECT_EQ(options.eta, 0.3);
  EXPECT_EQ(options.max_depth, 7u);
  EXPECT_EQ(options.rounds, 40u);
  EXPECT_EQ(options.lambda, 2.5);
  EXPECT_EQ(options.tree_method, "exact");
  ASSERT_TRUE(options.early_stopping);
  EXPECT_EQ(options.early_stopping->rounds, 8u);
  ASSERT_EQ(options.others.size(), 1u);  // the last one counts
  EXPECT_EQ(options.others[0].second, "0.6");
  const auto all = boosted_parameters(options);
  EXPECT_THAT(all, testing::Contains(std::pair<std::string, std::string>("eta", "0.3")));
  EXPECT_THAT(all, testing::Contains(std::pair<std::string, std::string>("colsample_bynode", "0.6")));
}

TEST(BoostedParameters, RefuseWhatIsOutOfRangeOrDecided) {
  BoostedOptions options;
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{{"eta", "0"},
                                                                                    {"eta", "fast"},
                                                                                    {"max_depth", "5.5"},
                                                                                    {"max_depth", "0"},
                                                                                    {"subsample", "1.5"},
                                                                                    {"lambda", "-1"},
                                                                                    {"tree_method", "gpu_hist"},
                                                                                    {"monotone_constraints", "(1,2)"},
                                                                                    {"early_stopping_metric", "mood"},
                                                                                    {"objective", "reg:squarederror"},
                                                                                    {"nthread", "8"},
                                                                                    {"seed", "3"},
                                                                                    {"", "1"}}) {
    const auto refused = set_boosted_parameter(options, name, value);
    ASSERT_FALSE(refused) << name << "=" << value;
    EXPECT_EQ(refused.error().code, Code::kInvalidArgument);
    EXPECT_FALSE(refused.error().remedy.empty());
  }
  EXPECT_THAT(set_boosted_parameter(options, "nthread", "8").error().remedy, HasSubstr("--threads"));
}

}  // namespace
}  // namespace vigie::training
