// What every command says of itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "program.h"

namespace vigie::tests {
namespace {

using testing::HasSubstr;

std::string help_of(std::vector<std::string> command) {
  command.emplace_back("--help");
  const Outcome outcome = run_vigie(command);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  return outcome.out;
}

// The names below "Subcommands:", which are indented by two.
std::vector<std::string> subcommands(const std::string& help) {
  std::vector<std::string> names;
  std::istringstream lines(help);
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) inside = false;
    if (inside && line.starts_with("  ") && line[2] != ' ') names.push_back(line.substr(2, line.find(' ', 2) - 2));
    if (line == "Subcommands:") inside = true;
  }
  return names;
}

std::size_t check_all(const std::vector<std::string>& command) {
  const std::string help = help_of(command);
  const auto is_control = [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f; };
  EXPECT_TRUE(std::ranges::none_of(help, is_control)) << help;
  EXPECT_EQ(help.find("->"), std::string::npos) << help;
  std::size_t checked = 1;
  for (const std::string& name : subcommands(help)) {
    std::vector<std::string> deeper = command;
    deeper.push_back(name);
    checked += check_all(deeper);
  }
  return checked;
}

TEST(Help, OfEveryCommandIsPlainText) { EXPECT_GT(check_all({}), 25u); }

TEST(Help, WordsThatAFlagTakesAreNamed) {
  EXPECT_THAT(help_of({"train", "card"}), HasSubstr("--refit {always,auto,never}=auto"));
  EXPECT_THAT(help_of({"train", "card"}), HasSubstr("--duplicates {drop,keep}=drop"));
  EXPECT_THAT(help_of({"train", "transaction"}), HasSubstr("--protocol {book,split}=book"));
  EXPECT_THAT(help_of({"score"}), HasSubstr("--on-bad-row {reject,fail}=reject"));
  const Outcome wrong = run_vigie({"train", "card", "--refit", "maybe"});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("--refit: \"maybe\" is none of {always,auto,never}"));
}

}  // namespace
}  // namespace vigie::tests
