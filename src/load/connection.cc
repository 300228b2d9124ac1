#include "load/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>

#include "load/payloads.h"

namespace vigie::load {
namespace {

using Outcome = http::TlsStream::Outcome;

constexpr std::size_t kRecord = 16 * 1024;  // the most that one of TLS holds (RFC 8446, 5.1)

}  // namespace

bool Connection::connect(const Target& target) {
  assert(phase_ == Phase::kDown);
  socket_ = ::socket(target.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket_ < 0) return false;
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  phase_ = Phase::kConnecting;
  waits_to_write_ = true;
  if (target.tls) tls_ = std::make_unique<http::TlsStream>(target.tls, socket_, target.name);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&target.address), target.address_size) == 0 ||
      errno == EINPROGRESS) {
    return true;
  }
  close();
  return false;
}

Connection::Flow Connection::finish_connecting() {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) return Flow::kBroken;
  if (tls_) {
    const auto [outcome, moved] = tls_->handshake();
    waits_to_write_ = outcome == Outcome::kWaitWritable;
    if (outcome == Outcome::kEnded) return Flow::kBroken;
    if (outcome != Outcome::kDone) return Flow::kBlocked;
  }
  phase_ = Phase::kOpen;
  return Flow::kFine;
}

void Connection::close() {
  if (tls_ && phase_ == Phase::kOpen) tls_->end_sending();
  tls_.reset();
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  phase_ = Phase::kDown;
  out_.clear();
  sent_ = 0;
  kept_.clear();
  unread_ = {};
  parser_.start();
  in_flight_.clear();
}

void Connection::add(const Request& request, std::uint64_t serial, const InFlight& in_flight) {
  const std::size_t at = out_.size();
  out_ += request.bytes;
  if (request.serial_at > 0) put_serial(out_.data() + at + request.serial_at, serial);
  in_flight_.push_back(in_flight);
}

Connection::Flow Connection::send_some(std::string_view bytes, std::size_t& sent) {
  sent = 0;
  if (tls_) {
    const auto [outcome, moved] = tls_->write(bytes);
    sent = moved;
    if (outcome == Outcome::kDone) return Flow::kFine;
    return outcome == Outcome::kEnded ? Flow::kBroken : Flow::kBlocked;
  }
  const auto went = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (went < 0) return errno == EAGAIN || errno == EINTR ? Flow::kBlocked : Flow::kBroken;
  sent = static_cast<std::size_t>(went);
  return Flow::kFine;
}

Connection::Flow Connection::flush() {
  while (sending()) {
    std::size_t sent = 0;
    const Flow flow = send_some(std::string_view(out_).substr(sent_), sent);
    if (flow != Flow::kFine) return flow;
    sent_ += sent;
  }
  out_.clear();
  sent_ = 0;
  return Flow::kFine;
}

Connection::Flow Connection::receive_some(std::span<char> room, std::size_t& received) {
  if (tls_) {
    const auto [outcome, moved] = tls_->read(room);
    received = moved;
    if (outcome == Outcome::kDone) return Flow::kFine;
    return outcome == Outcome::kEnded ? Flow::kEnded : Flow::kBlocked;
  }
  const auto got = ::recv(socket_, room.data(), room.size(), 0);
  if (got < 0) return errno == EAGAIN || errno == EINTR ? Flow::kBlocked : Flow::kBroken;
  received = static_cast<std::size_t>(got);
  return got == 0 ? Flow::kEnded : Flow::kFine;
}

Connection::Flow Connection::receive(std::span<char> scratch, std::size_t& received) {
  received = 0;
  // A record that was read in part would wait in the TLS layer, and the socket would not tell: all of it is taken.
  do {
    std::size_t more = 0;
    const Flow flow = receive_some(scratch.subspan(received), more);
    if (flow != Flow::kFine && received == 0) return flow;
    if (flow != Flow::kFine) break;  // it says so again
    received += more;
  } while (tls_ && scratch.size() - received >= kRecord);
  if (kept_.empty()) {
    unread_ = {scratch.data(), received};
  } else {
    kept_.append(scratch.data(), received);
    unread_ = kept_;
  }
  return Flow::kFine;
}

bool Connection::next_answer() {
  parser_.start_if_complete();
  unread_.remove_prefix(parser_.advance(unread_));
  return parser_.state() == AnswerParser::State::kComplete;
}

void Connection::keep_unread() {
  // By way of a copy, for unread_ may lie in kept_.
  if (unread_.empty()) {
    kept_.clear();
  } else {
    kept_ = std::string(unread_);
  }
  unread_ = {};
}

bool Connection::finish_answer() {
  parser_.start_if_complete();
  parser_.finish();
  return parser_.state() == AnswerParser::State::kComplete;
}

}  // namespace vigie::load
