// A transaction model as a user makes it: data, train, verify, show, card.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "program.h"

namespace vigie::tests {
namespace {

using ::testing::HasSubstr;

class TransactionJob : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TempFolder;
    run({"data", "simulate", "transactions", "--customers", "300", "--terminals", "600", "--days", "65", "--seed", "3",
         "--out", "transactions.csv"});
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }

  static Outcome run(const std::vector<std::string>& arguments) {
    Outcome outcome = run_vigie(arguments, {.cwd = folder_->path()});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return outcome;
  }

  static inline TempFolder* folder_ = nullptr;
};

TEST_F(TransactionJob, TrainsShowsVerifiesAndDrawsItsCard) {
  const Outcome trained = run({"train", "transaction", "--data", "transactions.csv", "--replicates", "20", "--xgb",
                               "rounds=40", "--out", "model"});
  for (const auto* text : {"Prequential figures", "xgboost, handbook's inputs", "mean ± deviation", "Held-out figures",
                           "isolation_forest", "ensemble", "Threshold ", "model \"transaction\""}) {
    EXPECT_THAT(trained.out, HasSubstr(text));
  }
  EXPECT_THAT(trained.err, HasSubstr("every transaction is taken as paiement"));
  EXPECT_THAT(run({"model", "verify", "model"}).out, HasSubstr("transaction model"));
  const Outcome shown = run({"model", "show", "model"});
  EXPECT_THAT(shown.out, HasSubstr("xgboost.rounds = 40"));
  EXPECT_THAT(shown.out, HasSubstr("Card precision"));
  const auto json = boost::json::parse(run({"model", "show", "model", "--json"}).out).as_object();
  EXPECT_EQ(json.at("model").at("kind").as_string(), "transaction");
  EXPECT_EQ(json.at("model").at("features").at("inputs").as_array().size(), 20u);
  EXPECT_EQ(run({"model", "card", "model"}).out, read_text(*folder_ / "model/card.html"));
}

TEST_F(TransactionJob, TellsItsFiguresAsJson) {
  const auto json = boost::json::parse(run({"train", "transaction", "--data", "transactions.csv", "--replicates", "0",
                                            "--xgb", "rounds=20", "--folds", "2", "--json", "--out", "json.tar.zst"})
                                           .out)
                        .as_object();
  const auto& prequential = json.at("prequential").as_object();
  EXPECT_EQ(prequential.at("folds").as_array().size(), 2u);
  EXPECT_GT(prequential.at("scorers").as_array().at(0).at("mean").at("roc_auc").as_double(), 0.5);
  EXPECT_GT(json.at("held_out").at("ensemble").at("roc_auc").as_double(), 0.5);
  const auto split =
      boost::json::parse(run({"train", "transaction", "--data", "transactions.csv", "--protocol", "split",
                              "--replicates", "0", "--xgb", "rounds=20", "--json", "--out", "split"})
                             .out)
          .as_object();
  EXPECT_TRUE(split.at("prequential").is_null());
}

TEST_F(TransactionJob, WrongOptionsSayWhatToDo) {
  const auto refused = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments = {"train", "transaction", "--data", "transactions.csv", "--out", "never"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = run_vigie(arguments, {.cwd = folder_->path()});
    EXPECT_NE(outcome.exit_code, 0);
    return outcome.err;
  };
  EXPECT_THAT(refused({"--start", "yesterday"}), HasSubstr("give one such as 2018-08-15"));
  EXPECT_THAT(refused({"--inputs", "montant,humeur"}), HasSubstr("\"humeur\" is no input"));
  EXPECT_THAT(refused({"--folds", "9"}), HasSubstr("9 folds need 77 days"));
  EXPECT_THAT(refused({"--threshold", "best"}), HasSubstr("--threshold"));
  EXPECT_THAT(refused({"--protocol", "mine"}), HasSubstr("--protocol"));
}

}  // namespace
}  // namespace vigie::tests
