// The PROXY protocol, versions 1 and 2: what a load balancer says before the first byte of a connection, so that
// whoever is behind it knows who is before it. https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "http/client_address.h"

namespace vigie::http {

// Version 1 has 107 at most (2.1). Version 2 may say more, but is to fit into the smallest segment (2.2).
inline constexpr std::size_t kLongestProxyLine = 107;
inline constexpr std::size_t kLongestProxyHeader = 536;

struct ProxyHeader {
  enum class State : std::uint8_t { kNeedMore, kDone, kMalformed };
  State state = State::kNeedMore;
  std::size_t size = 0;               // when done: bytes of the header; what follows is the connection's own
  std::optional<IpAddress> source{};  // none: the balancer's own connection (LOCAL), or it does not know
};

// `bytes`: all that has come since the connection began. Additions of version 2 (TLVs) are skipped. At most
// kLongestProxyHeader bytes are ever needed.
ProxyHeader read_proxy_header(std::string_view bytes);

}  // namespace vigie::http
