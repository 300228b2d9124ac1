#include "decision/card_explainer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "decision/random_card_model.h"

namespace vigie::decision {
namespace {

model::FeatureReference reference_of(std::string_view name) {
  model::FeatureReference reference;
  reference.name = name;
  reference.quantiles = {-10, -4, -3, -1, 0, 1, 3, 4, 10};
  return reference;
}

std::shared_ptr<const CardExplainer> explainer_of(model::LoadedCardModel loaded) {
  auto service = CardService::make(std::move(loaded));
  EXPECT_TRUE(service) << service.error().to_string();
  auto explainer = CardExplainer::make(*service);
  EXPECT_TRUE(explainer) << explainer.error().to_string();
  return *explainer;
}

features::CardRaw row_of(const std::vector<double>& rows, std::size_t row) {
  return features::CardRaw(rows.data() + row * schema::kCardRaw, schema::kCardRaw);
}

// Whatever the blend: the documents' weights, and a calibrated blend of logits as --weights auto makes it.
TEST(CardExplainer, BaseAndContributionsAddUpToTheScore) {
  for (const bool in_logit : {false, true}) {
    auto loaded = random_card_model(1);
    if (in_logit) {
      model::Transform platt;
      platt.kind = model::Transform::Kind::kLogistic;
      platt.slope = 1.3;
      platt.intercept = -0.4;
      loaded.model.combination.space = model::Combination::Space::kLogit;
      for (auto& term : loaded.model.combination.terms) term.transform = platt;
      loaded.model.combination.calibration = platt;
    }
    const auto explainer = explainer_of(std::move(loaded));
    Random random(2);
    const std::vector<double> rows = random_transactions(200, random);
    for (std::size_t i = 0; i < 200; ++i) {
      const CardExplanation explanation = explainer->explain(row_of(rows, i));
      const double sum = std::accumulate(explanation.contributions.begin(), explanation.contributions.end(), 0.0);
      EXPECT_NEAR(explanation.base_score + sum, explanation.score, 1e-6);
    }
  }
}

// One stump on V3 in the boosted member, nothing in the other: V3 carries the whole difference, and nothing else any.
TEST(CardExplainer, AStumpIsExplainedByItsFeature) {
  auto loaded = random_card_model(3);
  model::CardModel& model = loaded.model;
  model.inputs.scaler = {};
  model::Tree stump;
  stump.nodes.resize(3);
  stump.nodes[0] = {.left = 1, .right = 2, .feature = 2, .threshold = 1.5f, .cover = 100};
  stump.nodes[1].value = -1;
  stump.nodes[1].cover = 75;
  stump.nodes[2].value = 2;
  stump.nodes[2].cover = 25;
  model.boosted.forest.trees = {stump};
  model.combination.terms[0].weight = 0;
  model.combination.terms[1].weight = 1;
  const auto explainer = explainer_of(std::move(loaded));
  std::vector<double> raw(schema::kCardRaw, 0.0);
  raw[4] = 2;  // V3
  const CardExplanation explanation = explainer->explain(row_of(raw, 0));
  const double base = 1 / (1 + std::exp(0.25));  // of margin -0.25 = 0.75 * -1 + 0.25 * 2
  const double score = 1 / (1 + std::exp(-2.0));
  EXPECT_NEAR(explanation.base_score, base, 1e-6);
  EXPECT_NEAR(explanation.contributions[2], score - base, 1e-6);
  const auto reasons = explainer->reasons(explanation, 5);
  ASSERT_EQ(reasons.size(), 1u);
  EXPECT_EQ(reasons[0].input, 2u);
}

TEST(CardExplainer, ReasonsAreTheLargestFirstWithWhereTheValueStands) {
  auto loaded = random_card_model(4);
  for (const schema::Field& field : schema::card_fields()) {
    loaded.model.reference.features.push_back(reference_of(field.name));
  }
  const auto explainer = explainer_of(std::move(loaded));
  Random random(5);
  const std::vector<double> rows = random_transactions(20, random);
  for (std::size_t i = 0; i < 20; ++i) {
    const auto reasons = explainer->reasons(explainer->explain(row_of(rows, i)), 5);
    ASSERT_EQ(reasons.size(), 5u);
    for (std::size_t r = 0; r < reasons.size(); ++r) {
      if (r > 0) {
        EXPECT_LE(std::fabs(reasons[r].contribution), std::fabs(reasons[r - 1].contribution));
      }
      EXPECT_EQ(reasons[r].median, 0);
      if (reasons[r].value <= -10) {
        EXPECT_EQ(reasons[r].quantile, 0);
      } else if (reasons[r].value >= 3 && reasons[r].value <= 4) {
        EXPECT_NEAR(reasons[r].quantile, 0.95 + 0.04 * (reasons[r].value - 3), 1e-12);
      }
    }
  }
}

TEST(CardExplainer, SaysAReasonInBothLanguages) {
  const Reason high{.input = 13, .value = -8.2, .contribution = 0.3149, .median = 0.0506, .quantile = 0.002};
  EXPECT_EQ(CardExplainer::text(high, false),
            "V14 is -8.2, lower than more than 99 % of transactions (median 0.0506): raises the score by 0.315");
  EXPECT_EQ(CardExplainer::text(high, true),
            "V14 vaut -8,2, plus bas que plus de 99 % des transactions (médiane 0,0506) : augmente le score de 0,315");
  const Reason usual{.input = 28, .value = 0, .contribution = -0.00012345, .median = -0.25, .quantile = 0.6};
  EXPECT_EQ(CardExplainer::text(usual, false),
            "amount_zscore is 0, a usual value (median -0.25): lowers the score by 0.000123");
  const Reason large{.input = 32, .value = 123456.7, .contribution = 0.1, .median = 1, .quantile = 0.97};
  EXPECT_EQ(CardExplainer::text(large, false),
            "variance_all is 123457, higher than 97 % of transactions (median 1): raises the score by 0.1");
}

}  // namespace
}  // namespace vigie::decision
