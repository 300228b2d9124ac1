#include "http/listener.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace vigie::http {
namespace {

constexpr int kBacklog = 1024;

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  bool v6 = false;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

Result<Address> parse_address(const std::string& text, std::uint16_t port) {
  Address address;
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&address.storage, &v4, sizeof v4);
    address.size = sizeof v4;
  } else if (::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&address.storage, &v6, sizeof v6);
    address.size = sizeof v6;
    address.v6 = true;
  } else {
    return fail(Code::kInvalidArgument, "\"" + text + "\" is no numeric address", {.field = "--host"},
                "give one like 127.0.0.1 or ::1");
  }
  return address;
}

bool set(int descriptor, int level, int option) {
  const int on = 1;
  return ::setsockopt(descriptor, level, option, &on, sizeof on) == 0;
}

// Where the port is not shared, the first socket of an address is `exclusive`: bound without SO_REUSEPORT, it fails
// where anyone listens; after that the option lets our own other loops join it.
Result<int> bind_socket(const Address& address, const std::string& text, std::uint16_t port, bool exclusive) {
  const int descriptor = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return fail_errno("cannot open a socket for", text, errno);
  const auto failed = [&](int error) -> Result<int> {
    ::close(descriptor);
    const std::string number = std::to_string(port);
    if (error == EADDRINUSE) {
      return fail(Code::kUnavailable, "port " + number + " is in use", {}, "stop the other program or give --port");
    }
    if (error == EACCES) {
      return fail(Code::kPermissionDenied, "port " + number + " is not allowed to this user", {},
                  "give --port 1024 or above");
    }
    if (error == EADDRNOTAVAIL) {
      return fail(Code::kInvalidArgument, "this machine has no address " + text, {.field = "--host"},
                  "give one that it has, such as 127.0.0.1");
    }
    return fail_errno("cannot listen on", text + " port " + number, error);
  };
  if (!set(descriptor, SOL_SOCKET, SO_REUSEADDR)) return failed(errno);
  if (address.v6 && !set(descriptor, IPPROTO_IPV6, IPV6_V6ONLY)) return failed(errno);
  if (!exclusive && !set(descriptor, SOL_SOCKET, SO_REUSEPORT)) return failed(errno);
  if (::bind(descriptor, address.get(), address.size) != 0) return failed(errno);
  if (exclusive && !set(descriptor, SOL_SOCKET, SO_REUSEPORT)) return failed(errno);
  if (::listen(descriptor, kBacklog) != 0) return failed(errno);
  return descriptor;
}

Result<std::uint16_t> bound_port(int descriptor, const std::string& text) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&storage), &size) != 0) {
    return fail_errno("cannot listen on", text, errno);
  }
  if (storage.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &storage, sizeof v6);
    return ntohs(v6.sin6_port);
  }
  sockaddr_in v4{};
  std::memcpy(&v4, &storage, sizeof v4);
  return ntohs(v4.sin_port);
}

}  // namespace

void turn_newcomers_away(int descriptor) {
  constexpr std::uint32_t kFlags = 13;  // in the TCP header, where a filter's data begins (RFC 9293, 3.1)
  constexpr std::uint32_t kSyn = 0x02;
  constexpr std::uint32_t kAck = 0x10;
  constexpr std::uint32_t kDrop = 0;
  constexpr std::uint32_t kPass = 0xFFFFFFFF;
  std::array<sock_filter, 5> program = {{{BPF_LD | BPF_B | BPF_ABS, 0, 0, kFlags},
                                         {BPF_ALU | BPF_AND | BPF_K, 0, 0, kSyn | kAck},
                                         {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, kSyn},
                                         {BPF_RET | BPF_K, 0, 0, kDrop},
                                         {BPF_RET | BPF_K, 0, 0, kPass}}};
  const sock_fprog filter{program.size(), program.data()};
  // Where it fails, the socket is closed a little less gently.
  ::setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
}

Result<Listeners> Listeners::open(const std::vector<std::string>& addresses, std::uint16_t port, std::size_t count,
                                  PortUse use) {
  Listeners listeners;
  listeners.sockets_.resize(count);
  listeners.port_ = port;
  for (const std::string& text : addresses) {
    for (std::size_t loop = 0; loop < count; ++loop) {
      const Address address = VIGIE_TRY(parse_address(text, listeners.port_));
      const bool first = loop == 0;
      auto descriptor = bind_socket(address, text, listeners.port_, first && use == PortUse::kAlone);
      if (!descriptor && first && address.v6 && !listeners.sockets_[0].empty() &&
          descriptor.error().code != Code::kUnavailable) {
        break;  // no IPv6 on this machine: the other addresses do
      }
      if (!descriptor) return std::unexpected(std::move(descriptor).error());
      listeners.sockets_[loop].push_back({*descriptor, address.v6});
      if (listeners.port_ == 0) listeners.port_ = VIGIE_TRY(bound_port(*descriptor, text));
    }
  }
  return listeners;
}

Listeners::Listeners(Listeners&& other) noexcept : sockets_(std::move(other.sockets_)), port_(other.port_) {
  other.sockets_.clear();
}

Listeners::~Listeners() {
  for (const auto& loop : sockets_) {
    for (const Socket& socket : loop) ::close(socket.descriptor);
  }
}

std::vector<Listeners::Socket> Listeners::take(std::size_t index) { return std::exchange(sockets_[index], {}); }

}  // namespace vigie::http
