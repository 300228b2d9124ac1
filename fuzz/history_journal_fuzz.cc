// Any bytes as a journal: what is taken is what would be written, byte for byte, and a history applies it. The input is
// read as it is, and as records behind a head that fits, each with its number and its checksum put right.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "history/checksum.h"
#include "history/embedded_history.h"
#include "history/journal_format.h"

namespace {

using namespace vigie::history;

void read(std::string_view bytes) {
  auto history = EmbeddedHistory::make({}).value();
  const auto head = read_journal_head(bytes, "input");
  if (!head) {
    if (head.error().message.empty()) std::abort();
    return;
  }
  std::string again = write_journal_head(*head);
  const auto end = read_journal(bytes, "input", [&](const Change& change, std::uint64_t number) {
    std::uint64_t synced = 0;
    std::memcpy(&synced, bytes.data() + again.size() + 16, sizeof synced);
    append_journal_record(again, change, number, synced);
    history->apply(change, number);
  });
  if (!end) return;
  if (end->whole != again.size() || bytes.substr(0, end->whole) != again) std::abort();
  if (end->whole > kJournalHeadBytes && history->last_change() == 0) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  read(input);
  std::string sealed = write_journal_head({.first = 1, .fingerprint = 2}) + std::string(input);
  for (std::uint64_t number = 1; kJournalHeadBytes + number * kJournalRecordBytes <= sealed.size(); ++number) {
    char* const record = sealed.data() + kJournalHeadBytes + (number - 1) * kJournalRecordBytes;
    std::memcpy(record + 8, &number, sizeof number);
    const std::uint32_t sum = checksum(std::string_view(record + 4, kJournalRecordBytes - 4));
    std::memcpy(record, &sum, sizeof sum);
  }
  read(sealed);
  return 0;
}
