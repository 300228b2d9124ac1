#include "http/server_state.h"

#include <unistd.h>

#include <algorithm>

namespace vigie::http {

IpAddress ip_of(const asio::ip::address& address) {
  IpAddress ip{};
  if (address.is_v4()) {
    const auto bytes = address.to_v4().to_bytes();
    ip[10] = ip[11] = 0xFF;
    std::ranges::copy(bytes, ip.begin() + 12);
  } else {
    std::ranges::copy(address.to_v6().to_bytes(), ip.begin());
  }
  return ip;
}

AddressKey key_of(const IpAddress& address) {
  AddressKey key = address;  // no network of IPv6 has the key of an IPv4 address: mapped ones have no other bits
  if (!is_v4(address)) std::fill(key.begin() + 8, key.end(), static_cast<unsigned char>(0));
  return key;
}

bool Places::claim() {
  if (taken_.fetch_add(1, std::memory_order_relaxed) < count_) return true;
  release();
  return false;
}

bool AddressPlaces::claim(const AddressKey& key) {
  const std::scoped_lock lock(mutex_);
  std::size_t& taken = taken_[key];
  if (taken >= each_) return false;
  ++taken;
  return true;
}

void AddressPlaces::release(const AddressKey& key) {
  const std::scoped_lock lock(mutex_);
  const auto found = taken_.find(key);
  if (--found->second == 0) taken_.erase(found);
}

void go_behind_loops() {
  // Five steps: a third of a loop's share. Of this thread alone, as Linux has it, though POSIX says of the process.
  static thread_local const int now = ::nice(5);
  static_cast<void>(now);
}

ServerState::ServerState(ServerOptions given, Live first, std::unique_ptr<TlsIdentity> identity)
    : options(std::move(given)),
      live(std::move(first)),
      tls(std::move(identity)),
      tls_defaults(options.strict_transport),
      pool(options.threads, options.limits.in_flight),
      address_places(options.limits.connections_per_address),
      stream_places(options.limits.streams) {
  std::uint64_t generation = 0;
  const auto routes = live.get(generation)->router->routes();
  if (std::ranges::any_of(routes, [](const Route* route) { return route->stream != nullptr; })) {
    streams.emplace(options.limits.streams);
  }
  if (std::ranges::any_of(routes, [](const Route* route) { return route->work == Work::kWait; })) {
    waits.emplace(options.limits.waiting, options.limits.in_flight);
  }
}

}  // namespace vigie::http
