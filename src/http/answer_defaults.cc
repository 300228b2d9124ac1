#include "http/answer_defaults.h"

#include <algorithm>
#include <array>
#include <span>

#include "http/message.h"

namespace vigie::http {
namespace {

struct Field {
  std::string_view name;
  std::string_view line;
};

// The last is for TLS alone.
constexpr std::array<Field, 5> kFields = {{
    {"X-Content-Type-Options", "X-Content-Type-Options: nosniff\r\n"},
    {"Cache-Control", "Cache-Control: no-store\r\n"},
    {"Referrer-Policy", "Referrer-Policy: no-referrer\r\n"},
    {"Content-Security-Policy", "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"},
    {"Strict-Transport-Security", "Strict-Transport-Security: max-age=31536000\r\n"},
}};

std::span<const Field> fields(bool strict_transport) {
  return std::span(kFields).first(kFields.size() - (strict_transport ? 0 : 1));
}

bool has_field(std::string_view headers, std::string_view name) {
  while (!headers.empty()) {
    const std::string_view line = headers.substr(0, headers.find("\r\n"));
    if (equals_ignoring_case(line.substr(0, line.find(':')), name)) return true;
    headers.remove_prefix(std::min(headers.size(), line.size() + 2));
  }
  return false;
}

}  // namespace

AnswerDefaults::AnswerDefaults(bool strict_transport) : strict_transport_(strict_transport) {
  for (const Field& field : fields(strict_transport)) all_ += field.line;
}

void AnswerDefaults::append_to(std::string& out, std::string_view headers) const {
  if (headers.empty()) {
    out += all_;
    return;
  }
  for (const Field& field : fields(strict_transport_)) {
    if (!has_field(headers, field.name)) out += field.line;
  }
}

}  // namespace vigie::http
