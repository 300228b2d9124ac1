// The main job as a user does it: data, train, verify, evaluate, score.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "program.h"

namespace vigie::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class MainJob : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TempFolder;
    run({"data", "simulate", "card", "--rows", "8000", "--fraud-rate", "0.02", "--seed", "3", "--out", "card.csv"});
    run({"train", "card", "--data", "card.csv", "--threads", "1", "--seeds", "2", "--out", "one"});
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

  static std::map<std::string, std::string> contents(const std::string& package) {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(*folder_ / package)) {
      files[entry.path().filename().native()] = read_text(entry.path());
    }
    return files;
  }

  static TempFolder& folder() { return *folder_; }

 private:
  static inline TempFolder* folder_ = nullptr;
};

TEST_F(MainJob, EqualTrainingsGiveEqualBytesWhateverTheThreads) {
  run({"train", "card", "--data", "card.csv", "--threads", "1", "--seeds", "2", "--out", "again"});
  run({"train", "card", "--data", "card.csv", "--threads", "3", "--seeds", "2", "--out", "three"});
  const auto one = contents("one");
  EXPECT_EQ(one.size(), 7u);
  EXPECT_EQ(one, contents("again"));
  EXPECT_EQ(one, contents("three"));
  run({"train", "card", "--data", "card.csv", "--threads", "1", "--seeds", "2", "--seed", "2", "--out", "other"});
  EXPECT_NE(one.at("PACKAGE"), contents("other").at("PACKAGE")) << "another seed is another model";
}

TEST_F(MainJob, TheReportNamesFiguresThresholdAndPackage) {
  const Outcome trained = run({"train", "card", "--data", "card.csv", "--seeds", "2", "--out", "report"});
  for (const auto* text :
       {"Held-out figures", "isolation_forest", "xgboost", "ensemble", "95 % interval", "mean ± deviation over 2 seeds",
        "what moves the score most", "Threshold ", "report/card.html"}) {
    EXPECT_THAT(trained.out, HasSubstr(text));
  }
  EXPECT_THAT(trained.err, HasSubstr("rounds/s")) << "progress in plain lines where there is no terminal";
}

TEST_F(MainJob, EvaluateGivesTheContractsObject) {
  const Outcome outcome = run({"evaluate", "--model", "one", "--data", "card.csv", "--prevalence", "0.002", "--json"});
  const auto json = boost::json::parse(outcome.out).as_object();
  EXPECT_EQ(json.at("rows").as_int64(), 8000);
  EXPECT_GT(json.at("positives").as_int64(), 100);
  EXPECT_NEAR(json.at("prevalence").to_number<double>(), 0.002, 1e-9);
  for (const auto* scorer : {"isolation_forest", "xgboost", "ensemble"}) {
    const auto& figures = json.at(scorer).as_object();
    for (const auto* metric : {"roc_auc", "average_precision", "f1", "precision", "recall"}) {
      const double value = figures.at(metric).to_number<double>();
      EXPECT_GE(value, 0) << scorer << metric;
      EXPECT_LE(value, 1) << scorer << metric;
    }
    const auto& confusion = figures.at("confusion").as_object();
    const auto count = [&](const char* cell) { return confusion.at(cell).to_number<double>(); };
    // tp and fn are frauds as they are; fp and tn are normal rows weighted up to the base rate.
    EXPECT_NEAR(count("tp") + count("fn"), static_cast<double>(json.at("positives").as_int64()), 1e-6);
    EXPECT_NEAR((count("tp") + count("fn")) / (count("tp") + count("fn") + count("fp") + count("tn")), 0.002, 1e-9);
  }
  EXPECT_EQ(json.at("threshold").to_number<double>(),
            json.at("ensemble").as_object().at("threshold").to_number<double>());
}

