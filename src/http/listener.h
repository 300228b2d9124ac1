// Listening sockets on one port for several event loops.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace vigie::http {

enum class PortUse : std::uint8_t {
  kAlone,   // refused where another process listens
  kShared,  // joins other servers of the same user that listen on it: the system spreads connections over all
};

// A listening socket no longer sees who wants to connect, while those that have begun still arrive: closing it at once
// would reset what waits in its queue. Whoever is not seen asks again after a second, as TCP does, and finds another
// server on the port if this socket is closed by then.
void turn_newcomers_away(int descriptor);

// Owns descriptors until they are taken.
class Listeners {
 public:
  // `count` sockets on every address; port 0 lets the system choose one for all. "::1" is skipped where the machine
  // has no IPv6 and another address could be bound.
  static Result<Listeners> open(const std::vector<std::string>& addresses, std::uint16_t port, std::size_t count,
                                PortUse use);
  Listeners(Listeners&& other) noexcept;
  Listeners& operator=(Listeners&&) = delete;
  ~Listeners();

  struct Socket {
    int descriptor = -1;
    bool v6 = false;
  };
  std::uint16_t port() const { return port_; }
  // The sockets of loop `index` in [0, count): one per address. The caller owns them now.
  std::vector<Socket> take(std::size_t index);

 private:
  Listeners() = default;
  std::vector<std::vector<Socket>> sockets_;  // by loop
  std::uint16_t port_ = 0;
};

}  // namespace vigie::http
