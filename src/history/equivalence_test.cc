// The history in memory and on disk against the obvious one, on made-up streams, bit for bit.
#include <gtest/gtest.h>

#include <memory>

#include "history/durable_history.h"
#include "history/made_up_stream.h"
#include "history/scratch_folder.h"
#include "history/slow_history.h"

namespace vigie::history {
namespace {

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
