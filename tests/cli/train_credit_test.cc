// A credit model as a user makes it: applicants, train, verify, show, card.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "program.h"

namespace vigie::tests {
namespace {

using ::testing::HasSubstr;

class CreditJob : public ::testing::Test {
 protected:
  Outcome run(const std::vector<std::string>& arguments) const { return run_vigie(arguments, {.cwd = folder_.path()}); }

  TempFolder folder_;
};

TEST_F(CreditJob, SimulateTrainVerifyShowAndCard) {
  ASSERT_EQ(run({"data", "simulate", "credit", "--rows", "4000", "--seed", "3", "--out", "credit.csv"}).exit_code, 0);
  const std::vector<std::string> train = {"train", "credit",    "--data",       "credit.csv", "--folds", "3",
                                          "--xgb", "rounds=20", "--replicates", "0",          "--out"};
  const auto into = [&](const char* out, const char* threads) {
    auto arguments = train;
    arguments.insert(arguments.end(), {out, "--threads", threads});
    return run(arguments);
  };
  const Outcome trained = into("one", "1");
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  for (const char* text : {"mean ± deviation over 3 folds", "scorecard", "xgboost", "calibration_error", "under 25",
                           "impact ratio", "version "}) {
    EXPECT_THAT(trained.out, HasSubstr(text));
  }
  ASSERT_EQ(into("two", "2").exit_code, 0);
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "one")) {
    EXPECT_EQ(read_text(entry.path()), read_text(folder_ / "two" / entry.path().filename())) << entry.path();
  }

  EXPECT_THAT(run({"model", "verify", "one"}).out, HasSubstr("credit model"));
  const Outcome shown = run({"model", "show", "one"});
  EXPECT_THAT(shown.out, HasSubstr("scorecard: "));
  EXPECT_THAT(shown.out, HasSubstr("field       revenu = revenu"));
  const auto json = boost::json::parse(run({"model", "show", "one", "--json"}).out);
  EXPECT_EQ(json.at("model").at("kind").as_string(), "credit");
  ASSERT_EQ(run({"model", "card", "one", "--out", "card.html"}).exit_code, 0);
  EXPECT_EQ(read_text(folder_ / "card.html"), read_text(folder_ / "one" / "card.html"));
  EXPECT_THAT(run({"evaluate", "--model", "one", "--data", "credit.csv"}).err, HasSubstr("a card model is needed"));
}

// Credits that still run are neither repaid nor in default: nobody guesses.
TEST_F(CreditJob, AThirdOutcomeIsAskedAboutAndLeftOut) {
  std::string csv = "age,historique_impaye,status\n";
  for (int i = 0; i < 2000; ++i) {
    const int late = i * 7 % 10 < 3 ? 2 : 0;
    const bool bad = i * 31 % 97 < (late > 0 ? 50 : 10);
    const std::string_view status = i % 10 == 0 ? "current" : bad ? "default" : "paid";
    csv += std::to_string(20 + i % 50) + "," + std::to_string(late) + "," + std::string(status) + "\n";
  }
  write_text(folder_ / "loans.csv", csv);
  std::vector<std::string> train = {"train",          "credit", "--data",    "loans.csv", "--target",
                                    "status=default", "--xgb",  "rounds=10", "--folds",   "2",
                                    "--replicates",   "0",      "--out",     "loans"};
  const Outcome asked = run(train);
  EXPECT_EQ(asked.exit_code, 1);
  EXPECT_THAT(asked.err, HasSubstr("status has more than two values: paid ("));
  EXPECT_THAT(asked.err, HasSubstr("current (200)"));
  EXPECT_THAT(asked.err, HasSubstr("--good paid"));
  train.insert(train.end(), {"--good", "paid"});
  const Outcome trained = run(train);
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  EXPECT_THAT(trained.err, HasSubstr("200 rows are left out as indeterminate"));
  EXPECT_THAT(read_text(folder_ / "loans/card.html"), HasSubstr("<code>target.indeterminate</code>"));
  EXPECT_THAT(read_text(folder_ / "loans/card.html"), HasSubstr("<code>200</code>"));
}

TEST_F(CreditJob, WrongOptionsAreExplained) {
  ASSERT_EQ(run({"data", "simulate", "credit", "--rows", "500", "--out", "credit.csv"}).exit_code, 0);
  const auto error = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"train", "credit", "--data", "credit.csv", "--out", "x"});
    const Outcome outcome = run(more);
    EXPECT_NE(outcome.exit_code, 0);
    EXPECT_FALSE(std::filesystem::exists(folder_ / "x"));
    return outcome.err;
  };
  EXPECT_THAT(error({"--map", "age"}), HasSubstr("write FIELD=COLUMN"));
  EXPECT_THAT(error({"--map", "height=age"}), HasSubstr("the fields are age, revenu"));
  EXPECT_THAT(error({"--target", "nothing"}), HasSubstr("nothing"));
  EXPECT_THAT(error({"--target", "defaut=7"}), HasSubstr("no row has defaut = 7"));
  EXPECT_THAT(error({"--delimiter", "xx"}), HasSubstr("--delimiter"));
  EXPECT_THAT(error({"--thresholds", "1,2"}), HasSubstr("three points"));
  EXPECT_THAT(error({"--thresholds", "300,600,900"}), HasSubstr("thresholds.excellent: 900 is beyond the scale"));
  EXPECT_THAT(error({"--special", "age=96,96"}), HasSubstr("--special: 96 is given twice for age"));
  EXPECT_THAT(error({"--trend", "age=peak", "--trend", "age=rising"}), HasSubstr("age has a trend already"));
  EXPECT_THAT(error({"--good", "1"}), HasSubstr("good: 1 is who defaulted"));
  EXPECT_THAT(error({"--folds", "1"}), HasSubstr("folds"));
  EXPECT_THAT(error({"--xgb", "max_depth=x"}), HasSubstr("max_depth"));
}

}  // namespace
}  // namespace vigie::tests
