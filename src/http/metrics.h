// What the edge counts: by route and status, and of its connections. Each event loop writes to a LoopMetrics of its own
// with plain additions; snapshot() adds them up on any thread, meanwhile.
//
//   auto metrics = std::make_shared<ServerMetrics>();
//   auto server = Server::open({.metrics = metrics, ...}, router);
//   metrics->snapshot().total_requests()
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "http/router.h"
#include "telemetry/histogram.h"
#include "telemetry/metric.h"

namespace vigie::http {

// Statuses that are told apart; all others are counted together, so that the number of series is bounded.
inline constexpr std::array<int, 24> kCountedStatuses = {200, 201, 202, 204, 304, 400, 401, 403, 404, 405, 406, 408,
                                                         409, 413, 414, 415, 417, 422, 429, 431, 500, 501, 503, 505};
inline constexpr std::size_t kStatusSlots = kCountedStatuses.size() + 1;
std::size_t status_slot(int status);              // below kStatusSlots
std::string_view status_label(std::size_t slot);  // "200"; "other" for the last

// What no route answers (unknown paths and methods, OPTIONS, broken requests) is counted under this name, never under
// a path of the client's.
inline constexpr std::string_view kUnmatchedRoute = "unmatched";

// What a connection was doing when its time was over.
enum class Stall : std::uint8_t { kIdle, kHeader, kBody, kWrite };
inline constexpr std::size_t kStalls = 4;
std::string_view to_string(Stall stall);  // "idle"

struct alignas(telemetry::kWriterAlignment) RouteMetrics {
  std::array<telemetry::Counter, kStatusSlots> requests;  // when the answer is made
  telemetry::Counter bytes_in;                            // of requests on the wire, headers included
  telemetry::Counter bytes_out;                           // of answers, headers included, sent or not
  // From a request's last byte parsed to the return of the first write with its answer. A client that takes its answer
  // slowly does not count, nor does a request that was refused before it was whole.
  telemetry::Histogram duration;
};

// Written on one event loop's thread only.
class alignas(telemetry::kWriterAlignment) LoopMetrics {
 public:
  explicit LoopMetrics(std::size_t routes) : routes_(routes + 1) {}

  // nullptr: no route.
  RouteMetrics& of(const Route* route) { return routes_[route == nullptr ? routes_.size() - 1 : route->index]; }

  telemetry::Gauge open_connections;
  telemetry::Counter accepted;
  telemetry::Counter refused;  // over a limit; accepted ones too
  std::array<telemetry::Counter, kStalls> timed_out;
  telemetry::Counter parse_failures;
  telemetry::Histogram lag;  // of the coarse sweep behind its timer: how long a ready event may wait for the loop

 private:
  friend class ServerMetrics;
  std::vector<RouteMetrics> routes_;  // by Route::index; the last is kUnmatchedRoute
};

struct RouteSnapshot {
  std::string name;
  std::array<std::uint64_t, kStatusSlots> requests{};
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  telemetry::HistogramSnapshot duration{};

  std::uint64_t total_requests() const;
};

struct ServerSnapshot {
  std::vector<RouteSnapshot> routes;  // in the router's order, then kUnmatchedRoute
  std::int64_t open_connections = 0;
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
  std::array<std::uint64_t, kStalls> timed_out{};
  std::uint64_t parse_failures = 0;
  telemetry::HistogramSnapshot lag;

  std::uint64_t total_requests() const;
  std::uint64_t with_status(int status) const;    // of kCountedStatuses
  std::uint64_t errors() const;                   // 4xx and 5xx of kCountedStatuses
  telemetry::HistogramSnapshot duration() const;  // of all routes
};

// Of one server, which shares in owning it; may outlive it.
class ServerMetrics {
 public:
  // Each of the server's loops calls it once, with the same router.
  LoopMetrics& add_loop(const Router& router);
  ServerSnapshot snapshot() const;

 private:
  mutable std::mutex mutex_;  // of the lists; counting takes no lock
  std::vector<std::string> routes_;
  std::vector<std::unique_ptr<LoopMetrics>> loops_;
};

}  // namespace vigie::http
