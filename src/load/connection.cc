#include "load/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>

#include "load/payloads.h"

namespace vigie::load {

bool Connection::connect(const Target& target) {
  assert(phase_ == Phase::kDown);
  socket_ = ::socket(target.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket_ < 0) return false;
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  phase_ = Phase::kConnecting;
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&target.address), target.address_size) == 0 ||
      errno == EINPROGRESS) {
    return true;
  }
  close();
  return false;
}

bool Connection::finish_connecting() {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) return false;
  phase_ = Phase::kOpen;
  return true;
}

void Connection::close() {
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

Connection::Flow Connection::flush() {
  while (sending()) {
    const auto went = ::send(socket_, out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
    if (went < 0) {
      if (errno == EINTR) continue;
      return errno == EAGAIN ? Flow::kBlocked : Flow::kBroken;
    }
    sent_ += static_cast<std::size_t>(went);
  }
  out_.clear();
  sent_ = 0;
  return Flow::kFine;
}

Connection::Flow Connection::receive(std::span<char> scratch, std::size_t& received) {
  const auto got = ::recv(socket_, scratch.data(), scratch.size(), 0);
  if (got < 0) return errno == EAGAIN || errno == EINTR ? Flow::kBlocked : Flow::kBroken;
  if (got == 0) return Flow::kEnded;
  received = static_cast<std::size_t>(got);
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
