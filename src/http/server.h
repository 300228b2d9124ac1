// The HTTP/1.x edge: one event loop per thread, each with its own listener on a shared port (SO_REUSEPORT), so that a
// request never changes threads. Every refusal is answered before its connection is closed. docs/http.md.
//
//   auto server = VIGIE_TRY(http::Server::open(options, router));   // bound; nothing is answered yet
//   server->start();
//   ... server->port() ...
//   server->stop();      // after limits.grace no new connections; what runs is finished, within limits.drain
//   server->wait();
//
// A router that the server has must no longer change. start(), stop(), abort() and wait() may come from any
// thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "http/access_log.h"
#include "http/compression.h"
#include "http/cors.h"
#include "http/metrics.h"
#include "http/request_parser.h"
#include "http/router.h"
#include "http/spool.h"
#include "http/tls.h"

namespace vigie::http {

using Milliseconds = std::chrono::milliseconds;

// Over a limit the client is told so with the status given, except where it says "closed".
struct Limits {
  HeadLimits head{};
  std::size_t connections = 10'000;         // 503
  std::size_t connections_per_address = 0;  // of one IPv4 address or one IPv6 /64: 429; 0: no limit
  std::size_t requests_per_connection = 0;  // then Connection: close; 0: no limit
  std::size_t in_flight = 1'000;            // requests that run or wait for a thread, of each pool: 503
  std::size_t waiting = 64;                 // threads for Work::kWait: what one disk write can answer together
  std::size_t streams = 16;                 // requests whose bodies stream at once, each with a thread: 503
  Milliseconds header{10'000};              // from a request's first byte to the end of its header: 408
  Milliseconds body{30'000};                // for a body, and a second more for each 64 KiB of it: 408; see also Pace
  Milliseconds idle{75'000};                // between requests: closed
  Milliseconds write{30'000};  // for a client to take its answer, and a second more for each 64 KiB: closed
  Milliseconds grace{0};       // after stop(), while all goes on and whoever spreads requests takes notice
  Milliseconds drain{10'000};  // and then for what still runs
};

struct ServerOptions {
  std::vector<std::string> addresses = {"127.0.0.1"};  // IPv4 or IPv6, numeric
  std::uint16_t port = 8080;                           // 0: the system chooses one
  // Several servers of one user may listen on the port: a new one is started before the old one stops. Without it, a
  // port that is in use is refused.
  bool share_port = false;
  std::size_t threads = 1;
  // An event loop with nothing to do asks for so long before it sleeps: a request is not late by a wake-up then, and
  // the loop takes its whole core. 0: it sleeps at once.
  std::chrono::microseconds spin{0};
  Limits limits{};
  std::optional<TlsOptions> tls{};             // for all addresses; none: plain text
  bool strict_transport = true;                // answers over TLS tell browsers to use nothing else (answer_defaults.h)
  CorsOptions cors{};                          // web pages of other hosts that may read answers
  std::vector<std::string> trusted_proxies{};  // addresses and networks whose X-Forwarded-For is believed
  // Those must begin each connection with a header of the PROXY protocol (proxy_protocol.h).
  bool proxy_protocol = false;
  CompressionOptions compression{};      // of answers, for clients that take it
  SpoolOptions spool{};                  // what clients do not take of streamed answers while they send
  const Clock* clock = &system_clock();  // for Date and request ids
  std::uint64_t seed = 0;                // of request ids; give something that nobody can guess
  // True from stop() on: what a route for schedulers tells.
  std::shared_ptr<std::atomic<bool>> stopping = std::make_shared<std::atomic<bool>>(false);
  std::shared_ptr<AccessLog> access_log{};                                     // none: answers are not logged
  std::shared_ptr<ServerMetrics> metrics = std::make_shared<ServerMetrics>();  // of this server alone
};

class Server {
 public:
  // Binds. A port that another process listens on is refused, unless it is to be shared: two servers never share one
  // unnoticed.
  static Result<std::unique_ptr<Server>> open(ServerOptions options, std::shared_ptr<const Router> router);
  static Result<std::unique_ptr<Server>> open(ServerOptions options, const Router& router);  // which outlives it
  ~Server();                                                                                 // abort() and wait()
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;
  void start();
  // Certificate and key are read again for connections to come; an error leaves all as it was. Any thread. Without
  // ServerOptions::tls there is nothing to do.
  Status reload_tls();
  // Requests to come are answered by these; those under way are by what they began with. `router` has the same routes,
  // with other handlers; connections that are open go on to count as a trusted proxy's or not. Errors leave all as it
  // was. Any thread.
  Status replace(std::shared_ptr<const Router> router, const CorsOptions& cors,
                 const std::vector<std::string>& trusted_proxies);
  void stop();   // once; a second call changes nothing
  void abort();  // closes everything at once
  void wait();   // until all threads have ended
  // The same with a time limit; true: they have.
  bool wait_for(Milliseconds time);
  std::size_t connections() const;  // open now

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vigie::http
