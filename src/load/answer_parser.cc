#include "load/answer_parser.h"

#include <algorithm>
#include <array>

namespace vigie::load {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::uint64_t kMostBody = std::uint64_t{1} << 60;  // sums of sizes stay far from overflow
constexpr std::uint32_t kMostInterim = 16;

bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }
char lower(char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + ('a' - 'A')) : byte; }

bool same_word(std::string_view text, std::string_view lower_case) {
  return std::ranges::equal(text, lower_case, [](char a, char b) { return lower(a) == b; });
}

// RFC 9110, 5.6.2: what a field's name is made of.
constexpr std::array<bool, 256> kToken = [] {
  std::array<bool, 256> token{};
  for (char byte = '0'; byte <= '9'; ++byte) token[static_cast<unsigned char>(byte)] = true;
  for (char byte = 'a'; byte <= 'z'; ++byte) token[static_cast<unsigned char>(byte)] = true;
  for (char byte = 'A'; byte <= 'Z'; ++byte) token[static_cast<unsigned char>(byte)] = true;
  for (const char byte : std::string_view("!#$%&'*+-.^_`|~")) token[static_cast<unsigned char>(byte)] = true;
  return token;
}();
bool is_token(char byte) { return kToken[static_cast<unsigned char>(byte)]; }

std::string_view without_spaces(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Whether a comma-separated list has the word.
bool lists(std::string_view list, std::string_view lower_case) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    if (same_word(without_spaces(list.substr(0, end)), lower_case)) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

int hex_digit(char byte) {
  if (is_digit(byte)) return byte - '0';
  const char small = lower(byte);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

}  // namespace

bool AnswerParser::fail_with(std::string_view why) {
  state_ = State::kFailed;
  failure_ = why;
  keep_alive_ = false;
  return false;
}

std::size_t AnswerParser::advance(std::string_view bytes) {
  std::size_t taken = 0;
  while (state_ == State::kNeedMore && taken < bytes.size()) {
    const std::string_view rest = bytes.substr(taken);
    const std::size_t more = phase_ == Phase::kHead ? take_head(rest) : take_body(rest);
    if (more == 0) break;
    taken += more;
  }
  return taken;
}

void AnswerParser::finish() {
  if (state_ != State::kNeedMore) return;
  if (phase_ == Phase::kUntilClose) {
    state_ = State::kComplete;
  } else {
    fail_with("the connection ended within the answer");
  }
}

std::size_t AnswerParser::take_head(std::string_view bytes) {
  constexpr std::string_view kHeadEnd = "\r\n\r\n";
  const std::size_t end = bytes.find(kHeadEnd, scanned_);
  if (end == std::string_view::npos) {
    scanned_ = bytes.size() < kHeadEnd.size() ? 0 : bytes.size() - (kHeadEnd.size() - 1);
    if (bytes.size() >= kMostHead) fail_with("the head is larger than 64 KiB");
    return 0;
  }
  const std::size_t size = end + kHeadEnd.size();
  if (size > kMostHead) return fail_with("the head is larger than 64 KiB"), 0;
  scanned_ = 0;
  if (read_head(bytes.substr(0, end + kLineEnd.size()))) end_head();
  return size;
}

// RFC 9112, 4 and 5. `head` ends with the last field's line end.
bool AnswerParser::read_head(std::string_view head) {
  const std::size_t end = head.find(kLineEnd);
  const std::string_view line = head.substr(0, end);
  const bool form = line.size() >= 12 && (line.starts_with("HTTP/1.1 ") || line.starts_with("HTTP/1.0 ")) &&
                    line[9] >= '1' && line[9] <= '5' && is_digit(line[10]) && is_digit(line[11]) &&
                    (line.size() == 12 || line[12] == ' ') && line.find_first_of("\r\n") == std::string_view::npos;
  if (!form) return fail_with("the status line has not the form of HTTP/1.1");
  status_ = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  keep_alive_ = line[7] == '1';
  chunked_ = counted_ = false;
  for (head.remove_prefix(end + kLineEnd.size()); !head.empty();) {
    const std::size_t field_end = head.find(kLineEnd);
    if (!read_field(head.substr(0, field_end))) return false;
    head.remove_prefix(field_end + kLineEnd.size());
  }
  return true;
}

bool AnswerParser::read_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == 0 || colon == std::string_view::npos) return fail_with("a header line has no name");
  const std::string_view name = line.substr(0, colon);
  if (!std::ranges::all_of(name, is_token)) return fail_with("a header's name has a character that names have not");
  const std::string_view value = without_spaces(line.substr(colon + 1));
  if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) {
    return fail_with("a header has a bare line end or a NUL");
  }
  // The three fields that matter are told by their length first.
  if (name.size() == 14 && same_word(name, "content-length")) {
    if (value.empty() || value.size() > 18 || !std::ranges::all_of(value, is_digit)) {
      return fail_with("Content-Length is no plain number");
    }
    std::uint64_t length = 0;
    for (const char digit : value) length = length * 10 + static_cast<std::uint64_t>(digit - '0');
    if (counted_) return fail_with("there are two Content-Length fields");
    counted_ = true;
    left_ = length;
  } else if (name.size() == 17 && same_word(name, "transfer-encoding")) {
    if (chunked_ || !same_word(value, "chunked")) return fail_with("a Transfer-Encoding other than chunked");
    chunked_ = true;
  } else if (name.size() == 10 && same_word(name, "connection")) {
    if (lists(value, "close")) {
      keep_alive_ = false;
    } else if (lists(value, "keep-alive")) {
      keep_alive_ = true;
    }
  }
  return true;
}

