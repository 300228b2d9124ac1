#include "http/trace_context.h"

#include <algorithm>

namespace vigie::http {
namespace {

// version "-" trace-id "-" parent-id "-" trace-flags
constexpr std::size_t kTraceAt = 3;
constexpr std::size_t kParentAt = 36;
constexpr std::size_t kFlagsAt = 53;
constexpr std::size_t kSize = 55;
constexpr std::uint8_t kKnownFlags = 0x03;  // sampled, and random-trace-id of level 2
constexpr std::string_view kHex = "0123456789abcdef";

// In lower case, as the specification wants it.
bool is_hex(std::string_view text) { return text.find_first_not_of(kHex) == std::string_view::npos; }

bool is_id(std::string_view text) { return is_hex(text) && text.find_first_not_of('0') != std::string_view::npos; }

}  // namespace

std::optional<TraceContext> TraceContext::parse(std::string_view value, std::uint64_t span) {
  if (value.size() < kSize) return std::nullopt;
  const std::string_view version = value.substr(0, 2);
  const std::string_view trace = value.substr(kTraceAt, 32);
  const std::string_view parent = value.substr(kParentAt, 16);
  const std::string_view flags = value.substr(kFlagsAt, 2);
  const bool separated = value[2] == '-' && value[kParentAt - 1] == '-' && value[kFlagsAt - 1] == '-';
  if (!separated || !is_hex(version) || version == "ff" || !is_id(trace) || !is_id(parent) || !is_hex(flags)) {
    return std::nullopt;
  }
  if (value.size() > kSize && (version == "00" || value[kSize] != '-')) return std::nullopt;
  TraceContext context;
  std::ranges::copy(trace, context.trace_id_.begin());
  std::ranges::copy(parent, context.parent_id_.begin());
  span = std::max<std::uint64_t>(span, 1);  // 0 is no id
  for (std::size_t i = 0; i < context.span_id_.size(); ++i) context.span_id_[i] = kHex[(span >> (60 - 4 * i)) & 15];
  context.flags_ = static_cast<std::uint8_t>(kHex.find(flags[1])) & kKnownFlags;
  return context;
}

void TraceContext::append_response(std::string& out) const {
  out.append("traceresponse: 00-").append(trace_id()).append("-").append(span_id()).append("-0");
  out.push_back(kHex[flags_]);
  out += "\r\n";
}

}  // namespace vigie::http
