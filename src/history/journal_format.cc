#include "history/journal_format.h"

#include <array>
#include <bit>
#include <optional>
#include <type_traits>

#include "history/checksum.h"

namespace vigie::history {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are written as they are in memory");

constexpr std::array<char, 8> kMagic = {'V', 'I', 'G', 'I', 'E', 'J', 'N', 'L'};
constexpr std::uint32_t kFormat = 1;

struct Head {
  std::array<char, 8> magic;
  std::uint32_t format;
  std::uint32_t reserved_1;
  std::uint64_t first;
  std::uint64_t fingerprint;
  std::uint32_t reserved_2;
  std::uint32_t checksum;  // of the bytes before it
};
static_assert(sizeof(Head) == kJournalHeadBytes && std::has_unique_object_representations_v<Head>);

struct Record {
  std::uint32_t checksum;  // of the bytes after it
  std::uint8_t kind;
  std::uint8_t type;  // of a label 1 for fraud
  std::uint16_t country;
  std::uint64_t number;
  std::uint64_t synced;
  std::uint64_t id;
  std::uint64_t client;
  std::uint64_t terminal;
  std::uint64_t cents;
  std::uint32_t time;
  std::uint32_t clock;
};
static_assert(sizeof(Record) == kJournalRecordBytes && std::has_unique_object_representations_v<Record>);

template <typename Plain>
std::string_view bytes_of(const Plain& plain) {
  return {reinterpret_cast<const char*>(&plain), sizeof plain};
}

std::uint32_t checksum_of(const Record& record) { return checksum(bytes_of(record).substr(sizeof record.checksum)); }
std::uint32_t checksum_of(const Head& head) {
  return checksum(bytes_of(head).substr(0, sizeof head - sizeof head.checksum));
}

std::optional<Record> record_at(std::string_view bytes, std::size_t at) {
  if (bytes.size() - at < sizeof(Record)) return std::nullopt;
  Record record;
  bytes.copy(reinterpret_cast<char*>(&record), sizeof record, at);
  if (record.checksum != checksum_of(record)) return std::nullopt;
  return record;
}

// Nothing where the record is not as append_journal_record() writes it.
std::optional<Change> change_of(const Record& record) {
  using Kind = Change::Kind;
  const auto kind = static_cast<Kind>(record.kind);
  const bool unused_is_zero = (kind == Kind::kEvent && record.type < domain::kMostTypes && record.country <= 26 * 26 &&
                               record.cents <= domain::kMostCents) ||
                              (kind == Kind::kLabel && record.type <= 1 && record.terminal != 0 &&
                               record.country == 0 && record.client == 0 && record.cents == 0) ||
                              (kind == Kind::kForget && record.type == 0 && record.country == 0 && record.id == 0 &&
                               record.terminal == 0 && record.cents == 0 && record.time == 0);
  if (!unused_is_zero || record.synced >= record.number) return std::nullopt;
  const bool label = kind == Kind::kLabel;
  return Change{.kind = kind,
                .fraud = label && record.type == 1,
                .event = {.id = record.id,
                          .client = record.client,
                          .terminal = record.terminal,
                          .cents = record.cents,
                          .time = record.time,
                          .country = record.country,
                          .type = label ? std::uint8_t{0} : record.type},
                .clock = record.clock};
}

std::unexpected<Error> refuse(std::string message, const std::string& file) {
  return fail(Code::kInvalidData, std::move(message), {.file = file},
              "bring back the folder from a copy, or remove its snapshot and journals and start with no history");
}

}  // namespace

std::string write_journal_head(const JournalHead& head) {
  Head bytes{.magic = kMagic,
             .format = kFormat,
             .reserved_1 = 0,
             .first = head.first,
             .fingerprint = head.fingerprint,
             .reserved_2 = 0,
             .checksum = 0};
  bytes.checksum = checksum_of(bytes);
  return std::string(bytes_of(bytes));
}

void append_journal_record(std::string& bytes, const Change& change, std::uint64_t number, std::uint64_t synced) {
  const domain::Event& event = change.event;
  const bool label = change.kind == Change::Kind::kLabel;
  Record record{.checksum = 0,
                .kind = static_cast<std::uint8_t>(change.kind),
                .type = label ? static_cast<std::uint8_t>(change.fraud ? 1 : 0) : event.type,
                .country = event.country,
                .number = number,
                .synced = synced,
                .id = event.id,
                .client = event.client,
                .terminal = event.terminal,
                .cents = event.cents,
                .time = static_cast<std::uint32_t>(event.time),
                .clock = static_cast<std::uint32_t>(change.clock)};
  record.checksum = checksum_of(record);
  bytes += bytes_of(record);
}

Result<JournalHead> read_journal_head(std::string_view bytes, const std::string& file) {
  Head head;
  if (bytes.size() < sizeof head) return refuse("this is no journal of a history", file);
  bytes.copy(reinterpret_cast<char*>(&head), sizeof head);
  if (head.magic != kMagic) return refuse("this is no journal of a history", file);
  if (head.format != kFormat) {
    return fail(Code::kUnsupported, "format " + std::to_string(head.format) + " of journals", {.file = file},
                "use the version that wrote it");
  }
  if (head.checksum != checksum_of(head) || head.reserved_1 != 0 || head.reserved_2 != 0 || head.first == 0) {
    return refuse("the first 40 bytes are none of this format", file);
  }
  return JournalHead{.first = head.first, .fingerprint = head.fingerprint};
}

Result<JournalEnd> read_journal(std::string_view bytes, const std::string& file, const TakeChange& take) {
  const JournalHead head = VIGIE_TRY(read_journal_head(bytes, file));
  JournalEnd end{.next = head.first, .whole = kJournalHeadBytes};
  for (;; ++end.next, end.whole += sizeof(Record)) {
    const auto record = record_at(bytes, end.whole);
    if (!record) break;
    const auto change = record->number == end.next ? change_of(*record) : std::nullopt;
    if (!change) return refuse("change " + std::to_string(end.next) + " is none of this format", file);
    take(*change, end.next);
  }
  for (std::size_t at = end.whole; at + sizeof(Record) <= bytes.size(); at += sizeof(Record)) {
    const auto later = record_at(bytes, at);
    if (later && later->synced >= end.next) {
      return refuse("change " + std::to_string(end.next) + " was whole once and is not any more", file);
    }
  }
  return end;
}

}  // namespace vigie::history
