#include "telemetry/line_log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace vigie::telemetry {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

class LineLogTest : public testing::Test {
 protected:
  LineLogTest() {
    std::string name = (std::filesystem::temp_directory_path() / "vigie-log-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    path_ = folder_ / "log";
  }
  ~LineLogTest() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<LineLog> open(LineLogOptions options) {
    auto log = LineLog::open(std::move(options));
    EXPECT_TRUE(log) << log.error().to_string();
    return std::move(*log);
  }
  static std::string text(const std::filesystem::path& path) {
    std::ostringstream out;
    out << std::ifstream(path).rdbuf();
    return out.str();
  }
  template <typename Condition>
  static bool soon(Condition&& condition) {
    for (int turn = 0; turn < 2000; ++turn) {
      if (condition()) return true;
      std::this_thread::sleep_for(5ms);
    }
    return false;
  }

  std::filesystem::path folder_;
  std::filesystem::path path_;
};

TEST_F(LineLogTest, LinesOfSeveralThreadsArriveWholeAndEachThreadsInOrder) {
  constexpr int kThreads = 3;
  constexpr int kLines = 20'000;
  std::atomic<std::uint64_t> put = 0;
  {
    const auto log = open({.to = path_.string(), .lane_bytes = 1 << 14});
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        LineLog::Lane& lane = log->add_lane();
        for (int i = 0; i < kLines; ++i) {
          const std::string line = std::to_string(t) + ":" + std::to_string(i) + std::string(i % 50, '.') + "\n";
          // Waits for room: here no line is to be lost.
          while (!lane.put(line)) std::this_thread::sleep_for(1ms);
          ++put;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_TRUE(soon([&] { return log->totals().written == kThreads * kLines; }));
    EXPECT_EQ(log->totals().failed, 0u);
  }
  std::istringstream lines(text(path_));
  std::vector<int> next(kThreads);
  for (std::string line; std::getline(lines, line);) {
    const auto thread = static_cast<std::size_t>(line[0] - '0');
    ASSERT_LT(thread, next.size()) << line;
    const int i = next[thread]++;
    ASSERT_EQ(line, std::to_string(thread) + ":" + std::to_string(i) + std::string(i % 50, '.'));
  }
  EXPECT_EQ(next, std::vector<int>(kThreads, kLines));
}

TEST_F(LineLogTest, WhatWaitsIsWrittenBeforeItEnds) {
  std::string all;
  {
    const auto log = open({.to = path_.string()});
    LineLog::Lane& lane = log->add_lane();
    for (int i = 0; i < 5000; ++i) {
      all += std::to_string(i) + "\n";
      EXPECT_TRUE(lane.put(std::to_string(i) + "\n"));
    }
  }
  EXPECT_EQ(text(path_), all);
}

TEST_F(LineLogTest, AReaderThatDoesNotReadCostsLinesAndNobodysTime) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  const int reader = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  const std::string line = std::string(999, 'x') + "\n";
  constexpr std::uint64_t kLines = 1000;  // a pipe has 64 KiB, the lane as much
  std::string received;
  {
    const auto log = open({.to = path_.string(), .lane_bytes = 1 << 16});
    LineLog::Lane& lane = log->add_lane();
    std::uint64_t taken = 0;
    for (std::uint64_t i = 0; i < kLines; ++i) taken += lane.put(line) ? 1 : 0;
    EXPECT_LT(taken, kLines);
    EXPECT_EQ(log->totals().dropped, kLines - taken);
    const auto read_all = [&] {
      std::string block(1 << 16, '\0');
      for (ssize_t got = 0; (got = ::read(reader, block.data(), block.size())) > 0;) {
        received.append(block, 0, static_cast<std::size_t>(got));
      }
      return received.size() == taken * line.size();
    };
    EXPECT_TRUE(soon(read_all));
    EXPECT_TRUE(soon([&] { return log->totals().written == taken; }));
    EXPECT_TRUE(lane.put("again\n")) << "there is room once it reads";
    EXPECT_TRUE(soon([&] { return read_all() || received.ends_with("again\n"); }));
    for (std::uint64_t i = 0; i < taken; ++i) ASSERT_EQ(received.substr(i * line.size(), line.size()), line);

    for (std::uint64_t i = 0; i < kLines; ++i) lane.put(line);
    // And its end waits for such a reader no longer than two seconds; a test that hangs here fails by its time limit.
  }
  ::close(reader);
}

TEST_F(LineLogTest, AReaderThatHasGoneIsToldOnceAndEndsNothing) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  const int reader = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  std::atomic<int> told = 0;
  const auto log = open({.to = path_.string(), .on_failure = [&](const Error&) { ++told; }});
  ::close(reader);
  LineLog::Lane& lane = log->add_lane();
  lane.put("a\n");
  EXPECT_TRUE(soon([&] { return log->totals().failed == 1; }));
  lane.put("b\n");
  EXPECT_TRUE(soon([&] { return log->totals().failed == 2; }));
  EXPECT_EQ(told, 1);
}

