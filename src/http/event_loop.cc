#include "http/event_loop.h"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "http/connection.h"

namespace vigie::http {
namespace {

// Connections over the limit that are told so at the same time; more are closed without a word.
constexpr std::size_t kToldSo = 256;

// For connections whose first packets have been answered, and whose next one is on its way.
constexpr std::chrono::milliseconds kHandshake(250);

std::chrono::milliseconds sweep_period(const Limits& limits) {
  const auto shortest = std::min({limits.header, limits.body, limits.idle, limits.write, limits.drain});
  return std::clamp(shortest / 4, std::chrono::milliseconds(5), std::chrono::milliseconds(500));
}

std::uint64_t nanoseconds(std::chrono::steady_clock::duration time) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(std::chrono::nanoseconds(time).count(), 0));
}

// Leaves the core to its other hyperthread for a moment.
void pause_spinning() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

}  // namespace

EventLoop::EventLoop(ServerState& state, const std::vector<Listeners::Socket>& listeners, std::uint64_t stream)
    : state_(state),
      live_(state.live.get(generation_)),
      metrics_(state.options.metrics->add_loop(*live_->router)),
      random_(state.options.seed, stream),
      sweep_period_(sweep_period(state.options.limits)),
      context_(std::make_unique<asio::io_context>(1)),
      guard_(std::make_unique<asio::executor_work_guard<Executor>>(context_->get_executor())),
      timer_(std::make_unique<Timer>(*context_)),
      stop_timer_(std::make_unique<Timer>(*context_)) {
  if (AccessLog* const log = state.options.access_log.get()) {
    access_log_ = std::make_unique<AccessLog::Writer>(*log, *state.options.clock);
  }
  for (const auto& socket : listeners) {
    acceptors_.emplace_back(*context_);
    boost::system::error_code ignored;  // it is a listening socket of ours: nothing can be wrong with it
    acceptors_.back().assign(socket.v6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), socket.descriptor, ignored);
    acceptors_.back().non_blocking(true, ignored);
  }
}

EventLoop::~EventLoop() {
  acceptors_.clear();
  timer_.reset();
  stop_timer_.reset();
  guard_.reset();
  context_.reset();  // with the connections that still wait for something; they leave connections_
}

void EventLoop::run() {
  for (Acceptor& acceptor : acceptors_) accept(acceptor);
  sweep();
  if (state_.options.spin.count() == 0) {
    context_->run();
  } else {
    run_spinning();
  }
}

void EventLoop::run_spinning() {
  SteadyTime last = std::chrono::steady_clock::now();
  while (!context_->stopped()) {
    if (context_->poll() > 0) {
      last = std::chrono::steady_clock::now();
    } else if (std::chrono::steady_clock::now() - last < state_.options.spin) {
      pause_spinning();
    } else {
      context_->run_one();
      last = std::chrono::steady_clock::now();
    }
  }
}

void EventLoop::accept(Acceptor& acceptor) {
  acceptor.async_accept(*context_, [this, &acceptor](const boost::system::error_code& error, Socket socket) {
    if (!acceptor.is_open() || error == asio::error::operation_aborted) return;
    if (error && error != asio::error::connection_aborted) {
      paused_.push_back(&acceptor);  // no descriptor or memory is left: trying again at once would spin
      return;
    }
    if (!error) take(std::move(socket));
    accept(acceptor);
  });
}

void EventLoop::take(Socket socket) {
  const std::size_t open = state_.connections.load(std::memory_order_relaxed);
  const std::size_t limit = state_.options.limits.connections;
  metrics_.accepted.add();
  if (open >= limit) metrics_.refused.add();
  if (open >= limit + kToldSo) return;
  AddressPlaces& places = state_.address_places;
  boost::system::error_code gone;
  renew();
  const IpAddress peer = ip_of(socket.remote_endpoint(gone).address());
  if (gone) return;
  std::optional<AddressKey> address;
  // A proxy that tells of its client is not counted itself.
  const bool counted = !state_.options.proxy_protocol || !live_->proxies.trusts(peer);
  if (places.limited() && counted) address = key_of(peer);
  const bool crowded = open < limit && address && !places.claim(*address);
  if (crowded) metrics_.refused.add();
  if (open >= limit || crowded) address.reset();
  const auto connection = std::make_shared<Connection>(
      *this, Transport(std::move(socket), state_.tls ? state_.tls->current() : nullptr), peer, address);
  if (crowded) {
    connection->refuse(kCrowded);
  } else if (open >= limit) {
    connection->refuse({503, "too many connections: try again later"});
  } else {
    connection->start();
  }
}

