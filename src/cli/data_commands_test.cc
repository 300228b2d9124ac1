#include "cli/data_commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"

namespace vigie::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Outcome {
  int exit_code = 0;
  std::string out;
  std::string err;
};

// The whole number that is the member `name` of a flat JSON object; -1 where there is none.
int member(const std::string& json, const std::string& name) {
  const auto at = json.find("\"" + name + "\": ");
  return at == std::string::npos ? -1 : std::atoi(json.c_str() + at + name.size() + 4);
}

class DataCommands : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("vigie-data-" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).native(); }
  std::string text(const std::string& name) const { return read_file(folder_ / name).value_or("(no such file)"); }
  void give(const std::string& name, const std::string& bytes) const { ASSERT_TRUE(write_file(folder_ / name, bytes)); }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }

  // vigie data ARGUMENTS
  static Outcome data(std::vector<std::string> arguments) {
    Session session;
    CLI::App app;
    add_data_commands(app, session);
    arguments.insert(arguments.begin(), "data");
    std::reverse(arguments.begin(), arguments.end());
    Outcome run;
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    try {
      app.parse(arguments);
      run.exit_code = session.exit_code();
    } catch (const CLI::ParseError& error) {
      run.exit_code = error.get_exit_code() == 0 ? 0 : 2;
      if (run.exit_code == 0) run.out = app.help();
    }
    run.out += testing::internal::GetCapturedStdout();
    run.err = testing::internal::GetCapturedStderr();
    return run;
  }

  std::filesystem::path folder_;
};

TEST_F(DataCommands, SimulateThenDescribe) {
  const auto made = data({"simulate", "card", "--rows", "3000", "--out", path("card.csv"), "--seed", "4",
                          "--fraud-rate", "0.05", "--json"});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  EXPECT_EQ(member(made.out, "rows"), 3000);
  const int frauds = member(made.out, "frauds");

  const auto described = data({"describe", "--data", path("card.csv"), "--label", "Class", "--json"});
  ASSERT_EQ(described.exit_code, 0) << described.err;
  EXPECT_EQ(member(described.out, "rows"), 3000);
  EXPECT_GT(frauds, 50);
  EXPECT_THAT(described.out, HasSubstr(std::to_string(frauds)));

  const auto people = data({"describe", "--data", path("card.csv")});
  EXPECT_THAT(people.out, HasSubstr("V28"));
}

TEST_F(DataCommands, SimulateTransactions) {
  const auto made = data({"simulate", "transactions", "--out", path("t.csv"), "--customers", "50", "--terminals", "80",
                          "--days", "9", "--reach", "30", "--start", "2024-02-28"});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  EXPECT_THAT(text("t.csv"),
              testing::StartsWith("TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,"
                                  "TX_TIME_SECONDS,TX_TIME_DAYS,TX_FRAUD,TX_FRAUD_SCENARIO\n0,2024-02-28T"));
  EXPECT_EQ(data({"simulate", "transactions", "--out", path("u.csv"), "--start", "yesterday"}).exit_code, 2);
  EXPECT_EQ(data({"simulate", "transactions", "--out", path("u.csv"), "--days", "0"}).exit_code, 2);
  EXPECT_THAT(files(), ElementsAre("t.csv"));
}

TEST_F(DataCommands, CleanFillsDropsAndReports) {
  give("raw.csv", "a,b\n1,x\n1,x\n,y\n5,y\n3,z\nseven,z\n");
  const auto cleaned = data({"clean", "--data", path("raw.csv"), "--out", path("clean.csv"), "--missing", "median",
                             "--duplicates", "drop", "--types", "a=number", "--rejects", path("bad.csv")});
  ASSERT_EQ(cleaned.exit_code, 0) << cleaned.err;
  EXPECT_EQ(text("clean.csv"), "a,b\n1,x\n3,y\n5,y\n3,z\n");
  EXPECT_THAT(text("bad.csv"), HasSubstr("seven"));
  EXPECT_FALSE(cleaned.out.empty());

  const auto filled = data({"clean", "--data", path("raw.csv"), "--out", path("zero.csv"), "--missing", "constant",
                            "--fill", "0", "--types", "a=number", "--rejects", path("bad.csv"), "--json"});
  ASSERT_EQ(filled.exit_code, 0) << filled.err;
  EXPECT_EQ(text("zero.csv"), "a,b\n1,x\n1,x\n0,y\n5,y\n3,z\n");
  EXPECT_EQ(member(filled.out, "rejected"), 1);
}

