// The history in memory and on disk against the obvious one, on made-up streams, bit for bit.
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <memory>
#include <vector>

#include "base/random.h"
#include "history/durable_history.h"
#include "history/scratch_folder.h"
#include "history/slow_history.h"

namespace vigie::history {
namespace {

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
testing::AssertionResult same_bits(const Row& fast, const Row& slow) {
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

// One call to both, and what they say to it.
void compare_one(StreamMaker& maker, History& fast, SlowHistory& slow) {
  Row fast_row;
  Row slow_row;
  const domain::Event event = maker.next();
  const auto fast_outcome = fast.observe(event, maker.now(), fast_row);
  const auto slow_outcome = slow.observe(event, maker.now(), slow_row);
  ASSERT_TRUE(fast_outcome) << fast_outcome.error().to_string();
  ASSERT_EQ(*fast_outcome, *slow_outcome);
  ASSERT_TRUE(same_bits(fast_row, slow_row)) << to_string(*fast_outcome);
  if (maker.random().bernoulli(0.2)) {
    const domain::Event& labelled = maker.any_before();
    if (labelled.terminal != 0) {
      const domain::Label label{.id = labelled.id,
                                .terminal = labelled.terminal,
                                .time = labelled.time,
                                .fraud = maker.random().bernoulli(0.7)};
      ASSERT_EQ(*fast.label(label), *slow.label(label));
    }
  }
  if (maker.random().bernoulli(0.003)) {
    const std::uint64_t client = maker.any_before().client;
    ASSERT_TRUE(fast.forget(client));
    ASSERT_TRUE(slow.forget(client));
  }
}

TEST(Equivalence, InMemory) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const Bounds bounds{.late = seed % 2 == 0 ? kDay : 6 * kDay, .ahead = 300};
    const auto fast = EmbeddedHistory::make(bounds);
    SlowHistory slow(bounds);
    const Stream stream;
    StreamMaker maker(stream, seed);
    for (int call = 0; call < stream.calls; ++call) {
      compare_one(maker, **fast, slow);
      if (HasFatalFailure()) FAIL() << "seed " << seed << ", call " << call;
    }
  }
}

TEST(Equivalence, BeyondWhatIsKeptOfAClientAndATerminal) {
  const Bounds bounds;
  const auto fast = EmbeddedHistory::make(bounds);
  SlowHistory slow(bounds);
  const Stream stream{.clients = 2, .terminals = 2, .mean_pause = 900, .disorder = 0.1, .calls = 5'000};
  StreamMaker maker(stream, 11);
  bool incomplete = false;
  for (int call = 0; call < stream.calls; ++call) {
    compare_one(maker, **fast, slow);
    if (HasFatalFailure()) FAIL() << "call " << call;
    Row row;
    ASSERT_TRUE((*fast)->read(maker.any_before(), row));
    incomplete |= row[kIncomplete] == 1 && row[kCount + 3] > 100;
  }
  EXPECT_TRUE(incomplete) << "the stream was to reach the bound";
}

TEST(Equivalence, OnDiskWithRestartsAndCheckpointsBetween) {
  for (const Durability durability : {Durability::kAlways, Durability::kInterval, Durability::kNever}) {
    const ScratchFolder folder;
    const DurableHistory::Options options{.durability = durability, .interval = std::chrono::milliseconds(1)};
    auto fast = DurableHistory::open(folder.path(), options);
    ASSERT_TRUE(fast) << fast.error().to_string();
    SlowHistory slow(options.bounds);
    const Stream stream{.mean_pause = 8'000, .calls = 1'000};
    StreamMaker maker(stream, 21);
    for (int call = 0; call < stream.calls; ++call) {
      compare_one(maker, **fast, slow);
      if (HasFatalFailure()) FAIL() << to_string(durability) << ", call " << call;
      const bool restart = maker.random().bernoulli(0.02);
      if (maker.random().bernoulli(0.02) || (restart && durability == Durability::kNever)) {
        ASSERT_TRUE((*fast)->checkpoint());
      }
      if (restart) {
        fast->reset();
        fast = DurableHistory::open(folder.path(), options);
        ASSERT_TRUE(fast) << fast.error().to_string();
        // The clock is where the last change was, and answers rest on it: the next call brings both there.
        Row row;
        const domain::Event event{.id = 1, .client = 99, .cents = 1, .time = maker.now()};
        ASSERT_EQ(*(*fast)->observe(event, maker.now(), row), *slow.observe(event, maker.now(), row));
      }
    }
  }
}

}  // namespace
}  // namespace vigie::history