// RFC 9112, 6.3: how long the body is.
void AnswerParser::end_head() {
  if (status_ == 101) {
    fail_with("101: nobody asked for another protocol");
  } else if (status_ < 200) {
    if (chunked_ || counted_) {
      fail_with("an interim answer with a body");
    } else if (++interim_ > kMostInterim) {
      fail_with("too many interim answers");
    }  // else the real one follows
  } else if (chunked_ && counted_) {
    fail_with("Content-Length beside Transfer-Encoding");
  } else if (status_ == 204 || status_ == 304) {
    state_ = State::kComplete;
  } else if (chunked_) {
    phase_ = Phase::kChunkSize;
    left_ = 0;
    size_digits_ = false;
  } else if (counted_) {
    phase_ = Phase::kCounted;
    if (left_ == 0) state_ = State::kComplete;
  } else {
    phase_ = Phase::kUntilClose;
    keep_alive_ = false;
  }
}

std::size_t AnswerParser::take_body(std::string_view bytes) {
  if (phase_ == Phase::kUntilClose) return bytes.size();
  if (phase_ == Phase::kCounted || phase_ == Phase::kChunkData) {
    const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    left_ -= taken;
    if (left_ == 0) {
      if (phase_ == Phase::kCounted) {
        state_ = State::kComplete;
      } else {
        phase_ = Phase::kChunkDataCr;
      }
    }
    return taken;
  }
  take_chunk_byte(bytes.front());
  return 1;
}

// RFC 9112, 7.1, but for the data.
void AnswerParser::take_chunk_byte(char byte) {
  const auto expect = [&](char wanted, Phase next, std::string_view why) {
    if (byte == wanted) {
      phase_ = next;
    } else {
      fail_with(why);
    }
  };
  constexpr std::string_view kBadSize = "a chunk's size is no hexadecimal number";
  constexpr std::string_view kBadLine = "a chunk's line has a bare CR or LF";
  const bool extra = phase_ == Phase::kChunkExtension || phase_ == Phase::kTrailer || phase_ == Phase::kTrailerStart;
  if (extra && ++extra_ > kMostHead) {
    fail_with("chunk extensions or trailers are larger than 64 KiB");
    return;
  }
  switch (phase_) {
    case Phase::kChunkSize: {
      const int digit = hex_digit(byte);
      if (digit >= 0) {
        left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
        size_digits_ = true;
        if (left_ > kMostBody) fail_with("a chunk is too large");
      } else if (size_digits_ && byte == '\r') {
        phase_ = Phase::kChunkSizeEnd;
      } else if (size_digits_ && byte == ';') {
        phase_ = Phase::kChunkExtension;
      } else {
        fail_with(kBadSize);
      }
      return;
    }
    case Phase::kChunkExtension:
      if (byte == '\r') {
        phase_ = Phase::kChunkSizeEnd;
      } else if (byte == '\n') {
        fail_with(kBadLine);
      }
      return;
    case Phase::kChunkSizeEnd:
      size_digits_ = false;
      return expect('\n', left_ == 0 ? Phase::kTrailerStart : Phase::kChunkData, kBadLine);
    case Phase::kChunkDataCr: return expect('\r', Phase::kChunkDataLf, "a chunk is longer than it said");
    case Phase::kChunkDataLf: return expect('\n', Phase::kChunkSize, kBadLine);
    case Phase::kTrailerStart:
      if (byte == '\r') {
        phase_ = Phase::kLastLf;
      } else if (is_token(byte)) {
        phase_ = Phase::kTrailer;
      } else {
        fail_with("a trailer has no name");
      }
      return;
    case Phase::kTrailer:
      if (byte == '\r') {
        phase_ = Phase::kTrailerLf;
      } else if (byte == '\n') {
        fail_with(kBadLine);
      }
      return;
    case Phase::kTrailerLf: return expect('\n', Phase::kTrailerStart, kBadLine);
    case Phase::kLastLf:
      if (byte == '\n') {
        state_ = State::kComplete;
      } else {
        fail_with(kBadLine);
      }
      return;
    default: return;  // kHead, kCounted, kUntilClose and kChunkData are not taken by the byte
  }
}

}  // namespace vigie::load
