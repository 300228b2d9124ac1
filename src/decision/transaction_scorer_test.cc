#include "decision/transaction_scorer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <vector>

#include "decision/random_transaction_model.h"

namespace vigie::decision {
namespace {

using testing::HasSubstr;

const std::vector<std::string> kInputs = {"terminal_risque_7j", "montant", "montant_ratio_30j", "nuit", "heure"};

TEST(TransactionScorer, ScoresByTheWrittenFormula) {
  const auto scorer = TransactionScorer::make(random_transaction_model(kInputs, 1));
  ASSERT_TRUE(scorer) << scorer.error().to_string();
  const model::TransactionModel& model = (*scorer)->model();
  Random random(2);
  for (int i = 0; i < 500; ++i) {
    const TransactionRowValues row = random_transaction_row(random);
    std::vector<float> inputs;
    for (const std::string& name : kInputs) {
      inputs.push_back(static_cast<float>(row[features::find_transaction_input(name).value()]));
    }
    const std::array<double, 2> members = {scoring::reference_score(model.isolation, inputs),
                                           scoring::reference_score(model.boosted, inputs)};
    const auto scores = (*scorer)->scores(row);
    EXPECT_EQ(scores.members[0], members[0]);
    EXPECT_EQ(scores.members[1], members[1]);
    EXPECT_EQ(scores.ensemble, model.combination(members));
    EXPECT_EQ((*scorer)->score(row), scores.ensemble);
    EXPECT_GE(scores.ensemble, 0);
    EXPECT_LE(scores.ensemble, 1);
  }
}

TEST(TransactionScorer, WhatTheModelDoesNotTakeDoesNotMatter) {
  const auto scorer = TransactionScorer::make(random_transaction_model({"montant"}, 3));
  ASSERT_TRUE(scorer);
  Random random(4);
  TransactionRowValues row = random_transaction_row(random);
  TransactionRowValues other = random_transaction_row(random);
  const std::size_t amount = features::find_transaction_input("montant").value();
  row[amount] = other[amount] = 12.5;
  EXPECT_EQ((*scorer)->score(row), (*scorer)->score(other));
}

TEST(TransactionScorer, RefusesInputsThatItDoesNotKnow) {
  const auto scorer = TransactionScorer::make(random_transaction_model({"montant", "humeur"}, 5));
  ASSERT_FALSE(scorer);
  EXPECT_EQ(scorer.error().code, Code::kUnsupported);
  EXPECT_THAT(scorer.error().to_string(), HasSubstr("takes \"humeur\", which this version does not compute"));
  EXPECT_FALSE(TransactionScorer::make(random_transaction_model({"montant", "montant"}, 5)));
}

TEST(TransactionScorer, RefusesAModelThatIsNotWhole) {
  auto other_width = random_transaction_model(kInputs, 6);
  other_width.model.isolation.forest.feature_count = 40;
  const auto refused = TransactionScorer::make(std::move(other_width));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("isolation_forest"));
  auto no_reference = random_transaction_model(kInputs, 6);
  no_reference.model.reference.features.pop_back();
  EXPECT_FALSE(TransactionScorer::make(std::move(no_reference)));
  auto stranger = random_transaction_model(kInputs, 6);
  stranger.model.combination.terms[0].member = "crystal_ball";
  EXPECT_FALSE(TransactionScorer::make(std::move(stranger)));
  EXPECT_FALSE(TransactionScorer::load(std::filesystem::temp_directory_path() / "vigie-no-such-model"));
}

}  // namespace
}  // namespace vigie::decision
