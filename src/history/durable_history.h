// The embedded history, with its past kept in a folder: a snapshot, and journals of what changed since.
//
//   auto history = VIGIE_TRY(DurableHistory::open("state/history", {.durability = Durability::kAlways}));
//   history->observe(history->keys().event(transaction), now, row);   // answers when it is as durable as asked
//   history->checkpoint();                                            // now and then: a new snapshot, short journals
//
// One process has a folder at a time. What each durability promises: docs/history.md.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string_view>

#include "history/embedded_history.h"
#include "history/event_keys.h"
#include "history/journal.h"

namespace vigie::history {

class DurableHistory final : public History {
 public:
  struct Options {
    Bounds bounds{};
    Durability durability = Durability::kAlways;
    std::chrono::milliseconds interval{100};  // of Durability::kInterval, at least 1
  };

  // Makes the folder, its owner's alone, where it is not there, and restores what is in it. kFailedPrecondition where
  // another process has it, kInvalidData where a file is not as it was written.
  static Result<std::unique_ptr<DurableHistory>> open(const std::filesystem::path& folder, const Options& options);
  ~DurableHistory() override;

  // The keys of this folder's history: restarts do not change them.
  const EventKeys& keys() const { return keys_; }

  // As EmbeddedHistory, and the failure of the disk: the change may be lost then, `out` is filled all the same.
  Result<Outcome> observe(const domain::Event& event, std::int64_t now, FeatureRow out) override;
  Status read(const domain::Event& event, FeatureRow out) const override { return memory_->read(event, out); }
  Result<LabelOutcome> label(const domain::Label& label) override;
  Status status() const override { return log_.journal == nullptr ? Status() : log_.journal->status(); }
  Result<bool> forget(std::uint64_t client) override;  // older files have the client until the next checkpoint

  // Writes a snapshot while others go on, and removes the journals that it makes needless.
  Status checkpoint();

  const EmbeddedHistory& memory() const { return *memory_; }
  std::uint64_t journal_bytes() const;  // in the present journal: what a restart would apply again

 private:
  class Lock;
  DurableHistory(std::filesystem::path folder, const Options& options, std::unique_ptr<Lock> lock,
                 const KeyedHash& hash);
  Status restore();
  Status start_journal();
  Result<std::unique_ptr<JournalFile>> make_journal(std::uint64_t first) const;
  Status write_snapshot(std::uint64_t changes) const;
  Status settle();

  std::filesystem::path folder_;
  Options options_;
  std::unique_ptr<Lock> lock_;
  EventKeys keys_;
  std::uint64_t last_ = 0;  // the last change's number when the folder was opened
  std::mutex checkpoint_;
  // The memory appends to the journal, which must be there longer, and is made once the memory is restored.
  class LateLog final : public ChangeLog {
   public:
    std::uint64_t append(const Change& change) override { return journal->append(change); }
    std::unique_ptr<Journal> journal;
  };
  LateLog log_;
  std::unique_ptr<EmbeddedHistory> memory_;
};

}  // namespace vigie::history