TEST_F(DataCommands, CleanRefusesAndLeavesNothing) {
  give("raw.csv", "a,b\n1,2\n,3\n");
  const auto missing = data({"clean", "--data", path("raw.csv"), "--out", path("clean.csv")});
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_THAT(missing.err, HasSubstr("a"));
  const auto clean = [&](std::vector<std::string> more) {
    std::vector<std::string> all{"clean", "--data", path("raw.csv"), "--out", path("clean.csv")};
    all.insert(all.end(), more.begin(), more.end());
    return data(all).exit_code;
  };
  EXPECT_EQ(clean({"--missing", "constant"}), 2);
  EXPECT_EQ(clean({"--missing", "drop", "--fill", "1"}), 2);
  EXPECT_EQ(clean({"--missing", "sometimes"}), 2);
  EXPECT_EQ(clean({"--missing-for", "a"}), 2);
  EXPECT_EQ(clean({"--missing-for", "c=drop"}), 2);
  EXPECT_EQ(clean({"--types", "a=float"}), 2);
  EXPECT_EQ(clean({"--delimiter", "ab"}), 2);
  EXPECT_EQ(data({"clean", "--data", path("none.csv"), "--out", path("clean.csv")}).exit_code, 1);
  EXPECT_THAT(files(), ElementsAre("raw.csv"));
}

TEST_F(DataCommands, SplitKeepsEveryRowOnce) {
  std::string rows = "Time,Class\n";
  for (int i = 0; i < 100; ++i) rows += std::to_string(i) + (i % 10 == 0 ? ",1\n" : ",0\n");
  give("all.csv", rows);
  const auto count = [&](const std::string& name) {
    const std::string bytes = text(name);
    return std::count(bytes.begin(), bytes.end(), '\n') - 1;
  };
  const auto parted = data({"split", "--data", path("all.csv"), "--out-dir", path("parts"), "--test", "0.3"});
  ASSERT_EQ(parted.exit_code, 0) << parted.err;
  EXPECT_EQ(count("parts/train.csv"), 70);
  EXPECT_EQ(count("parts/test.csv"), 30);

  ASSERT_EQ(data({"split", "--data", path("all.csv"), "--out-dir", path("time"), "--by-time", "Time"}).exit_code, 0);
  EXPECT_THAT(text("time/test.csv"), testing::StartsWith("Time,Class\n80,1\n81,0\n"));

  const auto folds = data({"split", "--data", path("all.csv"), "--out-dir", path("folds"), "--folds", "4", "--json"});
  ASSERT_EQ(folds.exit_code, 0) << folds.err;
  EXPECT_THAT(folds.out, HasSubstr(path("folds/fold-4.csv")));
  EXPECT_EQ(
      count("folds/fold-1.csv") + count("folds/fold-2.csv") + count("folds/fold-3.csv") + count("folds/fold-4.csv"),
      100);
}

TEST_F(DataCommands, SplitSaysWhatIsWrong) {
  give("one.csv", "Time,Class\n1,0\n2,0\n3,0\n");
  const auto split = [&](std::vector<std::string> more) {
    std::vector<std::string> all{"split", "--data", path("one.csv"), "--out-dir", path("parts")};
    all.insert(all.end(), more.begin(), more.end());
    return data(all);
  };
  EXPECT_EQ(split({}).exit_code, 1);
  EXPECT_THAT(split({}).err, HasSubstr("one class only"));
  EXPECT_EQ(split({"--label", "class"}).exit_code, 2);
  EXPECT_THAT(split({"--label", "class"}).err, HasSubstr("choose one of: Time, Class"));
  EXPECT_EQ(split({"--test", "1.5"}).exit_code, 2);
  EXPECT_EQ(split({"--folds", "1"}).exit_code, 2);
  EXPECT_EQ(split({"--folds", "3", "--test", "0.2"}).exit_code, 2);
  EXPECT_EQ(split({"--by-time", "Time", "--folds", "3"}).exit_code, 2);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "parts"));
}

TEST_F(DataCommands, FetchWithoutCredentialsSaysHowToGetThem) {
  ::unsetenv("KAGGLE_USERNAME");
  ::unsetenv("KAGGLE_KEY");
  ::setenv("KAGGLE_CONFIG_DIR", folder_.c_str(), 1);
  const auto none = data({"fetch", "card", "--out-dir", path("data")});
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_THAT(none.err, HasSubstr("KAGGLE_USERNAME"));
  ::setenv("KAGGLE_USERNAME", "somebody", 1);
  EXPECT_EQ(data({"fetch", "card"}).exit_code, 2);
  ::unsetenv("KAGGLE_USERNAME");
  give("kaggle.json", "hush: not a token");
  const auto broken = data({"fetch", "card", "--out-dir", path("data")});
  EXPECT_EQ(broken.exit_code, 1);
  EXPECT_THAT(broken.err, testing::Not(HasSubstr("hush")));
  EXPECT_EQ(data({"fetch", "stamps"}).exit_code, 2);
  ::unsetenv("KAGGLE_CONFIG_DIR");
}

TEST_F(DataCommands, EveryHelpShowsExamples) {
  Session session;
  CLI::App app;
  add_data_commands(app, session);
  auto* group = app.get_subcommand("data");
  for (const char* name : {"clean", "describe", "split", "simulate", "fetch"}) {
    EXPECT_THAT(group->get_subcommand(name)->help(), HasSubstr("vigie data " + std::string(name))) << name;
  }
  EXPECT_THAT(group->get_subcommand("fetch")->help(), testing::Not(HasSubstr("base-url")));
}

}  // namespace
}  // namespace vigie::cli
