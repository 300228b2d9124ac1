// Changes on disk, one after the other, format 1: a head of 40 bytes, then 64 bytes for each. docs/history.md has them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "history/change.h"

namespace vigie::history {

inline constexpr std::size_t kJournalHeadBytes = 40;
inline constexpr std::size_t kJournalRecordBytes = 64;

struct JournalHead {
  std::uint64_t first = 1;        // the number of its first change
  std::uint64_t fingerprint = 0;  // of the key that made keys of names
};

std::string write_journal_head(const JournalHead& head);
// `synced` is the number of the last change that surely was on the disk when this one was written.
void append_journal_record(std::string& bytes, const Change& change, std::uint64_t number, std::uint64_t synced);

// kInvalidData or, for a newer format, kUnsupported. `file` is for errors here and below.
Result<JournalHead> read_journal_head(std::string_view bytes, const std::string& file);

// Each whole change in order. What remains begins with the first record that is not whole: all that a power cut leaves
// of changes that were not synced. Where a record after it shows that it had been synced, the file is kInvalidData: it
// rotted.
using TakeChange = std::function<void(const Change& change, std::uint64_t number)>;
struct JournalEnd {
  std::uint64_t next = 1;   // the number after the last whole change's
  std::uint64_t whole = 0;  // bytes up to there
};
Result<JournalEnd> read_journal(std::string_view bytes, const std::string& file, const TakeChange& take);

}  // namespace vigie::history
