// Which trace a request belongs to: W3C Trace Context,
// https://www.w3.org/TR/trace-context-2/.
//
//   if (auto trace = TraceContext::parse(request.header("traceparent"),
//   random.next())) {
//     trace->append_response(out);   // "traceresponse:
//     00-4bf92f3577b34da6a3ce929d0e0e4736-b7ad6b7169203331-01\r\n"
//   }
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vigie::http {

class TraceContext {
 public:
  // Of version 00, or what a later one has in common with it (3.2.4); nothing
  // where `value` is not valid. `span` becomes the id of what is done for this
  // request; any number.
  static std::optional<TraceContext> parse(std::string_view value, std::uint64_t span);

  std::string_view trace_id() const { return {trace_id_.data(), trace_id_.size()}; }     // 32 hexadecimal digits
  std::string_view parent_id() const { return {parent_id_.data(), parent_id_.size()}; }  // 16: the caller's span
  std::string_view span_id() const { return {span_id_.data(), span_id_.size()}; }        // 16: ours

  // The field of the answer that tells the caller our span (3.5), as a whole
  // line.
  void append_response(std::string& out) const;

 private:
  std::array<char, 32> trace_id_{};
  std::array<char, 16> parent_id_{};
  std::array<char, 16> span_id_{};
  std::uint8_t flags_ = 0;  // those that version 00 knows
};

}  // namespace vigie::http
