// The request parser: whatever the pieces its bytes come in, whether the body is taken whole or as it comes, and
// whatever request came before on the same connection, it must come to the same verdict and stay inside them.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "http/request_parser.h"

namespace {

using vigie::http::RequestParser;

struct Verdict {
  RequestParser::State state = RequestParser::State::kNeedHead;
  int status = 0;
  std::size_t size = 0;
  std::string target;
  std::string body;

  bool operator==(const Verdict&) const = default;
};

// Feeds the first request of `input`, `step` bytes more each time; 0: all at once.
Verdict parse(RequestParser& parser, std::string_view input, std::size_t step) {
  parser.start();
  std::string bytes(input);  // joined in place
  std::size_t given = step == 0 ? bytes.size() : std::min(step, bytes.size());
  Verdict verdict;
  while (true) {
    // A copy of its own size, so that a read beyond the end is seen; the parser must not mind that bytes move.
    std::vector<char> moved(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(given));
    verdict.state = parser.advance(moved);
    std::copy(moved.begin(), moved.end(), bytes.begin());
    switch (verdict.state) {
      case RequestParser::State::kHeadDone: parser.set_body_limit(4096); continue;
      case RequestParser::State::kNeedHead:
      case RequestParser::State::kNeedBody:
        if (given == bytes.size()) return verdict;
        given = std::min(bytes.size(), given + step);
        continue;
      case RequestParser::State::kFailed: verdict.status = parser.failure().status; return verdict;
      case RequestParser::State::kComplete: {
        const auto target = parser.head().target;
        const auto body = parser.body();
        verdict.size = parser.size();
        if (verdict.size > given || body.at + body.size > verdict.size) std::abort();
        verdict.target.assign(moved.data() + target.at, target.size);
        verdict.body.assign(moved.data() + body.at, body.size);
        return verdict;
      }
    }
  }
}

constexpr vigie::http::HeadLimits kLimits{.bytes = 1024, .fields = 16};

Verdict parse(std::string_view input, std::size_t step) {
  RequestParser parser(kLimits);
  return parse(parser, input, step);
}

// Behind a request that is the same, then behind one that differs from it in a byte.
void check_repetition(const std::string& input, std::size_t draw, const Verdict& whole) {
  if (whole.state != RequestParser::State::kComplete) return;
  RequestParser parser(kLimits);
  std::string other = input;
  other[draw % other.size()] = static_cast<char>('0' + draw / other.size() % 10);
  for (const std::string& next : {input, input, other}) {
    const Verdict wanted = parse(next, 0);
    if (parse(parser, next, 0) != wanted) std::abort();
    if (wanted.state != RequestParser::State::kComplete) return;
  }
}

// The same with the body handed on in pieces, as streams take it: what was used is thrown away, and comes no more.
Verdict parse_stream(std::string_view input, std::size_t step) {
  RequestParser parser(kLimits);
  parser.start();
  std::size_t given = step == 0 ? input.size() : std::min(step, input.size());
  std::vector<char> bytes(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(given));
  const auto more = [&] {
    if (given == input.size()) return false;
    const std::size_t next = std::min(input.size(), given + step);
    std::vector<char> moved = bytes;
    moved.insert(moved.end(), input.begin() + static_cast<std::ptrdiff_t>(given),
                 input.begin() + static_cast<std::ptrdiff_t>(next));
    moved.shrink_to_fit();
    bytes = std::move(moved);
    given = next;
    return true;
  };
  Verdict verdict;
  while ((verdict.state = parser.advance(bytes)) == RequestParser::State::kNeedHead) {
    if (!more()) return verdict;
  }
  if (verdict.state == RequestParser::State::kHeadDone) {
    const auto target = parser.head().target;
    verdict.target.assign(bytes.data() + target.at, target.size);
    verdict.size = parser.head_size();
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(verdict.size));
    parser.stream_body(4096);
    do {
      const RequestParser::Piece piece = parser.advance_body(bytes);
      verdict.state = piece.state;
      if (piece.state == RequestParser::State::kFailed) break;
      if (piece.used > bytes.size() || piece.body.size() > piece.used) std::abort();
      if (!piece.body.empty() && piece.body.data() != bytes.data()) std::abort();
      verdict.body.append(piece.body.data(), piece.body.size());
      verdict.size += piece.used;
      bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(piece.used));
    } while (verdict.state == RequestParser::State::kNeedBody && more());
  }
  if (verdict.state == RequestParser::State::kFailed) {
    Verdict failed;
    failed.state = verdict.state;
    failed.status = parser.failure().status;
    return failed;
  }
  return verdict;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 8192) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const Verdict whole = parse(input, 0);
  const std::size_t step = 1 + data[size - 1] % 7;
  const Verdict pieces = parse(input, step);
  // A complete request is the same one in pieces; a refusal may only differ in which of two faults was met first.
  if (whole.state == RequestParser::State::kComplete && pieces != whole) std::abort();
  if (pieces.state == RequestParser::State::kComplete && pieces != whole) std::abort();
  std::size_t draw = 0;
  for (const char c : input) draw = draw * 31 + static_cast<unsigned char>(c);
  check_repetition(std::string(input), draw, whole);
  for (const Verdict& streamed : {parse_stream(input, 0), parse_stream(input, step)}) {
    const bool complete = streamed.state == RequestParser::State::kComplete;
    if ((complete || whole.state == RequestParser::State::kComplete) && streamed != whole) std::abort();
  }
  return 0;
}
