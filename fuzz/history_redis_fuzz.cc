// Any bytes as what a history in Redis consists of: what is taken is what would be written, byte for byte, and gives
// features. The first 8 bytes are the key under which the rest is found, and part of it.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "history/redis_record.h"
#include "history/snapshot.h"

namespace {

using namespace vigie::history;

void use(const ClientPast& past, std::uint64_t key, std::string_view bytes) {
  std::string written(bytes.substr(0, 16));
  for (const KeptEvent& event : past.events()) {
    written.append(reinterpret_cast<const char*>(&event), sizeof event);
  }
  if (written != bytes) std::abort();
  std::array<double, kFeatures> row{};
  for (const KeptEvent& kept : past.events()) {
    const vigie::domain::Event event{.id = kept.id, .client = key, .terminal = 1, .cents = 100, .time = kept.time};
    const std::int64_t horizon = event.time - kLongestWindow;
    write_client_features(event, past, horizon, past.find(event.id, horizon), row);
    if (!(row[kCount] >= 1)) std::abort();
  }
}

void use(const TerminalPast& past, std::uint64_t key, std::string_view bytes) {
  std::string written;
  append_terminal(written, key, past);
  if (written != bytes) std::abort();
  std::array<double, kFeatures> row{};
  for (const Uses& uses : past.uses()) {
    const std::int64_t time = uses.time + kRiskDelay;
    past.write_features(time, time - kRiskDelay - kLongestWindow, row);
    for (std::size_t window = 0; window < kRiskWindows.size(); ++window) {
      if (!(row[kTerminalRisk + window] >= 0 && row[kTerminalRisk + window] <= 1)) std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (const auto setup = read_setup(input); setup && write_setup(*setup) != input) std::abort();
  std::uint64_t key = 0;
  if (size >= sizeof key) std::memcpy(&key, data, sizeof key);
  if (const auto past = read_client(input, key)) use(*past, key, input);
  if (const auto past = read_terminal(input, key)) use(*past, key, input);
  return 0;
}
