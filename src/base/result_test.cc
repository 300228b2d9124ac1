#include "base/result.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <vector>

namespace vigie {
namespace {

Result<int> number(bool good) {
  if (!good) return fail(Code::kInvalidData, "no number", {.line = 3}, "write one");
  return 7;
}

Result<int> twice(bool good, std::vector<int>& reached) {
  const int value = VIGIE_TRY(number(good));
  reached.push_back(value);
  return 2 * value;
}

TEST(VigieTry, YieldsTheValueOrLeavesWithTheError) {
  std::vector<int> reached;
  EXPECT_EQ(twice(true, reached), 14);
  const auto failed = twice(false, reached);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().to_string(), "line 3: no number; write one");
  EXPECT_EQ(reached, std::vector<int>{7});
}

TEST(VigieTry, MovesWhatCannotBeCopiedAndTakesStatus) {
  const auto make = []() -> Result<std::unique_ptr<int>> { return std::make_unique<int>(5); };
  const auto use = [&]() -> Result<int> {
    VIGIE_TRY(Status{});
    const auto owned = VIGIE_TRY(make());
    return *owned;
  };
  EXPECT_EQ(use(), 5);
}

TEST(Error, OneLineThatSaysWhereWhatAndTheRemedy) {
  const auto line = [](Place place, std::string remedy) {
    return Error{Code::kInvalidData, "not a number", std::move(place), std::move(remedy)}.to_string();
  };
  EXPECT_EQ(line({}, ""), "not a number");
  EXPECT_EQ(line({.file = "a.csv"}, "mend it"), "a.csv: not a number; mend it");
  EXPECT_EQ(line({.file = "a.csv", .line = 4}, ""), "a.csv:4: not a number");
  EXPECT_EQ(line({.file = "a.csv", .line = 4, .column = 9, .field = "V1"}, "mend it"),
            "a.csv:4:9: V1: not a number; mend it");
  EXPECT_EQ(line({.line = 4, .column = 9}, ""), "line 4, column 9: not a number");
  EXPECT_EQ(line({.field = "V1"}, ""), "V1: not a number");
}

TEST(FailErrno, ClassifiesAndGivesARemedyThatFits) {
  struct Case {
    int number;
    Code code;
    const char* remedy;
  };
  for (const auto& [error_number, code, remedy] : {
           Case{ENOENT, Code::kNotFound, "check the path"},
           Case{EACCES, Code::kPermissionDenied, "check the owner and the mode of the file and its folder"},
           Case{EROFS, Code::kPermissionDenied, "check the owner and the mode of the file and its folder"},
           Case{ENOSPC, Code::kResourceExhausted, "free some space or write elsewhere"},
           Case{EFBIG, Code::kResourceExhausted, "raise the limit on file sizes (ulimit -f) or write elsewhere"},
           Case{EISDIR, Code::kInvalidArgument, "give a file, not a folder"},
           Case{ENOTDIR, Code::kInvalidArgument, "a part of the path is a file, not a folder"},
           Case{EMFILE, Code::kResourceExhausted, "raise the limit on open files (ulimit -n)"},
           Case{EIO, Code::kUnavailable, ""},
       }) {
    const Error error = fail_errno("cannot open", "x.csv", error_number).error();
    EXPECT_EQ(error.code, code) << error_number;
    EXPECT_EQ(error.remedy, remedy) << error_number;
    EXPECT_EQ(error.place.file, "x.csv");
  }
  EXPECT_EQ(fail_errno("cannot open", "x.csv", EACCES).error().message, "cannot open: Permission denied");
}

TEST(Code, HasTheNamesThatAnswersCarry) {
  EXPECT_EQ(to_string(Code::kInvalidArgument), "invalid_argument");
  EXPECT_EQ(to_string(Code::kInternal), "internal");
}

}  // namespace
}  // namespace vigie
