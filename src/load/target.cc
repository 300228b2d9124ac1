#include "load/target.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <vector>

#include "base/number.h"
#include "http/tls.h"

namespace vigie::load {
namespace {

constexpr std::string_view kForm = "give http://HOST[:PORT] or https://HOST[:PORT], such as http://127.0.0.1:8080";

auto refuse(std::string message) {
  return fail(Code::kInvalidArgument, std::move(message), {.field = "--url"}, std::string(kForm));
}

Result<Target> read_url(std::string_view url, const Trust& trust) {
  const bool secure = url.starts_with("https://");
  const std::string_view scheme = secure ? "https://" : "http://";
  if (!url.starts_with(scheme)) return refuse("the URL does not begin with http:// or https://");
  if (!secure && (trust.insecure || !trust.ca_file.empty())) {
    return fail(Code::kInvalidArgument, "an http:// URL has no certificate to check",
                {.field = trust.insecure ? "--insecure" : "--ca"}, "leave it out, or give an https:// URL");
  }
  while (url.ends_with('/')) url.remove_suffix(1);
  // What goes into a request line and a Host field as it is.
  const bool plain = std::ranges::all_of(url, [](char byte) { return byte > ' ' && byte < '\x7f'; });
  if (!plain || url.find_first_of("?#@") != std::string_view::npos || url.size() <= scheme.size()) {
    return refuse("the URL has no host, or something else than host, port and path");
  }
  Target target;
  target.url = url;
  target.port = secure ? 443 : 80;
  if (secure) target.tls = VIGIE_TRY(make_client_tls(trust));
  const std::string_view rest = url.substr(scheme.size());
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  target.host = rest.substr(0, slash);
  target.prefix = rest.substr(slash);
  std::string_view name = target.host, port;
  if (name.starts_with('[')) {
    const std::size_t end = name.find(']');
    if (end == std::string_view::npos) return refuse("the bracket of the address is not closed");
    port = name.substr(end + 1);
    name = name.substr(1, end - 1);
  } else if (const std::size_t colon = name.find(':'); colon != std::string_view::npos) {
    port = name.substr(colon);
    name = name.substr(0, colon);
  }
  if (!port.empty()) {
    const auto number = port.starts_with(':') ? parse_int(port.substr(1)) : std::nullopt;
    if (!number || *number < 1 || *number > 65'535) return refuse("the port is no number from 1 to 65535");
    target.port = static_cast<std::uint16_t>(*number);
  }
  if (name.empty()) return refuse("the URL has no host");
  target.name = name;
  return target;
}

bool is_loopback(const addrinfo& info) {
  if (info.ai_family == AF_INET) {
    sockaddr_in address;
    std::memcpy(&address, info.ai_addr, sizeof address);
    return (ntohl(address.sin_addr.s_addr) >> 24) == 127;
  }
  if (info.ai_family != AF_INET6) return false;
  sockaddr_in6 address;
  std::memcpy(&address, info.ai_addr, sizeof address);
  return IN6_IS_ADDR_LOOPBACK(&address.sin6_addr) != 0;
}

// 0, or what went wrong.
int connect_within(int socket, const addrinfo& info, int timeout_ms) {
  int error = ::connect(socket, info.ai_addr, info.ai_addrlen) == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    pollfd waiting{socket, POLLOUT, 0};
    const int ready = ::poll(&waiting, 1, timeout_ms);
    socklen_t size = sizeof error;
    if (ready == 0) {
      error = ETIMEDOUT;
    } else if (ready < 0 || ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
      error = errno;
    }
  }
  return error;
}

// Empty, or what went wrong.
std::string shake_hands(int socket, const Target& target, int timeout_ms) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  http::TlsStream tls(target.tls, socket, target.name);
  for (;;) {
    const auto progress = tls.handshake();
    if (progress.outcome == http::TlsStream::Outcome::kDone) return {};
    if (progress.outcome == http::TlsStream::Outcome::kEnded) return tls.failure();
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    const bool writes = progress.outcome == http::TlsStream::Outcome::kWaitWritable;
    pollfd waiting{socket, static_cast<short>(writes ? POLLOUT : POLLIN), 0};
    if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) return std::strerror(ETIMEDOUT);
  }
}

Status try_to_connect(const addrinfo& info, const Target& target, int timeout_ms) {
  const int socket = ::socket(info.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int error = socket < 0 ? errno : connect_within(socket, info, timeout_ms);
  const std::string failure = error == 0 && target.tls ? shake_hands(socket, target, timeout_ms) : "";
  if (socket >= 0) ::close(socket);
  if (error != 0) {
    return fail(Code::kUnavailable, "nobody answers at " + target.url + ": " + std::strerror(error), {.field = "--url"},
                "start the server (vigie serve), or give its address");
  }
  if (failure.empty()) return {};
  return fail(Code::kUnavailable, "no TLS with " + target.url + ": " + failure, {.field = "--url"},
              "say with --ca FILE whose signature on the server's certificate is good, or give the http:// URL of a "
              "server without TLS");
}

}  // namespace

Result<Target> find_target(std::string_view url, std::string_view allowed, int timeout_ms, const Trust& trust) {
  Target target = VIGIE_TRY(read_url(url, trust));
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(target.name.c_str(), std::to_string(target.port).c_str(), &hints, &found);
  if (failed != 0) {
    return fail(Code::kNotFound, "the host " + target.name + " has no address: " + ::gai_strerror(failed),
                {.field = "--url"}, std::string(kForm));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  bool local = true;
  for (const addrinfo* info = found; info != nullptr; info = info->ai_next) local = local && is_loopback(*info);
  if (!local && allowed != target.name) {
    return fail(Code::kPermissionDenied, target.name + " is not this machine, and load can take a server down",
                {.field = "--url"}, "if it is yours to load, say so: --i-may-load " + target.name);
  }
  Status tried;
  for (const addrinfo* info = found; info != nullptr; info = info->ai_next) {
    tried = try_to_connect(*info, target, timeout_ms);
    if (!tried) continue;
    std::memcpy(&target.address, info->ai_addr, info->ai_addrlen);
    target.address_size = info->ai_addrlen;
    return target;
  }
  return std::unexpected(tried.error());
}

}  // namespace vigie::load
