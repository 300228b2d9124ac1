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
  EXPECT_THAT(error({"--folds", "1"}), HasSubstr("folds"));
  EXPECT_THAT(error({"--xgb", "max_depth=x"}), HasSubstr("max_depth"));
}

}  // namespace
}  // namespace vigie::tests
