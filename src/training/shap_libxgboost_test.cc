// Our explanations of what libxgboost trains, beside its own: pred_contribs.
#include <gtest/gtest.h>
#include <xgboost/c_api.h>

#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"
#include "model/formats/xgboost.h"
#include "scoring/shap.h"
#include "training/boosted.h"

namespace vigie::training {
namespace {

constexpr std::uint32_t kFeatures = 6;

// A fifth of the values is missing where wanted; the third feature is coarse, so that thresholds meet values.
std::vector<float> make_rows(std::size_t count, bool missing, Random& random) {
  std::vector<float> rows(count * kFeatures);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double value = random.normal();
    rows[i] = static_cast<float>(i % kFeatures == 2 ? std::round(2 * value) / 2 : value);
    if (missing && random.bernoulli(0.2)) rows[i] = std::numeric_limits<float>::quiet_NaN();
  }
  return rows;
}

// features + 1 values a row: the contributions to the margin, then the base.
std::vector<float> libxgboost_contributions(const std::string& json, std::span<const float> rows) {
  constexpr int kContributions = 4;  // of XGBoosterPredict's option_mask
  const std::size_t count = rows.size() / kFeatures;
  BoosterHandle booster = nullptr;
  DMatrixHandle matrix = nullptr;
  bst_ulong length = 0;
  const float* values = nullptr;
  const bool predicted = XGBoosterCreate(nullptr, 0, &booster) == 0 &&
                         XGBoosterLoadModelFromBuffer(booster, json.data(), json.size()) == 0 &&
                         XGDMatrixCreateFromMat(rows.data(), count, kFeatures, std::nanf(""), &matrix) == 0 &&
                         XGBoosterPredict(booster, matrix, kContributions, 0, 0, &length, &values) == 0;
  EXPECT_TRUE(predicted) << XGBGetLastError();
  std::vector<float> copied(values, values + length);
  XGDMatrixFree(matrix);
  XGBoosterFree(booster);
  return copied;
}

// Shallow trees, which are explained from tables, and trees deeper than those go.
TEST(Explainer, GivesWhatLibxgboostsPredContribsGives) {
  for (const bool missing : {false, true}) {
    for (const std::uint32_t depth : {1u, 3u, 5u, 12u}) {
      Random random(depth, missing ? 1 : 0);
      const std::vector<float> rows = make_rows(3000, missing, random);
      std::vector<std::uint8_t> labels;
      std::vector<float> weights;
      for (std::size_t i = 0; i < rows.size(); i += kFeatures) {
        const double first = std::isnan(rows[i]) ? 0.5 : static_cast<double>(rows[i]);
        const double second = std::isnan(rows[i + 1]) ? -1 : static_cast<double>(rows[i + 1]);
        labels.push_back(random.bernoulli(1 / (1 + std::exp(-(2 * first + first * second - 1)))) ? 1 : 0);
        weights.push_back(labels.back() != 0 ? 1.0f : 3.5f);
      }
      BoostedOptions options;
      options.rounds = 15;
      options.max_depth = depth;
      const auto trained = train_boosted({rows, labels, weights, kFeatures, {}}, options);
      ASSERT_TRUE(trained) << trained.error().to_string();
      const auto forest = model::parse_xgboost_json(trained->json);
      ASSERT_TRUE(forest);
      const auto explainer = scoring::Explainer::boosted(*forest);
      ASSERT_TRUE(explainer) << explainer.error().to_string();

      const std::vector<float> asked = make_rows(300, true, random);
      const std::vector<float> theirs = libxgboost_contributions(trained->json, asked);
      ASSERT_EQ(theirs.size(), 300 * (kFeatures + 1));
      std::vector<double> ours(kFeatures);
      for (std::size_t i = 0; i < 300; ++i) {
        explainer->contributions(std::span(asked).subspan(i * kFeatures, kFeatures), ours);
        const auto expected = std::span(theirs).subspan(i * (kFeatures + 1), kFeatures + 1);
        for (std::uint32_t f = 0; f < kFeatures; ++f) {
          ASSERT_NEAR(ours[f], expected[f], 1e-5) << "depth " << depth << ", row " << i << ", feature " << f;
        }
        ASSERT_NEAR(explainer->base(), expected[kFeatures], 1e-5) << "depth " << depth;
      }
    }
  }
}

}  // namespace
}  // namespace vigie::training