TEST_F(MainJob, ScoreKeepsRowsAndOrderAndAppendsColumns) {
  run({"score", "--model", "one", "--input", "card.csv", "--output", "plain.csv", "--members", "--threads", "1"});
  run({"score", "--model", "one", "--input", "card.csv", "--output", "more.csv", "--members", "--threads", "3"});
  const std::string scored = read_text(folder() / "plain.csv");
  EXPECT_EQ(scored, read_text(folder() / "more.csv"));
  const std::string given = read_text(folder() / "card.csv");
  std::size_t in = 0;
  std::size_t out = 0;
  while (in < given.size()) {
    const std::string line = given.substr(in, given.find('\n', in) - in);
    const std::string longer = scored.substr(out, scored.find('\n', out) - out);
    ASSERT_THAT(longer, StartsWith(line + ","));
    EXPECT_EQ(std::count(longer.begin(), longer.end(), ',') - std::count(line.begin(), line.end(), ','), 4);
    in += line.size() + 1;
    out += longer.size() + 1;
  }
  EXPECT_EQ(out, scored.size());
  EXPECT_THAT(scored.substr(0, scored.find('\n')), testing::EndsWith(",hybrid_score,fraud,isolation_forest,xgboost"));
}

TEST_F(MainJob, NdjsonIsScoredAsCsvIs) {
  run({"score", "--model", "one", "--input", "card.csv", "--output", "s.csv"});
  run({"data", "simulate", "card", "--rows", "8000", "--fraud-rate", "0.02", "--seed", "3", "--out", "card.ndjson.gz"});
  run({"score", "--model", "one", "--input", "card.ndjson.gz", "--output", "s.ndjson"});
  std::istringstream csv(read_text(folder() / "s.csv"));
  std::istringstream lines(read_text(folder() / "s.ndjson"));
  std::string row;
  std::getline(csv, row);
  for (std::string line; std::getline(lines, line);) {
    ASSERT_TRUE(std::getline(csv, row));
    // As text: Boost.JSON does not read every double exactly.
    const auto cells = row.substr(row.rfind(',', row.rfind(',') - 1) + 1);
    const auto comma = cells.find(',');
    EXPECT_THAT(line, testing::EndsWith(",\"hybrid_score\":" + cells.substr(0, comma) +
                                        ",\"fraud\":" + cells.substr(comma + 1) + "}"));
    EXPECT_THAT(line, testing::HasSubstr("\"Class\":"));
  }
  EXPECT_FALSE(std::getline(csv, row));
}

TEST_F(MainJob, CompressedInAndOutIsTheSameData) {
  run({"score", "--model", "one", "--input", "card.csv", "--output", "s.csv"});
  run({"data", "simulate", "card", "--rows", "8000", "--fraud-rate", "0.02", "--seed", "3", "--out", "card.csv.xz"});
  run({"score", "--model", "one", "--input", "card.csv.xz", "--output", "s.csv.gz"});
  const Outcome unpacked = run_program({"gzip", "-dc", "s.csv.gz"}, {.cwd = folder().path()});
  EXPECT_EQ(unpacked.out, read_text(folder() / "s.csv"));
}

TEST_F(MainJob, APackageCanBeOneFile) {
  run({"train", "card", "--data", "card.csv", "--threads", "1", "--seeds", "2", "--out", "one.tar.zst"});
  run({"model", "verify", "one.tar.zst"});
  const auto version = [&](const std::string& package) {
    const Outcome shown = run({"model", "show", package, "--json"});
    return std::string(boost::json::parse(shown.out).as_object().at("version").as_string());
  };
  EXPECT_EQ(version("one.tar.zst"), version("one"));
  run({"model", "card", "one.tar.zst", "--out", "card.html"});
  EXPECT_EQ(read_text(folder() / "card.html"), read_text(folder() / "one/card.html"));
}

TEST_F(MainJob, EveryCommandExplainsItselfWithExamples) {
  const std::vector<std::vector<std::string>> commands = {
      {},
      {"data"},
      {"data", "clean"},
      {"data", "describe"},
      {"data", "split"},
      {"data", "simulate", "card"},
      {"data", "simulate", "transactions"},
      {"data", "fetch"},
      {"train"},
      {"train", "card"},
      {"evaluate"},
      {"score"},
      {"model"},
      {"model", "verify"},
      {"model", "show"},
      {"model", "card"},
      {"serve"},
  };
  for (auto arguments : commands) {
    arguments.emplace_back("--help");
    const Outcome help = run(arguments);
    EXPECT_THAT(help.out, HasSubstr("Example")) << arguments.front();
    EXPECT_THAT(help.out, HasSubstr("vigie ")) << arguments.front();
  }
}

}  // namespace
}  // namespace vigie::tests
