// What a decision service counts while it serves: decisions by outcome, and the time that they take. Each thread writes
// to counters of its own; snapshot() adds them up on any thread, meanwhile.
#pragma once

#include <chrono>
#include <cstdint>

#include "telemetry/histogram.h"
#include "telemetry/metric.h"
#include "telemetry/per_thread.h"

namespace vigie::decision {

class DecisionMetrics {
 public:
  // `count` decisions, `frauds` of them fraud, that took `each`; where they were made together, on average.
  void record(std::uint64_t count, std::uint64_t frauds, std::chrono::nanoseconds each) {
    counts_.record([&](Counts& mine) {
      mine.add(count, frauds);
      mine.duration.record(static_cast<std::uint64_t>(each.count()), count);
    });
  }
  // The same where nobody has timed them.
  void record(std::uint64_t count, std::uint64_t frauds) {
    counts_.record([&](Counts& mine) { mine.add(count, frauds); });
  }

  struct Snapshot {
    std::uint64_t frauds = 0;
    std::uint64_t legitimate = 0;
    telemetry::HistogramSnapshot duration;
  };
  Snapshot snapshot() const {
    Snapshot all;
    counts_.for_each([&](const Counts& theirs) {
      all.frauds += theirs.frauds.value();
      all.legitimate += theirs.legitimate.value();
      all.duration.merge(theirs.duration);
    });
    return all;
  }

 private:
  struct Counts {
    telemetry::Counter frauds;
    telemetry::Counter legitimate;
    telemetry::Histogram duration;

    void add(std::uint64_t count, std::uint64_t fraudulent) {
      frauds.add(fraudulent);
      legitimate.add(count - fraudulent);
    }
  };
  telemetry::PerThread<Counts> counts_;
};

}  // namespace vigie::decision
