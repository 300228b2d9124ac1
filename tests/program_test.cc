// The frame itself, tried on the shell's own programs: a test of the binary means nothing if this misreports.
#include "program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

namespace vigie::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(RunProgram, TellsStreamsExitCodeAndInput) {
  const Outcome outcome = run_program({"sh", "-c", "cat; echo oops >&2; exit 7"}, {.input = "words\n"});
  EXPECT_EQ(outcome.exit_code, 7);
  EXPECT_EQ(outcome.out, "words\n");
  EXPECT_EQ(outcome.err, "oops\n");
  EXPECT_FALSE(outcome.timed_out);
  EXPECT_GT(outcome.peak_kib, 100u);
}

TEST(RunProgram, ReplacesAndAddsEnvironment) {
  const Outcome outcome =
      run_program({"sh", "-c", "echo $HOME $VIGIE_NEW"}, {.env = {{"HOME", "/there"}, {"VIGIE_NEW", "1"}}});
  EXPECT_EQ(outcome.out, "/there 1\n");
}

TEST(RunProgram, RunsWhereItIsTold) {
  const TempFolder folder;
  EXPECT_EQ(run_program({"touch", "made"}, {.cwd = folder.path()}).exit_code, 0);
  EXPECT_THAT(folder.names(), ElementsAre("made"));
}

TEST(RunProgram, KillsWhatOutlivesItsTime) {
  const Outcome outcome = run_program({"sleep", "600"}, {.timeout = std::chrono::seconds(0)});
  EXPECT_TRUE(outcome.timed_out);
  EXPECT_EQ(outcome.signal, SIGKILL);
}

TEST(RunProgram, NamesTheSignal) { EXPECT_EQ(run_program({"sh", "-c", "kill -TERM $$"}).signal, SIGTERM); }

TEST(RunProgram, MissingProgramIsTheShellsCode) { EXPECT_EQ(run_program({"vigie-no-such-program"}).exit_code, 127); }

TEST(RunProgram, FileSizeLimitMakesWritesFail) {
  const TempFolder folder;
  const Outcome outcome =
      run_program({"sh", "-c", "head -c 100000 /dev/zero > big"}, {.cwd = folder.path(), .file_size_limit = 4096});
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_EQ(outcome.signal, 0);
  EXPECT_EQ(std::filesystem::file_size(folder / "big"), 4096u);
}

TEST(RunVigie, IsTheProgramThatWasBuilt) {
  const Outcome outcome = run_vigie({"--version"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("vigie "));
}

TEST(Background, LifeOfAProgram) {
  std::filesystem::path gone;
  {
    const TempFolder folder;
    gone = folder.path();
    write_text(folder / "note", "x");
  }
  EXPECT_FALSE(std::filesystem::exists(gone));

  Background program({"no-such-command"});
  EXPECT_EQ(program.wait_for_line("http://"), std::nullopt) << "it never prints an address";
  const Outcome outcome = program.stop();
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("no-such-command"));
  EXPECT_THAT(outcome.out, IsEmpty());
}

}  // namespace
}  // namespace vigie::tests
