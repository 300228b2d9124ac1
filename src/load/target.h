// Where load goes: an http:// or https:// URL, its address, and whether that is this machine.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "load/trust.h"

namespace vigie::load {

struct Target {
  std::string url;     // without a slash at the end
  std::string host;    // as the Host field has it: "127.0.0.1:8080"
  std::string name;    // the host alone, without brackets
  std::string prefix;  // the URL's path, put before each route's; may be empty
  std::uint16_t port = 80;
  sockaddr_storage address{};
  socklen_t address_size = 0;
  std::shared_ptr<SSL_CTX> tls{};  // null: plain text
};

// "http://HOST[:PORT][/PREFIX]", or https. Another machine than this one (a name or an address that is not all
// loopback) is refused unless `allowed` is the URL's very host. Waits for the resolver, and for one connection, within
// `timeout_ms`, which shows that somebody listens, and over TLS that its certificate is `trust`ed and the host's.
// kPermissionDenied for another machine, kUnavailable where nobody answers or TLS fails.
Result<Target> find_target(std::string_view url, std::string_view allowed, int timeout_ms, const Trust& trust = {});

}  // namespace vigie::load