TEST_F(LineLogTest, AFullDiskIsToldOnceAndCounted) {
  std::string message;
  std::atomic<int> told = 0;
  const auto log = open({.to = "/dev/full", .on_failure = [&](const Error& error) {
                           message = error.to_string();
                           ++told;
                         }});
  LineLog::Lane& lane = log->add_lane();
  for (std::uint64_t i = 1; i <= 3; ++i) {
    EXPECT_TRUE(lane.put("lost\n"));
    EXPECT_TRUE(soon([&] { return log->totals().failed == i; }));
  }
  EXPECT_EQ(told, 1);
  EXPECT_EQ(message, "/dev/full: cannot write the log: No space left on device; free some space or write elsewhere");
  EXPECT_EQ(log->totals().written, 0u);
}

TEST_F(LineLogTest, ALineThatADiskCutDoesNotSpoilTheNext) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  ::signal(SIGXFSZ, SIG_IGN);
  const auto log = open({.to = path_.string()});
  LineLog::Lane& lane = log->add_lane();
  rlimit tight = before;
  tight.rlim_cur = 14;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
  lane.put("whole line\n");
  EXPECT_TRUE(soon([&] { return log->totals().written == 1; }));
  lane.put("cut line\n");
  EXPECT_TRUE(soon([&] { return log->totals().failed == 1; }));
  ::setrlimit(RLIMIT_FSIZE, &before);
  lane.put("next line\n");
  EXPECT_TRUE(soon([&] { return log->totals().written == 2; }));
  EXPECT_EQ(text(path_), "whole line\ncut\nnext line\n");
}

TEST_F(LineLogTest, AFileThatWasMovedAwayIsMadeAgain) {
  const mode_t before = ::umask(0);
  const auto log = open({.to = path_.string()});
  LineLog::Lane& lane = log->add_lane();
  lane.put("old\n");
  EXPECT_TRUE(soon([&] { return log->totals().written == 1; }));
  std::filesystem::rename(path_, folder_ / "log.1");
  ASSERT_TRUE(log->reopen());
  EXPECT_TRUE(std::filesystem::exists(path_));
  lane.put("new\n");
  EXPECT_TRUE(soon([&] { return log->totals().written == 2; }));
  ::umask(before);
  EXPECT_EQ(text(folder_ / "log.1"), "old\n");
  EXPECT_EQ(text(path_), "new\n");
  struct stat info{};
  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0640u) << "who asks for what is not everybody's to read";

  std::filesystem::rename(path_, folder_ / "log.2");
  std::filesystem::create_directory(path_);
  const Status status = log->reopen();
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().to_string(), HasSubstr("cannot open the log"));
  lane.put("stays\n");
  EXPECT_TRUE(soon([&] { return text(folder_ / "log.2") == "new\nstays\n"; }));
}

TEST_F(LineLogTest, APlaceThatCannotBeOpenedIsNamed) {
  const auto log = LineLog::open({.to = (folder_ / "none" / "log").string()});
  ASSERT_FALSE(log);
  EXPECT_THAT(log.error().to_string(), HasSubstr("none/log: cannot open the log: No such file or directory"));
}

}  // namespace
}  // namespace vigie::telemetry
