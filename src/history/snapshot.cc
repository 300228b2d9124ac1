#include "history/snapshot.h"

#include <algorithm>
#include <array>
#include <bit>
#include <type_traits>

#include "history/checksum.h"
#include "history/recency_table.h"

namespace vigie::history {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are written as they are in memory");

constexpr std::array<char, 8> kMagic = {'V', 'I', 'G', 'I', 'E', 'H', 'S', 'T'};
constexpr std::uint32_t kFormat = 1;
constexpr std::uint16_t kCountries = 26 * 26;
struct FileHead {
  std::array<char, 8> magic;
  std::uint32_t format;
  std::uint32_t shards;
  std::uint64_t changes;
  std::uint64_t fingerprint;
  std::uint32_t reserved;
  std::uint32_t checksum;  // of the bytes before it
};
static_assert(sizeof(FileHead) == 40);

struct SectionHead {
  std::uint32_t kind;
  std::uint32_t shard;
  std::uint64_t number;
  std::uint64_t records;
  std::uint64_t size;
  std::uint32_t reserved;
  std::uint32_t checksum;  // of the bytes before it, then of the payload
};
static_assert(sizeof(SectionHead) == 40);

struct ClientHead {
  std::uint64_t key;
  std::uint32_t let_go_until;
  std::uint32_t events;
};
static_assert(sizeof(ClientHead) == 16);

struct TerminalHead {
  std::uint64_t key;
  std::uint16_t uses;
  std::uint16_t frauds;
  std::uint32_t hourly;
};
static_assert(sizeof(TerminalHead) == 16);

template <typename Plain>
std::string_view bytes_of(const Plain& plain) {
  static_assert(std::has_unique_object_representations_v<Plain>);
  return {reinterpret_cast<const char*>(&plain), sizeof plain};
}

template <typename Plain>
std::string_view bytes_of(std::span<const Plain> plain) {
  return {reinterpret_cast<const char*>(plain.data()), plain.size_bytes()};
}

template <typename Plain>
bool take(std::string_view& bytes, Plain& plain) {
  if (bytes.size() < sizeof plain) return false;
  bytes.copy(reinterpret_cast<char*>(&plain), sizeof plain);
  bytes.remove_prefix(sizeof plain);
  return true;
}

template <typename Plain>
bool take(std::string_view& bytes, std::size_t count, std::vector<Plain>& plain) {
  if (bytes.size() / sizeof(Plain) < count) return false;
  plain.resize(count);
  bytes.copy(reinterpret_cast<char*>(plain.data()), count * sizeof(Plain));
  bytes.remove_prefix(count * sizeof(Plain));
  return true;
}

template <typename Head>
std::uint32_t checksum_of(const Head& head, std::string_view payload = {}) {
  return checksum(payload, checksum(bytes_of(head).substr(0, sizeof head - sizeof head.checksum)));
}

constexpr std::uint32_t kSections = 2 * kShards;

}  // namespace

std::uint32_t shard_of(std::uint64_t key) {
  static_assert(kShards == 64);
  return static_cast<std::uint32_t>(mixed(key) >> 58);
}

Result<SnapshotWriter> SnapshotWriter::create(const std::filesystem::path& path, const SnapshotHeader& header) {
  SnapshotWriter writer(VIGIE_TRY(OutputFile::create(path, Readers::kOwner)));
  FileHead head{.magic = kMagic,
                .format = kFormat,
                .shards = kShards,
                .changes = header.changes,
                .fingerprint = header.fingerprint,
                .reserved = 0,
                .checksum = 0};
  head.checksum = checksum_of(head);
  VIGIE_TRY(writer.file_.write(bytes_of(head)));
  return writer;
}

Status SnapshotWriter::section(const Section& section) {
  SectionHead head{.kind = static_cast<std::uint32_t>(section.kind),
                   .shard = section.shard,
                   .number = section.number,
                   .records = section.records,
                   .size = section.payload.size(),
                   .reserved = 0,
                   .checksum = 0};
  head.checksum = checksum_of(head, section.payload);
  VIGIE_TRY(file_.write(bytes_of(head)));
  return file_.write(section.payload);
}

Status SnapshotWriter::commit(std::int64_t clock) {
  VIGIE_TRY(section({.kind = Section::Kind::kEnd, .payload = bytes_of(clock)}));
  return file_.commit();
}

std::unexpected<Error> SnapshotReader::refuse(std::string message) const {
  return fail(Code::kInvalidData, std::move(message), {.file = file_},
              "bring back the folder from a copy, or remove its snapshot and journals and start with no history");
}

