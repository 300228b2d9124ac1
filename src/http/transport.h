// A connection's bytes on their way: a socket, plain or with TLS over it.
#pragma once

#include <sys/socket.h>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <span>

#include "http/tls.h"

namespace vigie::http {

namespace asio = boost::asio;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using ErrorCode = boost::system::error_code;

class Transport {
 public:
  // `tls`: null for plain text. A handler must keep this object alive.
  Transport(Socket socket, std::shared_ptr<SSL_CTX> tls);

  Socket& socket() { return socket_; }
  bool is_open() const { return socket_.is_open(); }
  bool encrypted() const { return tls_ != nullptr; }
  void close();  // ends what is pending

  // handler(error, size) when some bytes are in `room`, never before this returns; one at a time.
  template <typename Handler>
  void read(std::span<char> room, Handler handler) {
    if (!tls_) {
      socket_.async_read_some(asio::buffer(room.data(), room.size()), std::move(handler));
    } else {
      read_tls(room, std::move(handler), false);
    }
  }

  // At once; asio::error::would_block: wait_to_write(), then again with the same bytes.
  std::size_t write_some(std::span<const char> bytes, ErrorCode& error) {
    return tls_ ? write_tls(bytes, error) : socket_.write_some(asio::buffer(bytes.data(), bytes.size()), error);
  }
  template <typename Handler>
  void wait_to_write(Handler handler) {
    socket_.async_wait(write_reads_ ? Socket::wait_read : Socket::wait_write, std::move(handler));
  }
  void end_sending();

  // The client spoke plain HTTP to TLS, and read() failed because of it. From now on this is plain too.
  bool turn_plain();

 private:
  using ReadHandler = std::function<void(const ErrorCode&, std::size_t)>;
  void read_tls(std::span<char> room, ReadHandler handler, bool from_loop);
  std::size_t write_tls(std::span<const char> bytes, ErrorCode& error);

  Socket socket_;
  std::unique_ptr<TlsStream> tls_;
  bool write_reads_ = false;  // TLS must read before it can write on
};

}  // namespace vigie::http
