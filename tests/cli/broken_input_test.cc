// What a user meets when something is wrong: one line that says what, where and what to do, exit code 1 or 2, and
// nothing half-written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "program.h"

namespace vigie::tests {
namespace {

using ::testing::HasSubstr;

std::string header() {
  std::string text = "Time";
  for (int i = 1; i <= 28; ++i) text += ",V" + std::to_string(i);
  return text + ",Amount,Class\n";
}

// A row whose values are small and distinct, so that no two rows are duplicates.
std::string row(int number, int label, const std::string& amount = "12.5") {
  std::string text = std::to_string(number);
  for (int i = 1; i <= 28; ++i) text += "," + std::to_string(0.01 * ((number * i) % 97) + label * (i % 3));
  return text + "," + amount + "," + std::to_string(label) + "\n";
}

std::string good_file(int rows = 400) {
  std::string text = header();
  for (int i = 0; i < rows; ++i) text += row(i, i % 10 == 0 ? 1 : 0);
  return text;
}

class BrokenInput : public ::testing::Test {
 protected:
  // One small model for all tests that need a good one.
  static void SetUpTestSuite() {
    folder_ = new TempFolder;
    write_text(*folder_ / "good.csv", good_file());
    const Outcome trained =
        run_vigie({"train", "card", "--data", "good.csv", "--xgb", "rounds=5", "--replicates", "0", "--out", "model"},
                  {.cwd = folder_->path()});
    ASSERT_EQ(trained.exit_code, 0) << trained.err;
    const Outcome packed = run_vigie(
        {"train", "card", "--data", "good.csv", "--xgb", "rounds=5", "--replicates", "0", "--out", "model.tar.zst"},
        {.cwd = folder_->path()});
    ASSERT_EQ(packed.exit_code, 0) << packed.err;
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }

  static std::string model() { return (*folder_ / "model").native(); }

  // Runs vigie in `work_`; it must fail with one line that holds every text of `wanted`, and leave nothing new.
  Outcome expect_failure(const std::vector<std::string>& arguments, const std::vector<std::string>& wanted,
                         RunOptions options = {}) {
    const auto before = work_.names();
    options.cwd = work_.path();
    const Outcome outcome = run_vigie(arguments, options);
    EXPECT_TRUE(outcome.exit_code == 1 || outcome.exit_code == 2) << outcome.exit_code << ": " << outcome.err;
    EXPECT_FALSE(outcome.timed_out);
    EXPECT_EQ(outcome.out, "") << "a failed command prints no result";
    const auto place = outcome.err.find("vigie: ");
    EXPECT_NE(place, std::string::npos) << outcome.err;
    if (place != std::string::npos) {
      const std::string message = outcome.err.substr(place);
      EXPECT_EQ(std::count(message.begin(), message.end(), '\n'), 1) << message;
      for (const std::string& text : wanted) EXPECT_THAT(message, HasSubstr(text));
    }
    EXPECT_EQ(work_.names(), before) << "something half-written was left behind";
    return outcome;
  }

  // Training, scoring and evaluating all read the same files: each must say the same about them.
  void expect_all_refuse(const std::string& file, const std::vector<std::string>& wanted) {
    expect_failure({"train", "card", "--data", file, "--out", "made"}, wanted);
    expect_failure({"evaluate", "--model", model(), "--data", file}, wanted);
    expect_failure({"score", "--model", model(), "--input", file, "--output", "made.csv", "--on-bad-row", "fail"},
                   wanted);
  }

  TempFolder work_;

