// One client: reads, frames, answers in order, and ends what takes too long.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "http/event_loop.h"
#include "http/patience.h"
#include "http/receive_buffer.h"
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
  void read();
  void on_read(const boost::system::error_code& error, std::size_t size);
  void process();
  bool process_one();  // false: nothing more to do now
  bool wait_in(Phase phase);

  bool on_head();
  void settle_request();
  void dispatch();
  void run_in_pool();
  void finish_pool_work();

  void append(const Response& response);
  void answered();  // a whole request, by what append() has put in out()
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

  ReceiveBuffer received_;  // from the current request's first byte on
  Patience patience_;

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
