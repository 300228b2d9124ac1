#include "api/answer_memory.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace vigie::api {
namespace {

using Was = AnswerMemory::Was;

const KeyedHash kHash({1, 2});

AnswerMemory::Digest digest(const std::string& text) { return kHash.digest(text); }

TEST(AnswerMemory, TheSameAgainGetsTheSameAnswer) {
  AnswerMemory memory(1 << 20);
  EXPECT_EQ(memory.begin(digest("TX1"), digest("a")).was, Was::kNew);
  memory.keep(digest("TX1"), "first");
  const auto again = memory.begin(digest("TX1"), digest("a"));
  EXPECT_EQ(again.was, Was::kSame);
  EXPECT_EQ(*again.answer, "first");
  EXPECT_EQ(memory.begin(digest("TX1"), digest("b")).was, Was::kOther);
  EXPECT_EQ(memory.begin(digest("TX2"), digest("a")).was, Was::kNew);
}

TEST(AnswerMemory, WhatFailedMayBeTriedAgain) {
  AnswerMemory memory(1 << 20);
  EXPECT_EQ(memory.begin(digest("TX1"), digest("a")).was, Was::kNew);
  memory.drop(digest("TX1"));
  EXPECT_EQ(memory.begin(digest("TX1"), digest("b")).was, Was::kNew);
}

TEST(AnswerMemory, OneWorksAndTheOthersWait) {
  AnswerMemory memory(1 << 20);
  std::atomic<int> worked = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto seen = memory.begin(digest("TX1"), digest("a"));
      if (seen.was == Was::kNew) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        ++worked;
        memory.keep(digest("TX1"), "answer");
      } else {
        EXPECT_EQ(seen.was, Was::kSame);
        EXPECT_EQ(*seen.answer, "answer");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(worked, 1);
}

TEST(AnswerMemory, WhoWaitsForWhatFailsTriesItself) {
  AnswerMemory memory(1 << 20);
  ASSERT_EQ(memory.begin(digest("TX1"), digest("a")).was, Was::kNew);
  std::thread other([&] {
    EXPECT_EQ(memory.begin(digest("TX1"), digest("a")).was, Was::kNew);
    memory.keep(digest("TX1"), "second");
  });
  memory.drop(digest("TX1"));
  other.join();
  EXPECT_EQ(*memory.begin(digest("TX1"), digest("a")).answer, "second");
}

TEST(AnswerMemory, TheOldestGoWhereItIsFull) {
  constexpr std::size_t kBytes = 1 << 20;
  AnswerMemory memory(kBytes);
  const std::string answer(1'000, 'x');
  constexpr int kAnswers = 10'000;
  for (int i = 0; i < kAnswers; ++i) {
    ASSERT_EQ(memory.begin(digest(std::to_string(i)), digest("a")).was, Was::kNew);
    memory.keep(digest(std::to_string(i)), answer);
  }
  int kept = 0;
  for (int i = 0; i < kAnswers; ++i) {
    const auto seen = memory.begin(digest(std::to_string(i)), digest("a"));
    if (seen.was == Was::kSame) {
      ++kept;
    } else {
      memory.drop(digest(std::to_string(i)));
    }
  }
  EXPECT_GT(kept, 700);
  EXPECT_LE(kept * answer.size(), kBytes);
  EXPECT_EQ(memory.begin(digest(std::to_string(kAnswers - 1)), digest("a")).was, Was::kSame) << "the newest stays";
}

}  // namespace
}  // namespace vigie::api
