// Frames one HTTP/1.x request out of a growing buffer, strictly: what proxies and servers are known to read differently
// (two lengths, folded lines, bare line ends, odd chunk sizes) is refused, never repaired. RFC 9112; Beast's parser is
// inside, which lets through more than this does.
//
//   parser.start();
//   switch (parser.advance(bytes)) { ... }   // bytes: all received since the request's first byte, wherever they are
//   now
//
// A body that is not wanted whole is handed on in pieces by stream_body() and advance_body(), instead of
// set_body_limit() and advance() after kHeadDone. Chunked bodies are joined in place, which is why the bytes are not
// const. One object, one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace vigie::http {

struct HeadLimits {
  std::size_t bytes = 16 * 1024;  // request line and fields together, and trailers
  std::size_t fields = 100;
};

struct RequestHead {
  Method method = Method::kGet;
  int version = 11;  // 10 or 11
  bool keep_alive = true;
  bool chunked = false;
  bool wants_timing = false;  // X-Server-Timing: 1
  bool repeated = false;      // the parser's last one had the same bytes, but for the digits of Content-Length
  std::uint64_t content_length = 0;
  Slice target;
  Slice traceparent;  // its value where it stands there once
  std::vector<FieldSlices> fields;
};

class RequestParser {
 public:
  enum class State : std::uint8_t {
    kNeedHead,  // give more
    kHeadDone,  // told once: say set_body_limit(), then go on
    kNeedBody,  // give more
    kComplete,
    kFailed,  // failure() says why; nothing more can be read from this connection
  };

  explicit RequestParser(HeadLimits limits);
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  void start();  // the next request
  void set_body_limit(std::uint64_t bytes);
  State advance(std::span<char> bytes);

  // What the body has so far may be used and thrown away. `used` bytes, from the first, are done with: the next call
  // begins behind them. `body` lies within them.
  struct Piece {
    State state = State::kNeedBody;  // kNeedBody, kComplete, kFailed
    std::size_t used = 0;
    std::span<const char> body{};
  };
  void stream_body(std::uint64_t limit);      // after kHeadDone; bytes of the body, in all
  Piece advance_body(std::span<char> bytes);  // what was received behind what is used; at first, behind the head

  const RequestHead& head() const;
  Slice body() const;             // when kComplete
  std::size_t size() const;       // when kComplete: the request's bytes on the wire
  std::size_t head_size() const;  // from kHeadDone on
  const Rejection& failure() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vigie::http
