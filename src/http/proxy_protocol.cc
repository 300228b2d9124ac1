#include "http/proxy_protocol.h"

#include <algorithm>
#include <cstring>

namespace vigie::http {
namespace {

using State = ProxyHeader::State;
using namespace std::string_view_literals;

constexpr std::string_view kWord = "PROXY "sv;
constexpr std::string_view kSignature = "\r\n\r\n\0\r\nQUIT\n"sv;
constexpr std::size_t kFixed = 16;  // of version 2: signature, command, family, length
constexpr std::size_t kAddresses4 = 12;
constexpr std::size_t kAddresses6 = 36;

constexpr ProxyHeader kMalformed{.state = State::kMalformed};

bool is_port(std::string_view text) {
  if (text.empty() || text.size() > 5 || text.find_first_not_of("0123456789") != std::string_view::npos) return false;
  if (text.size() > 1 && text[0] == '0') return false;
  return text.size() < 5 || text <= "65535";
}

// Up to the next space, which is taken off too.
std::string_view next_word(std::string_view& rest) {
  const std::string_view word = rest.substr(0, rest.find(' '));
  rest.remove_prefix(std::min(rest.size(), word.size() + 1));
  return word;
}

// "PROXY TCP4 192.0.2.1 192.0.2.2 50000 443"
ProxyHeader read_line(std::string_view bytes) {
  const auto end = bytes.substr(0, kLongestProxyLine).find('\r');
  if (end == std::string_view::npos) return bytes.size() < kLongestProxyLine ? ProxyHeader{} : kMalformed;
  if (end + 1 == kLongestProxyLine) return kMalformed;
  if (end + 1 == bytes.size()) return {};
  if (bytes[end + 1] != '\n') return kMalformed;
  const ProxyHeader unknown{.state = State::kDone, .size = end + 2};
  std::string_view rest = bytes.substr(kWord.size(), end - kWord.size());
  if (rest == "UNKNOWN" || rest.starts_with("UNKNOWN ")) return unknown;
  if (std::ranges::count(rest, ' ') != 4) return kMalformed;
  const std::string_view family = next_word(rest);
  const std::string_view source = next_word(rest);
  const std::string_view destination = next_word(rest);
  const std::string_view source_port = next_word(rest);
  if (family != "TCP4" && family != "TCP6") return kMalformed;
  const bool v6 = family == "TCP6";
  for (const std::string_view address : {source, destination}) {
    if (!parse_ip(address) || (address.find(':') != std::string_view::npos) != v6) return kMalformed;
  }
  if (!is_port(source_port) || !is_port(rest)) return kMalformed;
  return {.state = State::kDone, .size = end + 2, .source = parse_ip(source)};
}

std::size_t byte_at(std::string_view bytes, std::size_t at) { return static_cast<unsigned char>(bytes[at]); }

ProxyHeader read_binary(std::string_view bytes) {
  constexpr std::size_t kCommandAt = 12;
  constexpr std::size_t kFamilyAt = 13;
  constexpr std::size_t kLengthAt = 14;
  if (bytes.size() > kCommandAt && byte_at(bytes, kCommandAt) != 0x20 && byte_at(bytes, kCommandAt) != 0x21) {
    return kMalformed;
  }
  if (bytes.size() < kFixed) return {};
  const std::size_t length = byte_at(bytes, kLengthAt) << 8 | byte_at(bytes, kLengthAt + 1);
  const std::size_t size = kFixed + length;
  if (size > kLongestProxyHeader) return kMalformed;
  if (bytes.size() < size) return {};
  ProxyHeader header{.state = State::kDone, .size = size};
  if (byte_at(bytes, kCommandAt) == 0x20) return header;  // LOCAL: whatever follows means nothing
  const std::string_view addresses = bytes.substr(kFixed, length);
  switch (byte_at(bytes, kFamilyAt)) {
    case 0x00:                 // not told
    case 0x31: return header;  // a UNIX stream, which has no address for us
    case 0x11: {               // TCP over IPv4
      if (length < kAddresses4) return kMalformed;
      IpAddress source{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
      std::memcpy(source.data() + 12, addresses.data(), 4);
      header.source = source;
      return header;
    }
    case 0x21: {  // over IPv6
      if (length < kAddresses6) return kMalformed;
      IpAddress source{};
      std::memcpy(source.data(), addresses.data(), source.size());
      header.source = source;
      return header;
    }
    default: return kMalformed;  // datagrams, and what nobody has defined
  }
}

bool begins(std::string_view bytes, std::string_view with) {
  const std::size_t size = std::min(bytes.size(), with.size());
  return bytes.substr(0, size) == with.substr(0, size);
}

}  // namespace

ProxyHeader read_proxy_header(std::string_view bytes) {
  for (const auto& [signature, read] : {std::pair{kWord, &read_line}, std::pair{kSignature, &read_binary}}) {
    if (!begins(bytes, signature)) continue;
    return bytes.size() < signature.size() ? ProxyHeader{} : read(bytes);
  }
  return kMalformed;
}

}  // namespace vigie::http
