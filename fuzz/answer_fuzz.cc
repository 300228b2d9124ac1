// The load generator's answer parser: whatever the pieces a server's bytes come in, it must cut the same answers out of
// them and take no more than it was given.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "load/answer_parser.h"

namespace {

using vigie::load::AnswerParser;

struct Reading {
  std::vector<int> statuses;
  bool failed = false;
  bool operator==(const Reading&) const = default;
};

// `step` bytes more each time, then the connection's end.
Reading read(std::string_view input, std::size_t step) {
  Reading reading;
  AnswerParser parser;
  std::vector<char> buffer;
  while (!input.empty()) {
    const std::size_t more = std::min(step, input.size());
    buffer.insert(buffer.end(), input.begin(), input.begin() + static_cast<std::ptrdiff_t>(more));
    input.remove_prefix(more);
    while (true) {
      // A copy of its own size, so that a read beyond the end is seen.
      const std::vector<char> given(buffer);
      const std::size_t taken = parser.advance({given.data(), given.size()});
      if (taken > given.size()) std::abort();
      buffer.erase(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(taken));
      if (parser.state() != AnswerParser::State::kComplete) break;
      if (parser.status() < 200 || parser.status() > 599) std::abort();
      reading.statuses.push_back(parser.status());
      parser.start();
    }
    if (parser.state() == AnswerParser::State::kFailed) break;
  }
  parser.finish();
  if (parser.state() == AnswerParser::State::kComplete) reading.statuses.push_back(parser.status());
  reading.failed = parser.state() == AnswerParser::State::kFailed;
  return reading;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 8192) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (read(input, size) != read(input, 1 + data[size - 1] % 7)) std::abort();
  return 0;
}
