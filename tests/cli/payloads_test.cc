// vigie data payloads as a user meets it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <sstream>

#include "program.h"

namespace vigie::tests {
namespace {

using testing::HasSubstr;

TEST(Payloads, GoToStandardOutputWhateverIsBehindIt) {
  const std::vector<std::string> command{"data", "payloads", "--route", "score", "--count", "5", "--out", "-"};
  const bool was_link = std::filesystem::is_symlink("/dev/stdout");
  const Outcome outcome = run_vigie(command);  // the harness puts a regular file there
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(std::filesystem::is_symlink("/dev/stdout"), was_link) << "the system's name was replaced";
  std::istringstream lines(outcome.out);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    EXPECT_TRUE(boost::json::parse(line).as_object().contains("revenu"));
  }
  EXPECT_EQ(count, 5);
}

TEST(Payloads, WrongUsageIsToldWithItsRemedy) {
  const auto expect = [&](std::vector<std::string> arguments, const std::string& words) {
    arguments.insert(arguments.begin(), {"data", "payloads", "--out", "p"});
    const Outcome outcome = run_vigie(arguments);
    EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(words));
  };
  expect({"--route", "health"}, "give predict, score or fraude");
  expect({"--format", "xml"}, "give ndjson, json-array or postman");
  expect({"--format", "postman", "--count", "2000"}, "give at most 1,000");
}

}  // namespace
}  // namespace vigie::tests
