// X-Request-Id: the client's where it is harmless, ours otherwise.
#pragma once

#include <string_view>

namespace vigie::http {

inline constexpr std::size_t kMaxRequestId = 128;

// 1..128 of letters, digits, '.', '_', '-': safe in a log, a header and a file name.
constexpr bool is_request_id(std::string_view text) {
  if (text.empty() || text.size() > kMaxRequestId) return false;
  for (const char c : text) {
    const bool allowed =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    if (!allowed) return false;
  }
  return true;
}

}  // namespace vigie::http
