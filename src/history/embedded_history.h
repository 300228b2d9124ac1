// The history in this process's memory, in shards with a lock each: a client's, then its event's terminal's.
//
// Per client 32 bytes, at most 11 bytes of index, 24 bytes an event with up to a quarter more in reserve, at most 512
// events: memory_bound() says what that makes.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>

#include "history/change.h"
#include "history/client_past.h"
#include "history/history.h"
#include "history/recency_table.h"
#include "history/snapshot.h"

namespace vigie::history {

struct Bounds {
  // Beyond them goes who was not seen for the longest in the same 64th of the clients (or terminals).
  std::uint32_t clients = 4'000'000;
  std::uint32_t terminals = 1'000'000;
  std::int64_t late = kDay;     // s, 0..7 days: how long after its time an event is still counted
  std::int64_t ahead = 5 * 60;  // s, 0..1 day: how much ahead of `now` its time may be
};

class EmbeddedHistory final : public History {
 public:
  // kInvalidArgument for bounds out of their ranges. `log`, where there is one, outlives the history.
  static Result<std::unique_ptr<EmbeddedHistory>> make(const Bounds& bounds, ChangeLog* log = nullptr);

  Result<Outcome> observe(const domain::Event& event, std::int64_t now, FeatureRow out) override;
  Status read(const domain::Event& event, FeatureRow out) const override;
  Result<LabelOutcome> label(const domain::Label& label) override;
  Result<bool> forget(std::uint64_t client) override;

  // A change of the log, again: where the shard of its client (terminal) has that number already, nothing happens.
  void apply(const Change& change, std::uint64_t number);

  // The highest number that any shard has.
  std::uint64_t last_change() const;

  // Shard after shard, each locked only while it is copied; commit() is left to the caller.
  Status write(SnapshotWriter& writer) const;
  // Into a history that is new. kInvalidData for anything that write() does not write.
  Status restore(SnapshotReader& reader);

  std::int64_t clock() const { return clock_.load(std::memory_order_relaxed); }
  std::uint64_t clients() const;
  std::uint64_t terminals() const;
  // Of the tables and what hangs on them, as asked of the allocator, which adds some of its own.
  std::uint64_t bytes() const;

 private:
  EmbeddedHistory(const Bounds& bounds, ChangeLog* log) : bounds_(bounds), log_(log) {}

  template <typename Record>
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    RecencyTable<Record> table;
    std::uint64_t owned = 0;   // bytes of the records' own
    std::uint64_t number = 0;  // of the last change
  };
  using ClientShard = Shard<ClientPast>;
  using TerminalShard = Shard<TerminalPast>;

  std::int64_t horizon(std::int64_t clock) const { return clock - bounds_.late - kLongestWindow; }
  // Forward with `now`, or back where a `now` so far behind shows that an earlier one was wrong.
  std::int64_t advance(std::int64_t now);
  void add(ClientShard& shard, const domain::Event& event, std::int64_t horizon) const;
  void add(TerminalShard& shard, const domain::Event& event, std::int64_t horizon) const;

  Bounds bounds_;
  ChangeLog* log_;
  std::atomic<std::int64_t> clock_{0};
  std::array<ClientShard, kShards> clients_;
  std::array<TerminalShard, kShards> terminals_;
};

// At most so many bytes, whatever is observed: `clients` with kMostEvents each and `terminals` counted by the hour.
std::uint64_t memory_bound(const Bounds& bounds);

}  // namespace vigie::history
