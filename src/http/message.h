// A request as it came over the wire and the answer it gets. No sockets and no banking here.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/caller.h"

namespace vigie::http {

enum class Method : std::uint8_t { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions, kOther };

std::string_view to_string(Method method);  // "GET"; "" for kOther

// "Not Found"; "Unknown" for a status that this server never sends.
std::string_view reason_phrase(int status);

// ASCII letters compare without regard to case, as names in HTTP do.
bool equals_ignoring_case(std::string_view a, std::string_view b);

// Without the spaces and tabs at both ends: what RFC 9110 calls optional whitespace.
std::string_view trimmed(std::string_view text);

// Readable bytes after Request::body, for readers that look at many at once; what they hold means nothing.
inline constexpr std::size_t kBodyPadding = 64;

// Offsets from the request's first byte, because its buffer may move while it grows.
struct Slice {
  std::uint32_t at = 0;
  std::uint32_t size = 0;
};

struct FieldSlices {
  Slice name;
  Slice value;
};

// Views into the connection's buffer: valid until the handler returns.
struct Request {
  Method method = Method::kGet;
  std::string_view path{};            // decoded where it was percent-encoded
  std::string_view query{};           // as it came, without '?'
  std::string_view body{};            // followed by kBodyPadding readable bytes
  std::string_view id{};              // X-Request-Id, given or made
  std::string_view client_address{};  // without a port; not a proxy's where it is trusted (client_address.h)
  const Caller* caller = nullptr;     // nullptr: nobody had to say who it is
  const char* bytes = nullptr;
  const std::vector<FieldSlices>* fields = nullptr;

  // The first header field of that name, without spaces around; empty where there is none.
  std::string_view header(std::string_view name) const;
  // All of that name, joined by ", ": of a field that is a list, as Accept is, that is the same (RFC 9110, 5.3).
  std::string header_list(std::string_view name) const;
  // The decoded value of a query parameter; empty where it is absent.
  std::string query_value(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::string_view content_type = "application/json";  // static storage; no body, no type
  std::string headers;                                 // whole lines, "Name: value\r\n"
  std::string body;
  bool close = false;                      // end the connection after this answer
  std::shared_ptr<const Caller> caller{};  // whom the gate let in when it had had to wait

  // Control characters in the value are dropped: nobody splits an answer through it.
  void add_header(std::string_view name, std::string_view value);
  void clear();  // keeps the memory
};

// Why the edge itself refuses a request. `detail` is plain English and holds nothing that the client sent.
struct Rejection {
  int status = 400;
  std::string_view detail;
  std::string_view french{};  // of the detail; empty: what the writer of errors says to the status
};

// Decodes %XX; nothing decodable is left as it is. false: a broken escape or an encoded NUL.
bool percent_decode(std::string_view text, std::string& out);

}  // namespace vigie::http
