#include "decision/card_service.h"

#include <gtest/gtest.h>

#include <vector>

#include "decision/random_card_model.h"

namespace vigie::decision {
namespace {

TEST(CardService, DecidesByTheWrittenFormula) {
  const auto service = CardService::make(random_card_model(1));
  ASSERT_TRUE(service) << service.error().to_string();
  Random random(2);
  const std::vector<double> rows = random_transactions(200, random);
  std::size_t frauds = 0;
  for (std::size_t i = 0; i < 200; ++i) {
    const features::CardRaw raw(rows.data() + i * schema::kCardRaw, schema::kCardRaw);
    const domain::CardDecision decision = (*service)->decide(raw);
    std::array<float, schema::kCardInputs> inputs{};
    features::card_inputs(raw, (*service)->model().inputs, inputs);
    const double isolation = scoring::reference_score((*service)->model().isolation, inputs);
    const double boosted = scoring::reference_score((*service)->model().boosted, inputs);
    EXPECT_EQ(decision.member_scores[0], isolation);
    EXPECT_EQ(decision.member_scores[1], boosted);
    const double scaled = std::min(1.0, std::max(0.0, (isolation - 0.3) / (0.8 - 0.3)));
    EXPECT_DOUBLE_EQ(decision.hybrid_score, 0.4 * scaled + 0.6 * boosted);
    EXPECT_EQ(decision.fraud, decision.hybrid_score > 0.45);
    frauds += decision.fraud ? 1 : 0;
  }
  EXPECT_GT(frauds, 0u);
  EXPECT_LT(frauds, 200u);
}

TEST(CardService, ABatchGivesWhatSingleDecisionsGive) {
  const auto service = CardService::make(random_card_model(3));
  ASSERT_TRUE(service);
  Random random(4);
  for (const std::size_t count : {1u, 7u, 8u, 63u, 64u, 65u, 200u}) {
    const std::vector<double> rows = random_transactions(count, random);
    std::vector<domain::CardDecision> batch(count);
    (*service)->decide(rows, batch);
    for (std::size_t i = 0; i < count; ++i) {
      const auto single = (*service)->decide(features::CardRaw(rows.data() + i * schema::kCardRaw, schema::kCardRaw));
      EXPECT_EQ(batch[i].hybrid_score, single.hybrid_score);
      EXPECT_EQ(batch[i].fraud, single.fraud);
      EXPECT_EQ(batch[i].member_scores, single.member_scores);
    }
  }
}

TEST(CardService, RefusesAMemberItCannotScore) {
  auto loaded = random_card_model(5);
  loaded.model.combination.terms[0].member = "crystal_ball";
  const auto service = CardService::make(std::move(loaded));
  ASSERT_FALSE(service);
  EXPECT_EQ(service.error().code, Code::kUnsupported);
  EXPECT_NE(service.error().message.find("crystal_ball"), std::string::npos);
}

TEST(CardService, RefusesAMemberOfAnotherWidth) {
  auto loaded = random_card_model(6);
  loaded.model.boosted.forest.feature_count = 40;
  const auto service = CardService::make(std::move(loaded));
  ASSERT_FALSE(service);
  EXPECT_NE(service.error().message.find("xgboost"), std::string::npos);
}

}  // namespace
}  // namespace vigie::decision
