// What all event loops of a server have in common, and its limits on them together.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/thread_pool.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "http/answer_defaults.h"
#include "http/client_address.h"
#include "http/live.h"
#include "http/server.h"

namespace vigie::http {

namespace asio = boost::asio;

IpAddress ip_of(const asio::ip::address& address);

// Who opens connections, for a limit on each: an IPv4 address, or the /64 of an IPv6 one, which one household has.
using AddressKey = IpAddress;
AddressKey key_of(const IpAddress& address);

// Places of which there are so many. Any thread.
class Places {
 public:
  explicit Places(std::size_t count) : count_(count) {}
  bool claim();  // false: none is free; true: release() when it is
  void release() { taken_.fetch_sub(1, std::memory_order_relaxed); }

 private:
  const std::size_t count_;
  std::atomic<std::size_t> taken_{0};
};

// The same for each address. Any thread; a lock for each connection that comes and goes.
class AddressPlaces {
 public:
  explicit AddressPlaces(std::size_t each) : each_(each) {}
  bool limited() const { return each_ > 0; }
  bool claim(const AddressKey& key);
  void release(const AddressKey& key);

 private:
  const std::size_t each_;
  std::mutex mutex_;
  std::map<AddressKey, std::size_t> taken_;
};

// Called by a thread of a pool: event loops go first where both want the same processor. A decision takes microseconds
// there, and checking a stranger's signature or scoring a file far longer here.
void go_behind_loops();

// Threads for requests that event loops do not answer themselves, and how many of those there may be.
struct WorkPool {
  WorkPool(std::size_t count, std::size_t most) : threads(count), places(most) {}

  asio::thread_pool threads;
  Places places;  // for requests that run or wait for a thread
};

struct ServerState {
  // `identity`: null for plain text.
  ServerState(ServerOptions given, Live first, std::unique_ptr<TlsIdentity> identity);

  WorkPool& pool_for(Work work) { return work == Work::kWait && waits ? *waits : pool; }

  ServerOptions options;
  LivePlace live;
  const std::unique_ptr<TlsIdentity> tls;
  const AnswerDefaults defaults{false};
  const AnswerDefaults tls_defaults;
  WorkPool pool;
  std::optional<WorkPool> waits;             // where a route is Work::kWait: its own, so that others never wait for it
  std::optional<asio::thread_pool> streams;  // where a route has a stream handler
  std::atomic<std::size_t> connections{0};
  AddressPlaces address_places;
  Places stream_places;
};

}  // namespace vigie::http
