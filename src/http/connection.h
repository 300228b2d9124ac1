// One client: reads, frames, answers in order, and ends what takes too long.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "http/event_loop.h"
#include "http/request_parser.h"

namespace vigie::http {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(EventLoop& loop, Socket socket);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start();
  void refuse(const Rejection& why);  // instead of start(): says so, then closes
  void sweep(std::int64_t now);       // ends what is over its time
  void drain();                       // closes when nothing is under way
  void close();

 private:
  enum class Phase : std::uint8_t {
    kIdle,       // between requests
    kHead,       // some of a header is here
    kBody,       // some of a body is here
    kWorking,    // a worker thread has the request
    kWriting,    // the client does not take its answer as fast as it is made
    kLingering,  // everything is said: what still comes is thrown away, or a reset would destroy the answer
  };

  void read();
  void on_read(const boost::system::error_code& error, std::size_t size);
  void process();
  bool process_one();  // false: nothing more to do now
  void make_room();
  void enter(Phase phase);
  void extend(Phase phase, std::size_t moved);

  std::optional<Rejection> admit();
  std::optional<Rejection> match_target(std::string_view target);
  bool on_head();
  void settle_request();
  void dispatch();
  void run_in_pool();
  void finish_pool_work();
  void append(const Response& response);
  void answered();  // a whole request, by what append() has put in out()
  Stall stall() const;
  void reject(const Rejection& why);
  void reject_and_close(const Rejection& why);
  void end_request();
  bool flush();
  void on_writable();
  void linger();

  EventLoop& loop_;
  Socket socket_;
  EventLoop::Place place_;
  RequestParser parser_;

  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_;   // without the padding behind it
  std::size_t begin_ = 0;  // of the current request
  std::size_t end_ = 0;    // of what was received

  Phase phase_ = Phase::kIdle;
  std::int64_t deadline_ = 0;
  std::int64_t phase_start_ = 0;
  std::size_t written_ = 0;  // of pending_
  std::string pending_;      // what the socket did not take yet

  Request request_;
  Match match_;
  std::optional<Rejection> rejection_;  // told when the request is complete
  std::string path_;                    // decoded, where it was encoded
  std::string made_id_;
  std::unique_ptr<Response> pool_response_;
  SteadyTime parsed_;          // when the request was whole
  bool skip_line_end_ = true;  // one empty line before a request is forgiven (RFC 9112, 2.2)
  bool closing_ = false;
};

}  // namespace vigie::http
