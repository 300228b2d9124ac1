// A history on disk, format 1. docs/history.md has the bytes. All of it or nothing: a reader refuses whatever a writer
// would not have written.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "history/client_past.h"
#include "history/terminal_past.h"

namespace vigie::history {

inline constexpr std::uint32_t kShards = 64;
std::uint32_t shard_of(std::uint64_t key);

// The first 40 bytes. All numbers in a snapshot have their lowest byte first.
struct SnapshotHeader {
  std::uint64_t changes = 0;      // the number of the last change that surely is in it
  std::uint64_t fingerprint = 0;  // of the key that made keys of names
};

struct Section {
  enum class Kind : std::uint32_t { kClients = 1, kTerminals = 2, kEnd = 3 };
  Kind kind = Kind::kClients;
  std::uint32_t shard = 0;
  std::uint64_t number = 0;  // of the shard's last change
  std::uint64_t records = 0;
  std::string_view payload{};
};

class SnapshotWriter {
 public:
  static Result<SnapshotWriter> create(const std::filesystem::path& path, const SnapshotHeader& header);

  Status section(const Section& section);
  // The last section, then the file is synced and takes its name.
  Status commit(std::int64_t clock);

 private:
  explicit SnapshotWriter(OutputFile file) : file_(std::move(file)) {}
  OutputFile file_;
};

// Over bytes that outlive it.
class SnapshotReader {
 public:
  // `file` is for errors. kUnsupported for a newer format.
  static Result<SnapshotReader> open(std::string_view bytes, std::string file);

  const SnapshotHeader& header() const { return header_; }
  // The sections of clients and terminals in order of their shards; the end's kind comes last, and once only.
  Result<Section> next();
  std::int64_t clock() const { return clock_; }  // after the end

  std::unexpected<Error> refuse(std::string message) const;

 private:
  SnapshotReader(std::string_view bytes, std::string file) : bytes_(bytes), file_(std::move(file)) {}
  std::string_view bytes_;  // what is left
  std::string file_;
  SnapshotHeader header_{};
  std::uint32_t sections_ = 0;
  std::int64_t clock_ = 0;
};

void append_client(std::string& payload, std::uint64_t key, const ClientPast& past);
void append_terminal(std::string& payload, std::uint64_t key, const TerminalPast& past);

// Whether a client's events are as they are kept: ascending, from countries that there are.
bool are_kept(std::span<const KeptEvent> events);

struct ClientRecord {
  std::uint64_t key = 0;
  ClientPast past;
};
struct TerminalRecord {
  std::uint64_t key = 0;
  TerminalPast past;
};
// The next record, taken off the payload; nothing where its bytes are none.
std::optional<ClientRecord> take_client(std::string_view& payload);
std::optional<TerminalRecord> take_terminal(std::string_view& payload);

}  // namespace vigie::history
