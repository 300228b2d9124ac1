#include "decision/transaction_explainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "decision/random_transaction_model.h"

namespace vigie::decision {
namespace {

using testing::HasSubstr;

std::size_t place_of(std::string_view name) { return features::find_transaction_input(name).value(); }

std::shared_ptr<const TransactionExplainer> explainer_of(model::LoadedTransactionModel loaded) {
  auto scorer = TransactionScorer::make(std::move(loaded));
  EXPECT_TRUE(scorer) << scorer.error().to_string();
  auto explainer = TransactionExplainer::make(*scorer);
  EXPECT_TRUE(explainer) << explainer.error().to_string();
  return *explainer;
}

TEST(TransactionExplainer, BaseAndContributionsAddUpToTheScore) {
  const auto explainer = explainer_of(random_transaction_model({"nuit", "montant", "montant_ratio_30j"}, 1));
  Random random(2);
  for (int i = 0; i < 200; ++i) {
    const TransactionExplanation explanation = explainer->explain(random_transaction_row(random));
    const double sum = std::accumulate(explanation.contributions.begin(), explanation.contributions.end(), 0.0);
    EXPECT_NEAR(explanation.base_score + sum, explanation.score, 1e-6);
    EXPECT_EQ(explanation.contributions[place_of("heure")], 0) << "no input of the model";
  }
}

TEST(TransactionExplainer, ReasonsAreTheLargestFirst) {
  const auto explainer = explainer_of(random_transaction_model({"nuit", "montant", "heure", "montant_ratio_30j"}, 3));
  Random random(4);
  for (int i = 0; i < 50; ++i) {
    const TransactionRowValues row = random_transaction_row(random);
    const auto reasons = explainer->reasons(explainer->explain(row), 3);
    ASSERT_LE(reasons.size(), 3u);
    for (std::size_t r = 1; r < reasons.size(); ++r) {
      EXPECT_GE(std::fabs(reasons[r - 1].contribution), std::fabs(reasons[r].contribution));
    }
  }
}

// One stump on the amount: it carries the whole difference.
TEST(TransactionExplainer, AStumpIsExplainedByItsInput) {
  auto loaded = random_transaction_model({"nuit", "montant"}, 5);
  model::Tree stump;
  stump.nodes.resize(3);
  stump.nodes[0] = {.left = 1, .right = 2, .feature = 1, .threshold = 220, .cover = 100};
  stump.nodes[1].value = -1;
  stump.nodes[1].cover = 75;
  stump.nodes[2].value = 2;
  stump.nodes[2].cover = 25;
  loaded.model.boosted.forest.trees = {stump};
  loaded.model.combination.terms[0].weight = 0;
  const auto explainer = explainer_of(std::move(loaded));
  TransactionRowValues row{};
  row[place_of("montant")] = 950;
  row[place_of("montant_ratio_30j")] = 8.3;
  const auto reasons = explainer->reasons(explainer->explain(row), 5);
  ASSERT_EQ(reasons.size(), 1u);
  EXPECT_EQ(reasons[0].input, place_of("montant"));
  EXPECT_GT(reasons[0].contribution, 0);
  EXPECT_THAT(TransactionExplainer::text(reasons[0], false),
              HasSubstr("montant is 950, 8.3 times the client's mean of 30 days: raises the risk by "));
  EXPECT_THAT(TransactionExplainer::text(reasons[0], true),
              HasSubstr("montant vaut 950, 8,3 fois la moyenne du client sur 30 jours : augmente le risque de "));
}

TEST(TransactionExplainer, TextsSayWhereAValueStands) {
  TransactionReason reason{
      .input = place_of("nb_transactions_24h"), .value = 12, .contribution = -0.123456, .median = 2, .quantile = 0.97};
  EXPECT_EQ(TransactionExplainer::text(reason, false),
            "nb_transactions_24h is 12, higher than 97 % of transactions (median 2): lowers the risk by 0.123");
  EXPECT_EQ(TransactionExplainer::text(reason, true),
            "nb_transactions_24h vaut 12, plus haut que 97 % des transactions (médiane 2) : réduit le risque de 0,123");
  reason.value = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(TransactionExplainer::text(reason, false), "nb_transactions_24h has no value: lowers the risk by 0.123");
  EXPECT_EQ(TransactionExplainer::text(reason, true),
            "nb_transactions_24h n'a pas de valeur : réduit le risque de 0,123");
  reason = {.input = place_of("montant"), .value = 20, .contribution = 0.1, .ratio = 0.5};
  EXPECT_EQ(TransactionExplainer::text(reason, false),
            "montant is 20, 50 % of the client's mean of 30 days: raises the risk by 0.1");
}

TEST(TransactionExplainer, WritesReasonsAsJson) {
  const auto explainer = explainer_of(random_transaction_model({"nuit", "montant"}, 7));
  TransactionRowValues row{};
  row.fill(std::numeric_limits<double>::quiet_NaN());
  JsonWriter json;
  json.begin_object();
  explainer->write(json, explainer->explain(row), 2, true);
  json.end_object();
  const std::string text = std::move(json).text();
  EXPECT_THAT(text, HasSubstr("\"base_score\": "));
  EXPECT_THAT(text, HasSubstr("\"value\": null"));
  EXPECT_THAT(text, HasSubstr("n'a pas de valeur"));
}

}  // namespace
}  // namespace vigie::decision
