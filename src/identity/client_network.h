// The unit in which strangers are counted: an IPv4 address, or the first 64 bits of an IPv6 one. What is behind them
// belongs to whoever holds the network (RFC 4291, 2.5.1; RFC 6177), who may change it with every connection.
#pragma once

#include "http/client_address.h"

namespace vigie::identity {

// IPv4 as it is, and out of the well-known prefix of translators, 64:ff9b::/96 (RFC 6052), where a /64 would be
// everybody; of others the last 64 bits are 0.
http::IpAddress network_of(const http::IpAddress& address);

}  // namespace vigie::identity
