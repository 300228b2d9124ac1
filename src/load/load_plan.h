// What a load run does, and how its options are read. Two ways to ask:
//
// - closed loop: each connection asks, waits for the answer, asks again. It finds how much a server can do, and hides
// how
//   long users would have waited, for a slow server is asked less.
// - open loop: requests are due by a schedule, whatever the server does, and a latency counts from the moment its
// request
//   was due. A server that stalls for a second shows a second, not one slow answer (coordinated omission, as Gil Tene
//   named it).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "load/payloads.h"

namespace vigie::load {

using Nanoseconds = std::uint64_t;
inline constexpr Nanoseconds kSecond = 1'000'000'000;

// A part of the run at one rate.
struct Stage {
  double rate = 0;  // requests a second; 0: closed loop
  Nanoseconds length = 0;
};

struct Share {
  Route route = Route::kPredict;
  double weight = 1;
  std::string path{};  // where the route is; empty: where the contract has it

  std::string where() const { return path.empty() ? std::string(path_of(route)) : path; }
};

struct LoadPlan {
  std::vector<Share> mix{{}};
  std::vector<Stage> stages;          // what is measured; the run's way is that of the first
  Nanoseconds warmup = kSecond;       // before it, at the first stage's rate, not measured
  Nanoseconds timeout = 5 * kSecond;  // for an answer, and for a connection
  std::uint32_t connections = 32;
  std::uint32_t pipeline = 1;  // requests on a connection before their answers; 1 in an open loop
  std::uint32_t threads = 1;
  bool spin = false;  // never sleep: being woken is not in the latencies then, and each thread takes a whole core
  std::uint64_t first_serial = 1;  // of made-up transaction_ids: each request gets the next one

  bool open_loop() const { return !stages.empty() && stages.front().rate > 0; }
  Nanoseconds length() const;  // of the stages
};

// Bounds, so that a mistyped number is not an attack: 10 minutes, 10,000 connections, 64 requests pipelined, 64
// threads, a million requests a second, a timeout of 60 s. kInvalidArgument naming the option.
Status check(const LoadPlan& plan);

// "500ms", "10s", "2m"; a bare number is seconds. More than 10 minutes, and nothing at all, are refused.
Result<Nanoseconds> parse_duration(std::string_view text, const std::string& option);
// "predict=90,score=10" or "predict". Weights are positive; a route stands once.
Result<std::vector<Share>> parse_mix(std::string_view text);
// "predict=/v2/predict": where a route of the mix is on another server.
Status set_paths(const std::vector<std::string>& options, std::vector<Share>& mix);
// "2000", or "1000..20000": from the first rate to the second in `steps` equal steps of equal length. Empty: closed
// loop.
Result<std::vector<Stage>> parse_stages(std::string_view rate, Nanoseconds length, std::uint32_t steps);

// When each request of an open loop is due, from the start of the warm-up on. Requests are evenly spaced in a stage.
class Schedule {
 public:
  explicit Schedule(const LoadPlan& plan);

  std::uint64_t count() const { return parts_.back().first; }
  // Of request `index` < count(). Indices that only grow are found at once.
  Nanoseconds due(std::uint64_t index);

 private:
  struct Part {
    std::uint64_t first;  // the index of its first request
    Nanoseconds start;
    double spacing;  // nanoseconds
  };
  std::vector<Part> parts_;  // the last one is the end
  std::size_t at_ = 0;
};

}  // namespace vigie::load
