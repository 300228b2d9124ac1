#include "base/pipeline.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

namespace vigie {
namespace {

// Numbers 0, 1, 2, ... as blocks, each worked on for an uneven time.
struct Numbers {
  explicit Numbers(std::size_t with_threads, std::size_t how_many)
      : threads(with_threads), count(how_many), slots(pipeline_slots(with_threads)) {}

  Status run() {
    return run_pipeline(threads, {.fill = [this](std::size_t slot) { return fill(slot); },
                                  .work = [this](std::size_t slot) { work(slot); },
                                  .drain = [this](std::size_t slot) { return drain(slot); }});
  }

  Result<bool> fill(std::size_t slot) {
    EXPECT_FALSE(filling.exchange(true));
    if (next == fail_fill_at) {
      filling = false;
      return fail(Code::kInvalidData, "fill");
    }
    const bool more = next < count;
    if (more) {
      const std::size_t now = ++in_flight;
      EXPECT_LE(now, slots.size());
      slots[slot] = next++;
    }
    filling = false;
    return more;
  }

  void work(std::size_t slot) {
    if (slots[slot] == throw_at) throw std::runtime_error("work");
    if (slots[slot] % 7 == 0) std::this_thread::sleep_for(std::chrono::microseconds(50));
    slots[slot] *= 2;
  }

  Status drain(std::size_t slot) {
    EXPECT_FALSE(draining.exchange(true));
    --in_flight;
    const std::size_t value = slots[slot];
    if (value == 2 * fail_drain_at) {
      draining = false;
      return fail(Code::kInvalidData, "drain");
    }
    out.push_back(value);
    draining = false;
    return {};
  }

  static constexpr std::size_t kNever = 1'000'000;
  std::size_t threads;
  std::size_t count;
  std::size_t fail_fill_at = kNever;
  std::size_t fail_drain_at = kNever;
  std::size_t throw_at = kNever;
  std::vector<std::size_t> slots;
  std::vector<std::size_t> out;
  std::size_t next = 0;
  std::atomic<std::size_t> in_flight{0};
  std::atomic<bool> filling{false};
  std::atomic<bool> draining{false};
};

class PipelineTest : public ::testing::TestWithParam<std::size_t> {};

TEST_P(PipelineTest, EveryBlockOnceInOrderAndInBoundedSlots) {
  for (const std::size_t count : {0u, 1u, 2u, 50u, 2000u}) {
    Numbers numbers(GetParam(), count);
    ASSERT_TRUE(numbers.run());
    ASSERT_EQ(numbers.out.size(), count);
    for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(numbers.out[i], 2 * i);
  }
}

TEST_P(PipelineTest, BlocksBeforeAnErrorInReadingAreDrained) {
  Numbers numbers(GetParam(), 500);
  numbers.fail_fill_at = 100;
  const Status status = numbers.run();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message, "fill");
  EXPECT_EQ(numbers.out.size(), 100u);
}

TEST_P(PipelineTest, AnErrorInDrainingEndsAllAndComesBeforeOnesOfLaterBlocks) {
  Numbers numbers(GetParam(), 100'000);
  numbers.fail_drain_at = 99;
  numbers.fail_fill_at = 100;
  const Status status = numbers.run();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message, "drain");
  EXPECT_EQ(numbers.out.size(), 99u);
}

TEST_P(PipelineTest, AnExceptionComesOut) {
  Numbers numbers(GetParam(), 500);
  numbers.throw_at = 300;
  EXPECT_THROW(EXPECT_TRUE(numbers.run()), std::runtime_error);
}

INSTANTIATE_TEST_SUITE_P(Threads, PipelineTest, ::testing::Values(0, 1, 2, 4, 16));

}  // namespace
}  // namespace vigie
