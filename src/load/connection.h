// One client connection that never blocks: requests go in as rendered bytes, answers come out as statuses, in order.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "http/tls.h"
#include "load/answer_parser.h"
#include "load/load_plan.h"
#include "load/request_list.h"
#include "load/target.h"

namespace vigie::load {

struct InFlight {
  Nanoseconds due = 0;   // what its latency counts from
  Nanoseconds sent = 0;  // what its timeout counts from
  Route route = Route::kPredict;
};

class Connection {
 public:
  enum class Phase : std::uint8_t { kDown, kConnecting, kOpen };
  enum class Flow : std::uint8_t { kFine, kBlocked, kEnded, kBroken };

  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  Connection(Connection&&) = delete;
  Connection& operator=(Connection&&) = delete;
  ~Connection() { close(); }

  Phase phase() const { return phase_; }
  int socket() const { return socket_; }

  // kDown to kConnecting; false where the system refuses.
  bool connect(const Target& target);
  // When the socket is ready, first for writing: kConnecting to kOpen with kFine. kBlocked: again when it can be read,
  // or written to where waits_to_write(). kBroken: the connection was refused.
  Flow finish_connecting();
  bool waits_to_write() const { return waits_to_write_; }
  // To kDown, from anywhere. Requests in flight are forgotten.
  void close();

  // Puts a request behind those to be sent. `serial` goes into its identifier where it has one.
  void add(const Request& request, std::uint64_t serial, const InFlight& in_flight);
  // Sends what is there to be sent: kFine when all of it went.
  Flow flush();
  bool sending() const { return sent_ < out_.size(); }

  // Reads once, through `scratch`, which is nobody's afterwards: next_answer() and keep_unread() come before another
  // connection uses it. kFine with `received` bytes, kBlocked with none for now.
  Flow receive(std::span<char> scratch, std::size_t& received);
  // Whether one more answer is complete; status() and keep_alive() are then its own until the next call.
  bool next_answer();
  void keep_unread();
  // No more bytes will come: whether that completes an answer.
  bool finish_answer();

  bool failed() const { return parser_.state() == AnswerParser::State::kFailed; }
  bool has_unread() const { return !unread_.empty(); }
  const AnswerParser& parser() const { return parser_; }

  std::deque<InFlight>& in_flight() { return in_flight_; }

 private:
  // Once: how many bytes; kBlocked, kEnded and kBroken with none.
  Flow send_some(std::string_view bytes, std::size_t& sent);
  Flow receive_some(std::span<char> room, std::size_t& received);

  int socket_ = -1;
  std::unique_ptr<http::TlsStream> tls_;  // null: plain text
  bool waits_to_write_ = false;
  Phase phase_ = Phase::kDown;
  std::string out_;
  std::size_t sent_ = 0;  // bytes of out_
  std::string kept_;      // bytes of an answer that is not whole
  std::string_view unread_;
  AnswerParser parser_;
  std::deque<InFlight> in_flight_;
};

}  // namespace vigie::load
