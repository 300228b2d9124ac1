// Streams of events for tests that compare histories: late, early and repeated ones, and times at windows' edges.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "base/random.h"
#include "domain/event.h"
#include "history/history.h"

namespace vigie::history {

using Row = std::array<double, kFeatures>;

constexpr std::int64_t kStart = 1'700'000'000;

struct Stream {
  std::uint64_t clients = 6;
  std::uint64_t terminals = 5;
  double mean_pause = 3'000;  // s
  double disorder = 0.3;      // share of events that come late or early
  int calls = 4'000;
};

// Names the first place where two rows differ in a bit.
inline testing::AssertionResult same_bits(const Row& fast, const Row& slow) {
  for (std::size_t i = 0; i < kFeatures; ++i) {
    if (std::memcmp(&fast[i], &slow[i], sizeof fast[i]) != 0) {
      return testing::AssertionFailure() << features()[i].name << ": " << fast[i] << " is not " << slow[i];
    }
  }
  return testing::AssertionSuccess();
}

class StreamMaker {
 public:
  StreamMaker(const Stream& stream, std::uint64_t seed) : stream_(stream), random_(seed) {}

  std::int64_t now() const { return now_; }
  Random& random() { return random_; }
  const domain::Event& any_before() { return sent_[random_.below(sent_.size())]; }
  bool none_before() const { return sent_.empty(); }

  domain::Event next() {
    now_ += static_cast<std::int64_t>(random_.exponential(stream_.mean_pause));
    if (random_.bernoulli(0.002)) now_ += static_cast<std::int64_t>(random_.below(50)) * kDay;
    if (!sent_.empty() && random_.bernoulli(0.1)) return any_before();
    domain::Event event{.id = random_.next(),
                        .client = 1 + random_.below(stream_.clients),
                        .terminal = random_.below(stream_.terminals + 1),
                        .cents = amount(),
                        .time = now_,
                        .country = static_cast<std::uint16_t>(random_.below(4)),
                        .type = static_cast<std::uint8_t>(random_.below(3))};
    if (random_.bernoulli(stream_.disorder)) {
      const bool ahead = random_.bernoulli(0.2);
      event.time += ahead ? static_cast<std::int64_t>(random_.below(600))
                          : -static_cast<std::int64_t>(random_.exponential(0.4 * kDay));
    }
    // Edges of windows, to the second, from another one's time.
    if (!sent_.empty() && random_.bernoulli(0.2)) {
      const std::int64_t edge = any_before().time + kWindows[random_.below(4)] +
                                static_cast<std::int64_t>(random_.below(3)) - 1 +
                                (random_.bernoulli(0.5) ? kRiskDelay : 0);
      if (edge >= event.time && edge < now_ + kDay) now_ = std::max(now_, event.time = edge);
    }
    sent_.push_back(event);
    return event;
  }

 private:
  std::uint64_t amount() {
    switch (random_.below(8)) {
      case 0: return 0;
      case 1: return domain::kMostCents - random_.below(3);
      case 2: return 1'000;
      default: return random_.below(1'000'000);
    }
  }

  Stream stream_;
  Random random_;
  std::int64_t now_ = kStart;
  std::vector<domain::Event> sent_;
};

// One event to both, now and then a label and a client to forget, and what they say to it.
inline void compare_one(StreamMaker& maker, History& one, History& other) {
  Row row;
  Row other_row;
  const domain::Event event = maker.next();
  const auto outcome = one.observe(event, maker.now(), row);
  const auto other_outcome = other.observe(event, maker.now(), other_row);
  ASSERT_TRUE(outcome) << outcome.error().to_string();
  ASSERT_EQ(*outcome, *other_outcome);
  ASSERT_TRUE(same_bits(row, other_row)) << to_string(*outcome);
  if (maker.random().bernoulli(0.2)) {
    const domain::Event& labelled = maker.any_before();
    if (labelled.terminal != 0) {
      const domain::Label label{.id = labelled.id,
                                .terminal = labelled.terminal,
                                .time = labelled.time,
                                .fraud = maker.random().bernoulli(0.7)};
      ASSERT_EQ(*one.label(label), *other.label(label));
    }
  }
  if (maker.random().bernoulli(0.003)) {
    const std::uint64_t client = maker.any_before().client;
    ASSERT_TRUE(one.forget(client));
    ASSERT_TRUE(other.forget(client));
  }
}

}  // namespace vigie::history
