// Puts an answer on the wire's form: status line, fields, body, appended to what is sent next.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "http/answer_defaults.h"
#include "http/message.h"

namespace vigie::http {

// "Date: Sat, 21 Nov 2026 03:40:39 GMT\r\n", made once a second. One object, one thread.
class DateLine {
 public:
  std::string_view at(WallTime now);

 private:
  std::int64_t second_ = -1;
  std::string text_;
};

// How an answer's end is told.
enum class Framing : std::uint8_t {
  kLength,      // by Content-Length, with the body behind the head
  kChunked,     // the head alone; chunks follow (RFC 9112, 7.1)
  kUntilClose,  // the head alone; what follows ends with the connection
};

struct ReplyStyle {
  std::string_view date;  // a DateLine
  const AnswerDefaults& defaults;
  std::string_view request_id{};  // empty: none
  std::string_view lines{};       // more whole ones, as of Cors::grant()
  std::string_view trace{};       // TraceContext::append_response()
  Framing framing = Framing::kLength;
  bool head = false;  // HEAD: the fields of the answer without its body
  bool close = false;
  bool keep_alive_10 = false;  // an HTTP/1.0 client asked to stay
};

void append_reply(std::string& out, const Response& response, const ReplyStyle& style);

}  // namespace vigie::http
