#include "telemetry/per_thread.h"

#include <gtest/gtest.h>

#include <latch>
#include <thread>
#include <vector>

#include "telemetry/histogram.h"

namespace vigie::telemetry {
namespace {

struct Counts {
  Counter hits;
  Histogram duration;
};

std::uint64_t hits(const PerThread<Counts>& counts) {
  std::uint64_t sum = 0;
  counts.for_each([&](const Counts& theirs) { sum += theirs.hits.value(); });
  return sum;
}

TEST(PerThread, AddsUpExactlyUnderScrapes) {
  constexpr std::uint64_t kThreads = 4;
  constexpr std::uint64_t kEach = 50'000;
  PerThread<Counts> counts;
  std::atomic<bool> stop = false;
  std::thread scraper([&] {
    std::uint64_t before = 0;
    while (!stop) {
      HistogramSnapshot snapshot;
      counts.for_each([&](const Counts& theirs) { snapshot.merge(theirs.duration); });
      EXPECT_GE(snapshot.count(), before) << "a counter went down";
      before = snapshot.count();
    }
  });
  std::vector<std::thread> threads;
  for (std::uint64_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (std::uint64_t i = 0; i < kEach; ++i) {
        counts.record([&](Counts& mine) {
          mine.hits.add();
          mine.duration.record(1000 * (thread + 1));
        });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  stop = true;
  scraper.join();
  EXPECT_EQ(hits(counts), kThreads * kEach);
  HistogramSnapshot snapshot;
  counts.for_each([&](const Counts& theirs) { snapshot.merge(theirs.duration); });
  EXPECT_EQ(snapshot.count(), kThreads * kEach);
  EXPECT_NEAR(snapshot.sum_seconds(), 1e-9 * 1000 * (1 + 2 + 3 + 4) * kEach, 1e-12);
}

TEST(PerThread, WhatAThreadRecordedStaysWhenItHasEnded) {
  PerThread<Counts> counts;
  for (int i = 0; i < 100; ++i) {
    std::thread([&] { counts.record([](Counts& mine) { mine.hits.add(2); }); }).join();
  }
  EXPECT_EQ(hits(counts), 200u);
}

TEST(PerThread, MoreThreadsThanSlotsLoseNothing) {
  constexpr std::size_t kThreads = kThreadSlots + 20;
  PerThread<Counts> counts;
  std::latch all_hold_a_slot(kThreads);
  std::atomic<std::size_t> beyond = 0;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      if (thread_slot() == kThreadSlots) ++beyond;
      all_hold_a_slot.arrive_and_wait();
      for (int turn = 0; turn < 100; ++turn) counts.record([](Counts& mine) { mine.hits.add(); });
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GE(beyond, 20u);
  EXPECT_EQ(hits(counts), 100 * kThreads);
}

TEST(PerThread, EachLivingThreadHasItsOwnSlot) {
  const std::size_t mine = thread_slot();
  EXPECT_EQ(thread_slot(), mine);
  std::thread([&] { EXPECT_NE(thread_slot(), mine); }).join();
}

}  // namespace
}  // namespace vigie::telemetry
