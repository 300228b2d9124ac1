// The log of changes on disk. Many threads append; whoever has to wait writes and syncs for all that wait with it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "base/result.h"
#include "history/change.h"

namespace vigie::history {

// When an answer may be given: docs/history.md says what each promises after kill -9 and after a power cut.
enum class Durability : std::uint8_t {
  kAlways,    // its changes are on the disk
  kInterval,  // they will be within an interval
  kNever,     // at once: only snapshots are written, and no journal
};
std::string_view to_string(Durability durability);  // "always", "interval", "never"

// Where a journal's bytes go. Called by one thread at a time.
class JournalFile {
 public:
  virtual ~JournalFile() = default;
  virtual Status write(std::string_view bytes) = 0;  // appends
  virtual Status sync() = 0;                         // what was written survives a power cut
};
// A file that is there, to be appended to.
Result<std::unique_ptr<JournalFile>> append_to_file(const std::filesystem::path& path);

class Journal final : public ChangeLog {
 public:
  // Changes get the numbers after `last`. An interval starts a thread, which syncs every `interval`; without one,
  // wait() is the only thing that does.
  Journal(std::unique_ptr<JournalFile> file, std::uint64_t last, std::optional<std::chrono::milliseconds> interval);
  ~Journal() override;  // what is left is synced

  // Waits only where 64 MB have not been written yet.
  std::uint64_t append(const Change& change) override;
  // Until all that was appended before is on the disk. A failed write or sync is for good: each call returns it, and
  // what is appended after it is lost.
  Status wait();
  Status status() const;

  // Syncs what was appended, and goes on in the file that `make` gives for changes from number `first` on.
  using MakeFile = std::function<Result<std::unique_ptr<JournalFile>>(std::uint64_t first)>;
  Result<std::uint64_t> continue_in(const MakeFile& make);  // `first`

  std::uint64_t written() const;  // bytes of records in the present file

 private:
  using Lock = std::unique_lock<std::mutex>;
  void sync_pending(Lock& lock);
  void run(std::chrono::milliseconds interval, const std::stop_token& stop);

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::unique_ptr<JournalFile> file_;
  std::string pending_;   // records that no one has begun to write
  bool busy_ = false;     // whether somebody writes, without the mutex
  std::uint64_t last_;    // appended
  std::uint64_t synced_;  // on the disk
  std::uint64_t written_ = 0;
  std::optional<Error> failure_;
  std::jthread thread_;
};

}  // namespace vigie::history