Result<SnapshotReader> SnapshotReader::open(std::string_view bytes, std::string file) {
  SnapshotReader reader(bytes, std::move(file));
  FileHead head;
  if (!take(reader.bytes_, head) || head.magic != kMagic) return reader.refuse("this is no snapshot of a history");
  if (head.format != kFormat) {
    return fail(Code::kUnsupported, "format " + std::to_string(head.format) + " of snapshots", {.file = reader.file_},
                "use the version that wrote it");
  }
  if (head.checksum != checksum_of(head)) return reader.refuse("the checksum of the first 40 bytes does not fit");
  if (head.shards != kShards || head.reserved != 0) return reader.refuse("the first 40 bytes are none of this format");
  reader.header_ = {.changes = head.changes, .fingerprint = head.fingerprint};
  return reader;
}

Result<Section> SnapshotReader::next() {
  SectionHead head;
  const std::string name = "section " + std::to_string(sections_ + 1);
  if (!take(bytes_, head) || bytes_.size() < head.size) return refuse("the file ends within " + name);
  const std::string_view payload = bytes_.substr(0, head.size);
  bytes_.remove_prefix(head.size);
  if (head.checksum != checksum_of(head, payload)) return refuse("the checksum of " + name + " does not fit");
  const std::uint32_t kind = 1 + sections_ / kShards;
  const std::uint32_t shard = sections_ % kShards;
  if (head.kind != kind || head.shard != shard || head.reserved != 0) return refuse(name + " is not the one due");
  if (sections_ == kSections) {
    std::string_view rest = payload;
    if (!take(rest, clock_) || !rest.empty() || !bytes_.empty() || head.number != 0 || head.records != 0 ||
        clock_ < 0 || clock_ > domain::kLatestTime) {
      return refuse("the end is none of this format");
    }
  }
  ++sections_;
  return Section{.kind = static_cast<Section::Kind>(kind),
                 .shard = shard,
                 .number = head.number,
                 .records = head.records,
                 .payload = payload};
}

void append_client(std::string& payload, std::uint64_t key, const ClientPast& past) {
  payload += bytes_of(ClientHead{
      .key = key, .let_go_until = past.let_go_until(), .events = static_cast<std::uint32_t>(past.events().size())});
  payload += bytes_of(past.events());
}

void append_terminal(std::string& payload, std::uint64_t key, const TerminalPast& past) {
  payload += bytes_of(TerminalHead{.key = key,
                                   .uses = static_cast<std::uint16_t>(past.uses().size()),
                                   .frauds = static_cast<std::uint16_t>(past.frauds().size()),
                                   .hourly = past.hourly() ? 1U : 0U});
  payload += bytes_of(past.uses());
  payload += bytes_of(past.frauds());
}

bool are_kept(std::span<const KeptEvent> events) {
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (events[i].country > kCountries || (i > 0 && !before(events[i - 1], events[i]))) return false;
  }
  return true;
}

std::optional<ClientRecord> take_client(std::string_view& payload) {
  ClientHead head;
  std::vector<KeptEvent> events;
  if (!take(payload, head) || head.events > kMostEvents || !take(payload, head.events, events)) return std::nullopt;
  if (!are_kept(events)) return std::nullopt;
  std::optional<ClientRecord> record(std::in_place);
  record->key = head.key;
  record->past.restore(events, head.let_go_until);
  return record;
}

std::optional<TerminalRecord> take_terminal(std::string_view& payload) {
  TerminalHead head;
  std::vector<Uses> uses;
  std::vector<Fraud> frauds;
  if (!take(payload, head) || head.hourly > 1 || head.uses > (head.hourly == 1 ? kMostHours : kMostSeconds) ||
      head.frauds > kMostFrauds || !take(payload, head.uses, uses) || !take(payload, head.frauds, frauds)) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < uses.size(); ++i) {
    const bool ascends = i == 0 || uses[i - 1].time < uses[i].time;
    if (!ascends || uses[i].count == 0 || (head.hourly == 1 && uses[i].time % kHour != 0)) return std::nullopt;
  }
  for (std::size_t i = 0; i < frauds.size(); ++i) {
    const bool ascends = i == 0 || frauds[i - 1].time < frauds[i].time ||
                         (frauds[i - 1].time == frauds[i].time && frauds[i - 1].id < frauds[i].id);
    if (!ascends || frauds[i].reserved != 0) return std::nullopt;
  }
  std::optional<TerminalRecord> record(std::in_place);
  record->key = head.key;
  record->past.restore(uses, frauds, head.hourly == 1);
  return record;
}

}  // namespace vigie::history
