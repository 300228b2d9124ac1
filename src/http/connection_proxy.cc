// What a trusted proxy says of a connection before its first byte, TLS or not.
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "http/connection.h"
#include "http/proxy_protocol.h"

namespace vigie::http {

// Takes the header's bytes from the socket and none behind it: those are TLS's, or the first request's. `held`: what
// has come of it.
void Connection::read_proxy_header(std::string held) {
  const int socket = transport_.socket().native_handle();
  while (true) {
    const std::size_t before = held.size();
    held.resize(kLongestProxyHeader);
    const auto seen = ::recv(socket, held.data() + before, held.size() - before, MSG_PEEK | MSG_DONTWAIT);
    const int error = errno;
    held.resize(before + static_cast<std::size_t>(std::max<ssize_t>(seen, 0)));
    if (seen < 0 && error == EINTR) continue;
    if (seen < 0 && (error == EAGAIN || error == EWOULDBLOCK)) break;
    if (seen <= 0) return close();
    const ProxyHeader header = http::read_proxy_header(held);
    if (header.state == ProxyHeader::State::kMalformed) {
      loop_.metrics().parse_failures.add();
      return close();  // without a word: whoever it is does not speak to us in a way that we know
    }
    const bool done = header.state == ProxyHeader::State::kDone;
    const std::size_t rest = done ? header.size - before : static_cast<std::size_t>(seen);
    std::array<char, kLongestProxyHeader> thrown_away;  // NOLINT(cppcoreguidelines-pro-type-member-init): never read
    if (::recv(socket, thrown_away.data(), rest, MSG_DONTWAIT) != static_cast<ssize_t>(rest)) return close();
    if (done) return begin_for(header.source);
  }
  transport_.socket().async_wait(Socket::wait_read,
                                 [self = shared_from_this(), had = std::move(held)](const ErrorCode& error) mutable {
                                   if (!error && self->transport_.is_open()) self->read_proxy_header(std::move(had));
                                 });
}

// The connection counts as its client's own from now on.
void Connection::begin_for(const std::optional<IpAddress>& source) {
  if (source) {
    peer_ = *source;
    from_proxy_ = loop_.live()->proxies.trusts(peer_);
    client_address_ = to_string(peer_);
    AddressPlaces& places = loop_.state().address_places;
    if (places.limited()) {
      const AddressKey place = key_of(peer_);
      if (!places.claim(place)) {
        loop_.metrics().refused.add();
        return refuse(kCrowded);
      }
      address_place_ = place;
    }
  }
  read();
}

}  // namespace vigie::http
