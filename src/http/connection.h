// One client: reads, frames, answers in order, and ends what takes too long. connection.cc has the way of a request,
// connection_answers.cc that of its answer, connection_stream.cc what both are where they stream, connection_proxy.cc
// what comes before all of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "http/event_loop.h"
#include "http/patience.h"
#include "http/receive_buffer.h"
#include "http/request_parser.h"
#include "http/trace_context.h"

namespace vigie::http {

// Over a limit on connections of one address.
inline constexpr Rejection kCrowded = {
    429, "too many connections from this address: use those that are open, or try again later"};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // `peer`: the address at its other end. `place`: one of whose places it has, where these are limited.
  Connection(EventLoop& loop, Transport transport, const IpAddress& peer, std::optional<AddressKey> place);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start();
  void refuse(const Rejection& why);  // instead of start(): says so, then closes
  void sweep(std::int64_t now);       // ends what is over its time
  void drain();                       // closes when nothing is under way
  void close();

 private:
  void reset();  // close(), and what the client did not take is thrown away by the system too
  struct Stream;
  enum class Sent : std::uint8_t { kAll, kBlocked, kFailed };
  enum class Composed : std::uint8_t { kSome, kNothing, kAll, kCut };

  void read_proxy_header(std::string held);
  void begin_for(const std::optional<IpAddress>& source);
  void read();  // no more than once at a time
  void on_read(const ErrorCode& error, std::size_t size);
  void process();
  bool process_one();  // false: nothing more to do now
  bool wait_in(Phase phase);

  bool on_head();
  void settle_request(const char* bytes);
  void settle_trace();
  void ask_gate();
  void dispatch();
  void run_in_pool();
  void finish_pool_work();

  const Live& live() const { return held_ ? *held_ : *loop_.live(); }
  void hold();

  void append(const Response& response, Framing framing = Framing::kLength);
  void answered();  // a whole request, by what append() has put in out()
  AccessRecord access_record() const;
  void log_whole(bool cut = false);
  void log_refused();
  void log_stream(bool cut);
  void log_access(const AccessRecord& record);
  void answer_options();
  std::string_view cors_grant() const;
  const TraceContext* trace() const;  // nullptr: the request names none
  std::string timing_line() const;
  void reject(const Rejection& why);
  void reject_and_close(const Rejection& why);
  void begin_request();
  void end_request();
  void hold_answers();
  bool flush();
  Sent send_pending();
  void on_writable();
  void linger();

  void begin_stream(std::uint64_t body_limit, bool expects_continue);
  void watch_for_hangup();
  void turn_stream();
  bool feed_body();
  void on_stream_read(const ErrorCode& error, std::size_t size);
  bool send_answer();
  Composed compose_answer();
  bool chunks_answer() const;
  void append_piece(std::size_t size);
  void say_head(bool goes_on);
  void stream_returned();
  void end_stream();
  void count_stream();
  void fail_stream(const Rejection& why);
  void cut_stream();
  void sweep_stream(std::int64_t now);

  void settle_keep_alive();

  EventLoop& loop_;
  Transport transport_;
  EventLoop::Place place_;
  IpAddress peer_;
  bool from_proxy_;             // a trusted one
  std::string client_address_;  // the peer's, or from a proxy the current request's
  std::optional<AddressKey> address_place_;
  RequestParser parser_;

  ReceiveBuffer received_;  // from the current request's first byte on
  Patience patience_;

  std::size_t written_ = 0;  // of pending_
  std::string pending_;      // what the socket did not take yet

  Request request_;
  std::shared_ptr<const Live> held_;  // what the current request began with, where it has had to wait
  Match match_;
  int status_ = 0;                      // of the last answer that was made
  std::uint64_t body_out_ = 0;          // and its body's bytes, those of a stream's chunks aside
  std::optional<Rejection> rejection_;  // told when the request is complete
  std::string gate_lines_;              // of the answer, in the gate's words
  GateNote gate_note_;
  std::shared_ptr<const Caller> caller_;
  bool undecided_ = false;  // the gate has to wait for something
  std::string path_;        // decoded, where it was encoded
  std::string made_id_;
  std::optional<TraceContext> trace_;
  std::string trace_line_;  // of the answer
  std::unique_ptr<Response> pool_response_;
  std::unique_ptr<Stream> stream_;
  SteadyTime parsed_;  // when the request was whole
  // Of a request that asks for it; the handler's are those of one in the pool, and set there.
  struct Timing {
    SteadyTime head;  // was parsed
    SteadyTime began;
    SteadyTime ended;
  };
  Timing timing_{};
  bool skip_line_end_ = true;  // one empty line before a request is forgiven (RFC 9112, 2.2)
  std::size_t requests_ = 0;
  bool closing_ = false;
  bool reading_ = false;  // the socket writes into received_: it must not move
};

}  // namespace vigie::http
