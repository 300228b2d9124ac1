// One thread's share of the server: its listeners, its connections, one coarse timer that ends the slow ones.
#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/uuid.h"
#include "http/access_log.h"
#include "http/listener.h"
#include "http/metrics.h"
#include "http/reply.h"
#include "http/server_state.h"
#include "http/transport.h"

namespace vigie::http {

using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

using SteadyTime = std::chrono::steady_clock::time_point;

class Connection;

class EventLoop {
 public:
  EventLoop(ServerState& state, const std::vector<Listeners::Socket>& listeners, std::uint64_t stream);
  ~EventLoop();

  void run();    // until stopped and empty
  void stop();   // any thread
  void abort();  // any thread

  // For connections, on the loop's own thread.
  using Place = std::list<Connection*>::iterator;
  Place enroll(Connection& connection);
  void leave(Place place);
  ServerState& state() { return state_; }
  // As of the last renew(): until the next one, a reference to it is good without holding it.
  const std::shared_ptr<const Live>& live() const { return live_; }
  void renew() {
    if (state_.live.generation() != generation_) [[unlikely]]
      live_ = state_.live.get(generation_);
  }
  asio::io_context& context() { return *context_; }
  bool draining() const { return draining_; }
  std::string_view date_line() { return date_.at(state_.options.clock->now()); }
  UuidText make_id() { return make_uuid_v7(state_.options.clock->now(), random_); }
  std::uint64_t make_span() { return random_.next(); }
  std::string& out() { return out_; }         // what this thread is about to send
  Response& response() { return response_; }  // of a request that is answered inline
  LoopMetrics& metrics() { return metrics_; }
  // An answer to a request that was whole at `parsed` is in out().
  void answered(const Route* route, SteadyTime parsed) { unsent_.push_back({&metrics_.of(route), parsed}); }
  AccessLog::Writer* access_log() { return access_log_.get(); }  // nullptr: none is written
  void record_durations();  // of all that were answered: out() has been offered to the socket

 private:
  void run_spinning();
  void accept(Acceptor& acceptor);
  void take(Socket socket);
  void sweep();
  void after(std::chrono::milliseconds time, void (EventLoop::*step)());
  // stop(), step by step.
  void begin_grace();
  void end_grace();
  void begin_drain();
  void close_all();
  void end_if_empty();

  ServerState& state_;
  std::uint64_t generation_ = 0;
  std::shared_ptr<const Live> live_;
  LoopMetrics& metrics_;
  Random random_;
  DateLine date_;
  std::string out_;
  Response response_;
  struct Unsent {
    RouteMetrics* metrics;  // not the route, which may be gone by then
    SteadyTime parsed;
  };
  std::vector<Unsent> unsent_;  // keeps its memory
  std::unique_ptr<AccessLog::Writer> access_log_;
  std::list<Connection*> connections_;
  std::int64_t drain_deadline_ = 0;
  bool stopping_ = false;
  bool draining_ = false;
  std::chrono::milliseconds sweep_period_;
  std::unique_ptr<asio::io_context> context_;
  std::unique_ptr<asio::executor_work_guard<Executor>> guard_;
  std::unique_ptr<Timer> timer_;
  std::unique_ptr<Timer> stop_timer_;
  std::list<Acceptor> acceptors_;
  std::vector<Acceptor*> paused_;  // out of descriptors: tried again at the next sweep
};

}  // namespace vigie::http
