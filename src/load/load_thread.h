// One event loop of a load run, with its share of the connections and of the schedule.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "load/connection.h"
#include "load/load_plan.h"
#include "load/measurements.h"
#include "load/request_list.h"
#include "load/target.h"

namespace vigie::load {

struct LoadShare {
  std::uint32_t thread = 0;  // 0, 1, ... of plan.threads
  std::uint32_t connections = 1;
  std::chrono::steady_clock::time_point start{};  // of the run, for all threads
};

class LoadThread {
 public:
  LoadThread(const LoadPlan& plan, const Target& target, std::span<const Request> requests, const LoadShare& share,
             const std::atomic<bool>& stop);
  ~LoadThread();
  LoadThread(const LoadThread&) = delete;
  LoadThread& operator=(const LoadThread&) = delete;

  void run();
  const Recorder& recorder() const { return recorder_; }

 private:
  struct Peer {
    Connection connection;
    Nanoseconds since = 0;     // the beginning of connecting
    Nanoseconds retry_at = 0;  // while it is down
    Nanoseconds patience = 0;  // how long to wait before trying again
    bool made_before = false;
    bool answered = false;  // since it was made
    bool listed = false;    // in idle_
    bool watches_out = false;
  };

  Nanoseconds now() const;
  void loop();
  void wait(Nanoseconds time);
  void handle(std::uint32_t index, std::uint32_t events);
  void read_answers(std::uint32_t index);
  void go_on(std::uint32_t index, Nanoseconds time);
  void open(std::uint32_t index, Nanoseconds time);
  void lose(std::uint32_t index, Failure failure, Nanoseconds time);
  void send_due(Nanoseconds time);
  void send_one(Peer& peer, Nanoseconds due, Nanoseconds time);
  void flush(std::uint32_t index, Nanoseconds time);
  void watch(std::uint32_t index, bool out);
  void sweep(Nanoseconds time);
  void give_up_due(Nanoseconds time);

  const LoadPlan& plan_;
  const Target& target_;
  std::span<const Request> requests_;
  LoadShare share_;
  const std::atomic<bool>& stop_;
  Recorder recorder_;
  std::deque<Peer> peers_;           // connections do not move
  std::vector<std::uint32_t> idle_;  // open loop: those that wait for a request, most recently used last
  std::vector<char> scratch_;
  std::optional<Schedule> schedule_;
  std::uint64_t next_due_ = 0;   // the index in the schedule of this thread's next request
  std::uint64_t made_ = 0;       // requests
  std::uint64_t in_flight_ = 0;  // on all connections
  Nanoseconds end_;
  Nanoseconds sweep_every_;
  Nanoseconds next_sweep_ = 0;
  Nanoseconds spun_ = 0;  // asked for work in vain
  int epoll_;
};

}  // namespace vigie::load
