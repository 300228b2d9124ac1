// What a connection keeps while a request streams. connection_stream.cc uses it; nobody else.
#pragma once

#include <memory>
#include <string>

#include "http/connection.h"
#include "http/stream_exchange.h"

namespace vigie::http {

struct Connection::Stream {
  Stream(ServerState& state, std::function<void()> wake);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  ServerState& server;  // in which it has a stream_place
  std::string head;     // the request's own bytes: the buffer goes on without them
  StreamExchange exchange;
  Pace pace;
  RequestParser::Piece piece{};  // received, and not yet all taken by the exchange
  std::uint64_t bytes_in = 0;
  std::uint64_t body_out = 0;
  bool expects_continue = false;
  bool body_whole = false;
  bool body_told = false;  // the exchange knows it
  bool blocked = false;    // the socket takes no more of the answer now
  bool head_said = false;  // the answer's head has been made: no other answer is possible
  bool bodiless = false;   // HEAD, 204, 304
  bool finished = false;   // the handler has said so
  bool all_said = false;
  bool returned = false;  // the handler has
  // The handler could not go on after it had started.
  bool failed() const { return returned && head_said && !finished && !all_said; }

  bool logged = false;     // what the client was told
  bool abandoned = false;  // the client was told something else; only the handler's return is waited for
};

}  // namespace vigie::http
