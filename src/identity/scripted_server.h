// An issuer for tests that says byte for byte what a script wants, HTTP or not.
//
//   ScriptedServer server([](ScriptedServer::Peer& peer) {
//     peer.request();
//     peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
//   });                                                      // then the connection is closed
//   ... server.url("/keys") ...
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "identity/fetch.h"

namespace vigie::identity {

class ScriptedServer {
 public:
  class Peer {
   public:
    explicit Peer(int socket) : socket_(socket) {}
    // The next request, with its body where it has a Content-Length; empty where the client has gone.
    std::string request() {
      std::string got;
      for (std::size_t whole = std::string::npos; got.size() < whole;) {
        char block[4096];
        const auto size = ::recv(socket_, block, sizeof block, 0);
        if (size <= 0) return {};
        got.append(block, static_cast<std::size_t>(size));
        const auto end = got.find("\r\n\r\n");
        if (end == std::string::npos) continue;
        const auto length = got.find("Content-Length: ");
        whole = end + 4 + (length < end ? std::stoul(got.substr(length + 16, 20)) : 0);
      }
      return got;
    }
    bool send(std::string_view bytes) {
      while (!bytes.empty()) {
        const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      }
      return true;
    }
    // Says nothing until the client goes or the server ends.
    void hang() {
      char block[4096];
      while (::recv(socket_, block, sizeof block, 0) > 0) {
      }
    }

   private:
    int socket_;
  };
  using Script = std::function<void(Peer&)>;

  enum class Begin : std::uint8_t { kAtOnce, kLater };

  // A thread for each connection; the script must bear several at once. kLater: the port is taken, and connections are
  // refused until start().
  explicit ScriptedServer(Script script, Begin begin = Begin::kAtOnce)
      : script_(std::move(script)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
      port_ = ntohs(address.sin_port);
    }
    if (begin == Begin::kAtOnce) start();
  }
  ~ScriptedServer() {
    stopping_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    if (acceptor_.joinable()) acceptor_.join();
    {
      const std::scoped_lock lock(mutex_);
      for (const int socket : open_) ::shutdown(socket, SHUT_RDWR);
    }
    peers_.clear();
    ::close(listener_);
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  void start() {
    if (::listen(listener_, 64) == 0) acceptor_ = std::jthread([this] { accept_all(); });
  }
  std::uint16_t port() const { return port_; }
  std::string url(std::string_view path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
  }
  std::size_t connections() const { return connections_; }

 private:
  void accept_all() {
    while (true) {
      const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0 || stopping_) {
        if (socket >= 0) ::close(socket);
        return;
      }
      ++connections_;
      const std::scoped_lock lock(mutex_);
      open_.insert(socket);
      peers_.emplace_back([this, socket] {
        Peer peer(socket);
        script_(peer);
        const std::scoped_lock closing(mutex_);
        open_.erase(socket);
        ::close(socket);
      });
    }
  }

  Script script_;
  int listener_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<std::size_t> connections_{0};
  std::mutex mutex_;
  std::set<int> open_;
  std::vector<std::jthread> peers_;
  std::jthread acceptor_;
};

// A whole answer, after which the connection ends. `fields`: whole lines.
inline std::string scripted_answer(std::string_view status, std::string_view body, std::string_view fields = "") {
  return "HTTP/1.1 " + std::string(status) +
         "\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

// For calls whose time is not what is tested: on a busy machine a moment can last.
inline FetchOptions patient(FetchOptions options = {}) {
  options.connect_timeout = std::chrono::minutes{2};
  options.timeout = std::chrono::minutes{2};
  return options;
}

// Answers every request with that.
inline ScriptedServer::Script always(std::string answer) {
  return [answer = std::move(answer)](ScriptedServer::Peer& peer) {
    if (!peer.request().empty()) peer.send(answer);
  };
}

}  // namespace vigie::identity
