// A plain blocking TCP client for tests: sends bytes as they are, reads whole answers.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace vigie::http {

struct RawReply {
  int status = 0;  // 0: the connection ended without one
  std::string head;
  std::string body;

  // The value of the first field of that exact name, or empty.
  std::string field(std::string_view name) const {
    const std::string key = "\r\n" + std::string(name) + ": ";
    const auto at = head.find(key);
    if (at == std::string::npos) return {};
    const auto begin = at + key.size();
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
};

class RawClient {
 public:
  // `from`: an address of this machine to come from.
  explicit RawClient(std::uint16_t port, const char* from = nullptr)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (from != nullptr) {
      sockaddr_in own{};
      own.sin_family = AF_INET;
      ::inet_pton(AF_INET, from, &own.sin_addr);
      if (::bind(socket_, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0) return;  // not connected
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~RawClient() { ::close(socket_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return connected_; }
  int descriptor() const { return socket_; }

  // false: the server closed while it was sent.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void finish_sending() { ::shutdown(socket_, SHUT_WR); }
  // As a killed program's connection with unread bytes ends.
  void reset_when_closed() {
    const linger at_once{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }

  // The next answer; status 0 when the connection ends or nothing comes in ten seconds. `head_only`: of a HEAD request.
  RawReply reply(bool head_only = false) {
    RawReply reply = head();
    if (reply.status == 0) return reply;
    if (reply.field("Transfer-Encoding") == "chunked") {
      auto all = chunks();
      if (!all) return {};
      reply.body = std::move(*all);
      return reply;
    }
    const std::string length = reply.field("Content-Length");
    const std::size_t size = length.empty() || head_only ? 0 : std::stoul(length);
    while (received_.size() < size) {
      if (!receive()) return {};
    }
    reply.body = received_.substr(0, size);
    received_.erase(0, size);
    return reply;
  }
  RawReply ask(std::string_view request) {
    send(request);
    return reply();
  }

  // The head of the next answer, whose body is then read with chunk() or rest(); status 0 as of reply().
  RawReply head() {
    RawReply reply;
    std::size_t end = std::string::npos;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive()) return reply;
    }
    reply.head = received_.substr(0, end + 2);
    received_.erase(0, end + 4);
    reply.status = std::stoi(reply.head.substr(9, 3));
    return reply;
  }

  // The next chunk's bytes, empty for the last; nothing where the connection ends before, or a chunk is malformed.
  std::optional<std::string> chunk() {
    std::size_t end = std::string::npos;
    while ((end = received_.find("\r\n")) == std::string::npos) {
      if (!receive()) return std::nullopt;
    }
    std::size_t size = 0;
    if (std::from_chars(received_.data(), received_.data() + end, size, 16).ptr != received_.data() + end) {
      return std::nullopt;
    }
    while (received_.size() < end + 2 + size + 2) {
      if (!receive()) return std::nullopt;
    }
    std::string bytes = received_.substr(end + 2, size);
    if (received_.compare(end + 2 + size, 2, "\r\n") != 0) return std::nullopt;
    received_.erase(0, end + 2 + size + 2);
    return bytes;
  }

  // All chunks to the last; nothing where it does not come.
  std::optional<std::string> chunks() {
    std::string all;
    while (true) {
      const auto next = chunk();
      if (!next) return std::nullopt;
      if (next->empty()) return all;
      all += *next;
    }
  }

  // All that comes until the connection ends.
  std::string rest() {
    while (receive()) {
    }
    return std::exchange(received_, {});
  }

  // Whether what was read last ended with a reset instead of an end.
  bool was_reset() const { return was_reset_; }

  // Whether the server has ended the connection and nothing unread is left.
  bool closed() { return received_.empty() && !receive(); }

 private:
  bool receive() {
    pollfd waiting{socket_, POLLIN, 0};
    if (::poll(&waiting, 1, 10'000) <= 0) return false;
    char buffer[65536];
    const auto got = ::recv(socket_, buffer, sizeof buffer, 0);
    was_reset_ = got < 0 && errno == ECONNRESET;
    if (got <= 0) return false;
    received_.append(buffer, static_cast<std::size_t>(got));
    return true;
  }

  int socket_;
  bool connected_ = false;
  bool was_reset_ = false;
  std::string received_;
};

}  // namespace vigie::http
