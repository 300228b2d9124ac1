// Who asks: the address at the other end of the socket, or, where that is a proxy of ours, the one that it names in
// X-Forwarded-For. Anybody can write that field, so it is read from its right end, which our own proxies have written,
// and no further than to the first address that is none of theirs.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/message.h"

namespace vigie::http {

// An IPv6 address, or an IPv4 one as RFC 4291 (2.5.5.2) maps it into IPv6.
using IpAddress = std::array<unsigned char, 16>;

// "192.0.2.1", "2001:db8::1"; nothing else, not even a zone.
std::optional<IpAddress> parse_ip(std::string_view text);
bool is_v4(const IpAddress& address);
std::string to_string(const IpAddress& address);  // mapped ones as IPv4

// An item of X-Forwarded-For: an address, which may have a port (IPv6 then in brackets) or a zone, which are left out.
std::optional<IpAddress> parse_forwarded(std::string_view item);

class Networks {
 public:
  // Addresses and networks, "10.0.0.0/8"; bits behind a network's length must be 0. Errors name the field and the text.
  static Result<Networks> parse(std::span<const std::string> texts, std::string_view field);

  bool contain(const IpAddress& address) const;

 private:
  struct Network {
    IpAddress address{};
    std::size_t bits = 0;  // of the 128
  };
  std::vector<Network> networks_;
};

class TrustedProxies {
 public:
  // As Networks::parse().
  static Result<TrustedProxies> parse(std::span<const std::string> texts);

  bool trusts(const IpAddress& address) const { return networks_.contain(address); }
  // The right-most address of the request's X-Forwarded-For that is not trusted, all its fields taken as one. Where all
  // are, the left-most. What stands left of something that is no address is not believed. `peer` where nothing is left.
  IpAddress client_of(const Request& request, const IpAddress& peer) const;

 private:
  Networks networks_;
};

}  // namespace vigie::http
