#include "http/transport.h"

#include <boost/asio/post.hpp>
#include <utility>

namespace vigie::http {

Transport::Transport(Socket socket, std::shared_ptr<SSL_CTX> tls) : socket_(std::move(socket)) {
  ErrorCode ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
  if (tls) tls_ = std::make_unique<TlsStream>(std::move(tls), socket_.native_handle());
}

void Transport::close() {
  ErrorCode ignored;
  socket_.close(ignored);
}

void Transport::read_tls(std::span<char> room, ReadHandler handler, bool from_loop) {
  const auto done = [&](const ErrorCode& error, std::size_t size) {
    if (from_loop) return handler(error, size);
    asio::post(socket_.get_executor(), [handler = std::move(handler), error, size] { handler(error, size); });
  };
  const TlsStream::Progress progress = tls_->read(room);
  switch (progress.outcome) {
    case TlsStream::Outcome::kDone: return done({}, progress.moved);
    case TlsStream::Outcome::kEnded: return done(asio::error::eof, 0);
    case TlsStream::Outcome::kWaitReadable:
    case TlsStream::Outcome::kWaitWritable: break;
  }
  const bool readable = progress.outcome == TlsStream::Outcome::kWaitReadable;
  socket_.async_wait(readable ? Socket::wait_read : Socket::wait_write,
                     [this, room, handler = std::move(handler)](const ErrorCode& error) mutable {
                       if (error || !is_open()) return handler(error ? error : asio::error::operation_aborted, 0);
                       read_tls(room, std::move(handler), true);
                     });
}

std::size_t Transport::write_tls(std::span<const char> bytes, ErrorCode& error) {
  const TlsStream::Progress progress = tls_->write(bytes);
  write_reads_ = progress.outcome == TlsStream::Outcome::kWaitReadable;
  switch (progress.outcome) {
    case TlsStream::Outcome::kDone: break;
    case TlsStream::Outcome::kEnded: error = asio::error::broken_pipe; break;
    case TlsStream::Outcome::kWaitReadable:
    case TlsStream::Outcome::kWaitWritable: error = asio::error::would_block; break;
  }
  return progress.moved;
}

void Transport::end_sending() {
  if (tls_) tls_->end_sending();
  ErrorCode ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

bool Transport::turn_plain() {
  if (!tls_ || !tls_->was_plain_http()) return false;
  tls_.reset();
  return true;
}

}  // namespace vigie::http
