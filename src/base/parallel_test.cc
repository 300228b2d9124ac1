#include "base/parallel.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <atomic>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "base/random.h"

namespace vigie {
namespace {

TEST(ThreadCount, AsAskedOrAsManyAsThereAre) {
  EXPECT_EQ(thread_count(3), 3u);
  EXPECT_GE(thread_count(0), 1u);
}

RC_GTEST_PROP(ParallelFor, CallsEveryIndexOnce, ()) {
  const auto threads = *rc::gen::inRange<std::size_t>(0, 9);
  const auto count = *rc::gen::inRange<std::size_t>(0, 2000);
  std::vector<std::atomic<int>> calls(count);
  parallel_for(threads, count, [&](std::size_t i) { ++calls.at(i); });
  for (const auto& times : calls) RC_ASSERT(times == 1);
}

RC_GTEST_PROP(ParallelBlocks, CoverTheRangeInBlocksOfTheirSize, ()) {
  const auto threads = *rc::gen::inRange<std::size_t>(1, 5);
  const auto count = *rc::gen::inRange<std::size_t>(0, 1000);
  const auto block = *rc::gen::inRange<std::size_t>(1, 130);
  std::vector<std::atomic<int>> calls(count);
  parallel_blocks(threads, count, block, [&](std::size_t begin, std::size_t end) {
    RC_ASSERT(begin % block == 0);
    RC_ASSERT(end == std::min(count, begin + block));
    for (std::size_t i = begin; i < end; ++i) ++calls.at(i);
  });
  for (const auto& times : calls) RC_ASSERT(times == 1);
}

TEST(ParallelFor, ResultsDoNotDependOnTheThreads) {
  std::vector<std::vector<double>> results;
  for (const std::size_t threads : {1, 2, 3, 8}) {
    std::vector<double> sums(257);
    parallel_for(threads, sums.size(), [&](std::size_t i) {
      Random random(99, i);
      for (int draw = 0; draw < 1000; ++draw) sums[i] += random.normal();
    });
    results.push_back(sums);
  }
  for (const auto& sums : results) EXPECT_EQ(sums, results.front());
}

TEST(ParallelFor, TheFirstExceptionComesOutAndTheRestIsNotStarted) {
  for (const std::size_t threads : {1, 4}) {
    std::atomic<int> started = 0;
    try {
      parallel_for(threads, 1'000'000, [&](std::size_t i) {
        ++started;
        if (i == 10) throw std::runtime_error("the tenth failed");
      });
      ADD_FAILURE() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "the tenth failed");
    }
    EXPECT_LT(started, 1'000'000);
  }
}

TEST(ParallelFor, WorksInsideItself) {
  std::atomic<int> calls = 0;
  parallel_for(3, 10, [&](std::size_t) { parallel_for(3, 10, [&](std::size_t) { ++calls; }); });
  EXPECT_EQ(calls, 100);
}

}  // namespace
}  // namespace vigie
