#include "cli/progress_bar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <string>

namespace vigie::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// What a Progress writes into an in-memory stream.
template <typename Use>
std::string written_by(std::unique_ptr<Progress> (*make)(std::FILE*), Use use) {
  char* data = nullptr;
  std::size_t size = 0;
  std::FILE* const out = ::open_memstream(&data, &size);
  {
    const auto progress = make(out);
    use(*progress);
  }
  std::fclose(out);
  std::string text(data, size);
  std::free(data);
  return text;
}

std::unique_ptr<Progress> bar80(std::FILE* out) { return make_progress_bar(out, 80); }

TEST(ProgressLines, SayWhatWasDoneAtTheEndOfAStep) {
  const std::string text = written_by(make_progress_lines, [](Progress& progress) {
    progress.begin("scoring", 1000, "rows");
    progress.advance_to(1000);
    progress.end();
  });
  EXPECT_THAT(text, HasSubstr("scoring: 1 krows in "));
  EXPECT_THAT(text, HasSubstr("rows/s\n"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b"))) << "a log has no escape sequences";
}

TEST(ProgressBar, DrawsABarThenLeavesOneLine) {
  const std::string text = written_by(bar80, [](Progress& progress) {
    progress.begin("training", 100, "trees");
    progress.advance_to(100);
    progress.end();
  });
  EXPECT_THAT(text, HasSubstr("░"));
  EXPECT_THAT(text, HasSubstr("0 %"));
  EXPECT_EQ(text.back(), '\n');
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
}

TEST(ProgressBar, AnUnknownTotalShowsNoShare) {
  const std::string text = written_by(bar80, [](Progress& progress) {
    progress.begin("reading", 0, "B");
    progress.advance_to(10);
    progress.end();
  });
  EXPECT_THAT(text, Not(HasSubstr("%")));
}

TEST(ProgressBar, AStepThatWasNotEndedIsClosedByTheNext) {
  const std::string text = written_by(bar80, [](Progress& progress) {
    progress.begin("one", 1, "x");
    progress.begin("two", 1, "x");
    progress.end();
  });
  EXPECT_THAT(text, HasSubstr("one in "));
  EXPECT_THAT(text, HasSubstr("two in "));
}

}  // namespace
}  // namespace vigie::cli