EventLoop::Place EventLoop::enroll(Connection& connection) {
  state_.connections.fetch_add(1, std::memory_order_relaxed);
  metrics_.open_connections.add(1);
  return connections_.insert(connections_.end(), &connection);
}

void EventLoop::leave(Place place) {
  connections_.erase(place);
  state_.connections.fetch_sub(1, std::memory_order_relaxed);
  metrics_.open_connections.add(-1);
  end_if_empty();
}

void EventLoop::record_durations() {
  if (unsent_.empty()) return;
  const SteadyTime now = std::chrono::steady_clock::now();
  for (const Unsent& answer : unsent_) answer.metrics->duration.record(nanoseconds(now - answer.parsed));
  unsent_.clear();
}

void EventLoop::sweep() {
  timer_->expires_after(sweep_period_);
  timer_->async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    metrics_.lag.record(nanoseconds(std::chrono::steady_clock::now() - timer_->expiry()));
    renew();  // what was replaced is not kept by a loop that nobody asks
    const std::int64_t now = coarse_now();
    for (auto place = connections_.begin(); place != connections_.end();) {
      Connection& connection = **place++;  // it may leave
      connection.sweep(now);
    }
    for (Acceptor* acceptor : std::exchange(paused_, {})) accept(*acceptor);
    if (draining_ && now >= drain_deadline_) close_all();
    if (!draining_ || !connections_.empty()) sweep();
  });
}

void EventLoop::stop() {
  asio::post(*context_, [this] { begin_grace(); });
}

void EventLoop::after(std::chrono::milliseconds time, void (EventLoop::*step)()) {
  if (time <= std::chrono::milliseconds(0)) return (this->*step)();
  stop_timer_->expires_after(time);
  stop_timer_->async_wait([this, step](const boost::system::error_code& error) {
    if (!error) (this->*step)();
  });
}

void EventLoop::begin_grace() {
  if (std::exchange(stopping_, true)) return;
  after(state_.options.limits.grace, &EventLoop::end_grace);
}

void EventLoop::end_grace() {
  if (!state_.options.share_port) return begin_drain();
  for (Acceptor& acceptor : acceptors_) turn_newcomers_away(acceptor.native_handle());
  after(kHandshake, &EventLoop::begin_drain);
}

void EventLoop::begin_drain() {
  draining_ = true;
  drain_deadline_ = coarse_now() + state_.options.limits.drain.count();
  for (Acceptor& acceptor : acceptors_) {
    // Whoever is in the queue was promised an answer by the system.
    while (true) {
      boost::system::error_code error;
      Socket socket = acceptor.accept(*context_, error);
      if (error) break;
      take(std::move(socket));
    }
    boost::system::error_code ignored;
    acceptor.close(ignored);
  }
  paused_.clear();
  for (auto place = connections_.begin(); place != connections_.end();) {
    Connection& connection = **place++;
    connection.drain();
  }
  end_if_empty();
}

void EventLoop::abort() {
  asio::post(*context_, [this] {
    draining_ = true;
    boost::system::error_code ignored;
    for (Acceptor& acceptor : acceptors_) acceptor.close(ignored);
    close_all();
    context_->stop();
  });
}

void EventLoop::close_all() {
  for (auto place = connections_.begin(); place != connections_.end();) {
    Connection& connection = **place++;
    connection.close();
  }
}

void EventLoop::end_if_empty() {
  if (!draining_ || !connections_.empty() || !timer_) return;
  guard_.reset();
  timer_->cancel();
}

}  // namespace vigie::http
