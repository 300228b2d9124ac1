// Any bytes as a snapshot: what is taken is what would be written, byte for byte, and answers decisions. The input is
// read as it is, and as records of a file whose other parts and checksums fit: the first byte says of which section.
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "history/embedded_history.h"

namespace {

using namespace vigie::history;

std::filesystem::path scratch() {
  return std::filesystem::temp_directory_path() / ("vigie-history-fuzz-" + std::to_string(::getpid()));
}

std::string written(const SnapshotHeader& header, const EmbeddedHistory& history) {
  auto writer = SnapshotWriter::create(scratch(), header);
  if (!writer || !history.write(*writer) || !writer->commit(history.clock())) std::abort();
  auto bytes = vigie::read_file(scratch());
  std::filesystem::remove(scratch());
  return bytes.value();
}

void read(std::string_view bytes) {
  auto history = EmbeddedHistory::make({}).value();
  auto reader = SnapshotReader::open(bytes, "input");
  if (!reader) return;
  const auto restored = history->restore(*reader);
  if (!restored) {
    if (restored.error().message.empty()) std::abort();
    return;
  }
  if (written(reader->header(), *history) != bytes) std::abort();
  std::array<double, kFeatures> row{};
  for (std::uint64_t key = 0; key < 64; ++key) {
    const vigie::domain::Event event{.id = key, .client = key, .terminal = key, .cents = 100, .time = history->clock()};
    if (!history->observe(event, history->clock(), row)) std::abort();
  }
}

// Sections that are empty but for one, with the records that its bytes begin with.
std::string sealed(std::string_view records, std::uint8_t which) {
  auto writer = SnapshotWriter::create(scratch(), {.changes = 1, .fingerprint = 2});
  if (!writer) std::abort();
  std::uint64_t count = 0;
  for (std::string_view rest = records;
       which < kShards ? take_client(rest).has_value() : take_terminal(rest).has_value();) {
    ++count;
  }
  for (std::uint32_t i = 0; i < 2 * kShards; ++i) {
    Section section{.kind = i < kShards ? Section::Kind::kClients : Section::Kind::kTerminals, .shard = i % kShards};
    if (i == which % (2 * kShards)) section.records = count, section.payload = records;
    if (!writer->section(section)) std::abort();
  }
  if (!writer->commit(1'700'000'000)) std::abort();
  auto bytes = vigie::read_file(scratch());
  std::filesystem::remove(scratch());
  return bytes.value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  read(input);
  if (size > 0) read(sealed(input.substr(1), data[0] % (2 * kShards)));
  return 0;
}
