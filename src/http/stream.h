// A request's body and its answer while they move, for stream handlers (router.h). Such a handler runs on a thread of
// its own pool and may block: bounded queues of 256 KiB stand between it and the client, so that memory does not depend
// on sizes, and whoever is slow slows the other down.
//
//   void count(const Request&, BodyReader& body, ResponseStream& answer) {
//     std::array<char, 65536> block;
//     while (true) {
//       const auto size = body.read(block);
//       if (!size) return;                       // the client has gone, or its body is not one: told already
//       if (*size == 0) break;
//       if (!answer.started()) answer.start();   // with answer.response()'s status, type and headers
//       if (!answer.write(line_of(block))) return;
//     }
//     answer.finish();
//   }
//
// A handler that returns without start() has filled answer.response(), which is sent like that of any handler. One that
// returns after start() and without finish() could not go on: the connection is ended so that the client sees it.
//
// Answers of text are compressed on the way for clients that take it (compression.h). What was written leaves at the
// latest when the handler reads again and has to wait.
//
// Where a client sends its whole body before it reads, what it does not take meanwhile is kept in a file
// (ServerOptions::spool).
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "http/message.h"

namespace vigie::http {

class StreamExchange;

class BodyReader {
 public:
  explicit BodyReader(StreamExchange& exchange) : exchange_(exchange) {}

  // Waits for bytes; how many, 0 at the body's end. `out` is not empty. Errors: the client has gone (kUnavailable), or
  // sent what is refused (kInvalidData: a malformed chunk, over the limit, too slow). An error stays, for writes too.
  Result<std::size_t> read(std::span<char> out);

 private:
  StreamExchange& exchange_;
};

class ResponseStream {
 public:
  explicit ResponseStream(StreamExchange& exchange) : exchange_(exchange) {}

  Response& response();  // until start(): status, type and headers; its body is sent first
  bool started() const;

  // Once; then the status is said. In chunks to HTTP/1.1, until the connection's end to HTTP/1.0.
  Status start();
  Status write(std::string_view bytes);  // after start(); waits for room; errors as of read(), and of the spool's disk
  Status finish();                       // all is said; waits until what is in a file is on its way

 private:
  StreamExchange& exchange_;
};

using StreamHandler = std::function<void(const Request&, BodyReader&, ResponseStream&)>;

}  // namespace vigie::http
