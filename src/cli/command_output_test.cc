#include "cli/command_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

namespace vigie::cli {
namespace {

using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

constexpr auto kPatience = 60s;  // more than any program here needs, on a busy machine too

std::string failure(const std::vector<std::string>& words, std::chrono::milliseconds time = kPatience,
                    std::size_t most_bytes = 1000) {
  const auto output = command_output(words, time, most_bytes);
  return output ? "printed " + *output : output.error().to_string();
}

TEST(CommandOutput, IsWhatTheProgramPrintsAndNoShellReadsItsWords) {
  EXPECT_EQ(command_output({"printf", "%s|", "a b", "$HOME", "`id`", "", "*; exit 3"}, kPatience, 1000).value(),
            "a b|$HOME|`id`||*; exit 3|");
  EXPECT_EQ(command_output({"/bin/true"}, kPatience, 1000).value(), "");
  EXPECT_EQ(command_output({"cat"}, kPatience, 1000).value(), "") << "its stdin is empty";
  EXPECT_EQ(command_output({"head", "-c", "65536", "/dev/zero"}, kPatience, 65536).value().size(), 65536u);
}

TEST(CommandOutput, FailuresNameTheProgramAndNothingElse) {
  EXPECT_EQ(failure({"sh", "-c", "echo s3cret; echo s3cret >&2; exit 7"}),
            "sh: ended with status 7; run it yourself, as the user that vigie runs as, to see what it says");
  EXPECT_THAT(failure({"sh", "-c", "kill -9 $$"}), HasSubstr("sh: was ended by signal 9"));
  EXPECT_THAT(failure({"no-such-program-anywhere", "s3cret"}),
              testing::AllOf(HasSubstr("no-such-program-anywhere: cannot be started: No such file or directory"),
                             Not(HasSubstr("s3cret"))));
  EXPECT_THAT(failure({"/"}), HasSubstr("/: cannot be started"));
  EXPECT_THAT(failure({"/etc/passwd"}), HasSubstr("cannot be started: Permission denied"));
}

TEST(CommandOutput, WhatPrintsTooMuchIsStopped) {
  EXPECT_THAT(failure({"yes"}, kPatience, 65536), HasSubstr("yes: printed more than 65536 bytes"));
  EXPECT_THAT(failure({"printf", "12345"}, kPatience, 4), HasSubstr("printed more than 4 bytes"));
  EXPECT_EQ(failure({"printf", "1234"}, kPatience, 4), "printed 1234");
}

// Whether a process is left, other than as a zombie: its parent being gone, the system's first process reaps it in its
// own time.
bool is_running(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string number;
  std::string name;
  std::string state;
  return (stat >> number >> name >> state) && state != "Z" && state != "X";
}

// The program says its number and its child's into a file, so that the test can see that neither is left.
TEST(CommandOutput, WhatHangsIsKilledWithAllThatItStarted) {
  std::string folder = std::filesystem::temp_directory_path() / "vigie-command-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const std::string pids = folder + "/pids";
  const std::string script = "sleep 1000 & echo $$ $! > " + pids + "; printf s3cret; ";
  for (const char* const ending : {"wait", "exec >&-; wait"}) {  // with its stdout open, and closed
    pid_t shell = 0;
    pid_t sleeper = 0;
    for (auto time = 200ms; sleeper == 0 && time < kPatience; time *= 2) {  // until the machine is quick enough
      const std::string said = failure({"sh", "-c", script + ending}, time);
      EXPECT_EQ(said, "sh: had not ended after " + std::to_string(time.count()) +
                          " ms, and was killed; run it yourself to see what it waits for; its stdin is empty");
      std::ifstream(pids) >> shell >> sleeper;
    }
    ASSERT_GT(shell, 0);
    EXPECT_EQ(::kill(shell, 0), -1) << "it is waited for";
    ASSERT_GT(sleeper, 0);
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (is_running(sleeper) && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(5ms);
    EXPECT_FALSE(is_running(sleeper));
    std::filesystem::remove(pids);
  }
  std::filesystem::remove_all(folder);
}

TEST(CommandOutput, TheProgramHasNoneOfOurSignalsHandled) {
  sigset_t term;
  sigset_t before;
  ::sigemptyset(&term);
  ::sigaddset(&term, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &term, &before);
  const auto handler = ::signal(SIGPIPE, SIG_IGN);
  EXPECT_THAT(failure({"sh", "-c", "kill -TERM $$; echo survived"}), HasSubstr("ended by signal 15"));
  EXPECT_THAT(failure({"sh", "-c", "kill -PIPE $$; echo survived"}), HasSubstr("ended by signal 13"));
  ::signal(SIGPIPE, handler);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace
}  // namespace vigie::cli