 private:
  static inline TempFolder* folder_ = nullptr;
};

TEST_F(BrokenInput, RaggedRow) {
  write_text(work_ / "a.csv", header() + row(1, 0) + "1,2,3\n" + row(2, 1));
  expect_all_refuse("a.csv", {"a.csv:3", "3", "31"});
}

TEST_F(BrokenInput, TextInANumber) {
  write_text(work_ / "a.csv", header() + row(1, 0) + row(2, 0, "twelve") + row(3, 1));
  expect_all_refuse("a.csv", {"a.csv:3:", "Amount", "twelve", "; "});
}

TEST_F(BrokenInput, NotANumberAndInfinity) {
  write_text(work_ / "inf.csv", header() + row(1, 0) + row(2, 0, "Infinity"));
  expect_all_refuse("inf.csv", {"inf.csv:3:", "Amount", "Infinity"});
  write_text(work_ / "nan.csv", header() + row(1, 0) + row(2, 0, "NaN"));
  expect_all_refuse("nan.csv", {"nan.csv:3:", "Amount", "missing"});
}

TEST_F(BrokenInput, OutOfRange) {
  write_text(work_ / "a.csv", header() + row(1, 0) + row(2, 0, "-3"));
  expect_all_refuse("a.csv", {"a.csv:3:", "Amount", "-3", "at least 0"});
}

TEST_F(BrokenInput, EmptyFile) {
  write_text(work_ / "a.csv", "");
  expect_all_refuse("a.csv", {"a.csv", "empty", "; "});
}

TEST_F(BrokenInput, HeaderOnly) {
  write_text(work_ / "a.csv", header());
  expect_all_refuse("a.csv", {"a.csv", "row", "; "});
}

TEST_F(BrokenInput, WrongHeader) {
  write_text(work_ / "a.csv", "id,price\n1,2\n");
  expect_all_refuse("a.csv", {"a.csv:1", "Time", "Amount", "V1", "V28", "; "});
}

TEST_F(BrokenInput, DuplicateColumn) {
  std::string text = good_file(20);
  text.replace(text.find("V2,"), 3, "V1,");
  write_text(work_ / "a.csv", text);
  expect_all_refuse("a.csv", {"a.csv:1", "V1", "; "});
}

TEST_F(BrokenInput, UnclosedQuote) {
  write_text(work_ / "a.csv", header() + row(1, 0) + "\"2" + row(3, 0));
  expect_all_refuse("a.csv", {"a.csv:3", "quot", "; "});
}

TEST_F(BrokenInput, OneClassOnly) {
  std::string text = header();
  for (int i = 0; i < 200; ++i) text += row(i, 0);
  write_text(work_ / "a.csv", text);
  expect_failure({"train", "card", "--data", "a.csv", "--out", "made"}, {"Class", "; "});
  expect_failure({"evaluate", "--model", model(), "--data", "a.csv"}, {"; "});
}

TEST_F(BrokenInput, LabelThatIsNoClass) {
  std::string text = header() + row(1, 0) + row(2, 1);
  text.replace(text.rfind(",1\n"), 3, ",2\n");
  write_text(work_ / "a.csv", text);
  expect_failure({"train", "card", "--data", "a.csv", "--out", "made"}, {"a.csv:3:", "Class", "0 or 1"});
}

TEST_F(BrokenInput, NotUtf8) {
  write_text(work_ / "a.csv", header() + row(1, 0) + row(2, 0, "1\xFF"));
  expect_all_refuse("a.csv", {"a.csv:3", "UTF-8", "; "});
}

TEST_F(BrokenInput, NulByte) {
  write_text(work_ / "a.csv", header() + row(1, 0) + row(2, 0, std::string("1\0", 2)));
  expect_all_refuse("a.csv", {"a.csv:3", "; "});
}

TEST_F(BrokenInput, TruncatedCompression) {
  write_text(work_ / "whole.csv", good_file());
  for (const auto& [tool, suffix] : {std::pair{"xz", ".xz"}, {"gzip", ".gz"}, {"zstd", ".zst"}}) {
    const Outcome packed = run_program({tool, "-k", "-q", "whole.csv"}, {.cwd = work_.path()});
    ASSERT_EQ(packed.exit_code, 0) << packed.err;
    const std::string name = std::string("whole.csv") + suffix;
    const std::string bytes = read_text(work_ / name);
    write_text(work_ / name, bytes.substr(0, bytes.size() * 3 / 4));
    expect_all_refuse(name, {name, "; "});
    std::filesystem::remove(work_ / name);
  }
}

TEST_F(BrokenInput, ADirectory) {
  std::filesystem::create_directory(work_ / "folder");
  expect_all_refuse("folder", {"folder", "give a file, not a folder"});
}

TEST_F(BrokenInput, NoSuchFile) { expect_all_refuse("nowhere.csv", {"nowhere.csv", "No such file", "check the path"}); }

TEST_F(BrokenInput, NoPermission) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  write_text(work_ / "a.csv", good_file(20));
  ::chmod((work_ / "a.csv").c_str(), 0);
  expect_all_refuse("a.csv", {"a.csv", "Permission denied", "; "});
}

TEST_F(BrokenInput, FullDisk) {
  write_text(work_ / "a.csv", good_file(4000));
  RunOptions full;
  full.file_size_limit = 4096;
  expect_failure({"score", "--model", model(), "--input", "a.csv", "--output", "made.csv"}, {"made.csv", "; "}, full);
  expect_failure({"train", "card", "--data", "a.csv", "--xgb", "rounds=5", "--replicates", "0", "--out", "made"},
                 {"made", "; "}, full);
  expect_failure({"data", "simulate", "card", "--rows", "1000", "--out", "made.csv"}, {"made.csv", "; "}, full);
}

TEST_F(BrokenInput, OutputFolderThatIsMissing) {
  write_text(work_ / "a.csv", good_file(20));
  expect_failure({"score", "--model", model(), "--input", "a.csv", "--output", "no/such/made.csv"},
                 {"no/such/made.csv", "No such file"});
}

TEST_F(BrokenInput, CorruptedPackage) {
  const std::vector<std::string> files = {"model.json",     "xgboost.json",    "isolation_forest.json",
                                          "reference.json", "evaluation.json", "card.html"};
  write_text(work_ / "a.csv", good_file(20));
  for (const std::string& name : files) {
    std::filesystem::copy(model(), work_ / "copy", std::filesystem::copy_options::recursive);
    std::string bytes = read_text(work_ / "copy/" / name);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    write_text(work_ / "copy/" / name, bytes);
    expect_failure({"model", "verify", "copy"}, {name, "; "});
    expect_failure({"score", "--model", "copy", "--input", "a.csv", "--output", "made.csv"}, {name, "; "});
    std::filesystem::remove(work_ / "copy/" / name);
    expect_failure({"model", "verify", "copy"}, {name, "; "});
    std::filesystem::remove_all(work_ / "copy");
  }
}

TEST_F(BrokenInput, PackageWithoutItsMarker) {
  std::filesystem::copy(model(), work_ / "copy", std::filesystem::copy_options::recursive);
  std::filesystem::remove(work_ / "copy/PACKAGE");
  expect_failure({"model", "verify", "copy"}, {"copy", "; "});
}

TEST_F(BrokenInput, PackageFromANewerVersion) {
  std::filesystem::copy(model(), work_ / "copy", std::filesystem::copy_options::recursive);
  std::string marker = read_text(work_ / "copy/PACKAGE");
  const auto at = marker.find("\"format\": 1");
  ASSERT_NE(at, std::string::npos);
  marker.replace(at, 11, "\"format\": 2");
  write_text(work_ / "copy/PACKAGE", marker);
  expect_failure({"model", "verify", "copy"}, {"format 2", "upgrade vigie"});
}

TEST_F(BrokenInput, TruncatedPackageArchive) {
  const std::string bytes = read_text(model() + ".tar.zst");
  write_text(work_ / "model.tar.zst", bytes.substr(0, bytes.size() / 2));
  expect_failure({"model", "verify", "model.tar.zst"}, {"model.tar.zst", "; "});
}

TEST_F(BrokenInput, AFolderThatIsNoPackageIsNeverReplaced) {
  write_text(work_ / "a.csv", good_file());
  std::filesystem::create_directory(work_ / "photos");
  write_text(work_ / "photos/holiday.jpg", "not ours");
  expect_failure({"train", "card", "--data", "a.csv", "--xgb", "rounds=5", "--replicates", "0", "--out", "photos"},
                 {"photos", "; "});
  EXPECT_EQ(read_text(work_ / "photos/holiday.jpg"), "not ours");
}

TEST_F(BrokenInput, WrongUsageIsExitCodeTwo) {
  write_text(work_ / "a.csv", good_file());
  const std::vector<std::vector<std::string>> commands = {
      {"train", "card", "--data", "a.csv", "--out", "made", "--weights", "0.4;0.6"},
      {"train", "card", "--data", "a.csv", "--out", "made", "--prevalence", "17"},
      {"train", "card", "--data", "a.csv", "--out", "made", "--scaler", "metric"},
      {"train", "card", "--data", "a.csv", "--out", "made", "--xgb", "max_dept=3"},
  };
  for (const auto& arguments : commands) {
    const Outcome outcome = expect_failure(arguments, {"; "});
    EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
  }
}

TEST_F(BrokenInput, GoodRowsAreScoredAndBadOnesKept) {
  write_text(work_ / "a.csv", header() + row(1, 0) + row(2, 0, "twelve") + "1,2\n" + row(3, 1));
  const Outcome outcome =
      run_vigie({"score", "--model", model(), "--input", "a.csv", "--output", "made.csv"}, {.cwd = work_.path()});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const std::string scored = read_text(work_ / "made.csv");
  EXPECT_EQ(std::count(scored.begin(), scored.end(), '\n'), 3) << scored;
  EXPECT_THAT(scored, HasSubstr("Class,hybrid_score,fraud\n"));
  const std::string rejects = read_text(work_ / "made.csv.rejects.csv");
  EXPECT_THAT(rejects, HasSubstr("line,field,reason,record\n"));
  EXPECT_THAT(rejects, HasSubstr("\n3,Amount,"));
  EXPECT_THAT(rejects, HasSubstr("\n4,"));
}

}  // namespace
}  // namespace vigie::tests
