#include "http/server.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "http/event_loop.h"

namespace vigie::http {

class Server::Impl {
 public:
  Impl(ServerOptions options, Live live, std::unique_ptr<TlsIdentity> tls, Listeners listeners)
      : state_(std::move(options), std::move(live), std::move(tls)), port_(listeners.port()) {
    for (std::size_t i = 0; i < state_.options.threads; ++i) {
      loops_.push_back(std::make_unique<EventLoop>(state_, listeners.take(i), i));
    }
  }

  ~Impl() {
    abort();
    wait();
  }

  std::uint16_t port() const { return port_; }
  std::size_t connections() const { return state_.connections.load(std::memory_order_relaxed); }

  void start() {
    const std::scoped_lock lock(mutex_);
    running_ = loops_.size();
    for (auto& loop : loops_) {
      threads_.emplace_back([this, &loop] {
        loop->run();
        const std::scoped_lock done(mutex_);
        --running_;
        ended_.notify_all();
      });
    }
  }

  Status replace(Live live) {
    std::uint64_t generation = 0;
    const auto names = [](const Router& router) {
      std::vector<std::string_view> all;
      for (const Route* route : router.routes()) all.push_back(route->name);
      return all;
    };
    // Counters are by the number of a route.
    if (names(*live.router) != names(*state_.live.get(generation)->router)) {
      return fail(Code::kInternal, "a running server keeps its routes", {}, "start a new one");
    }
    state_.live.put(std::move(live));
    return {};
  }

  Status reload_tls() { return state_.tls ? state_.tls->reload() : Status(); }

  void stop() {
    state_.options.stopping->store(true, std::memory_order_relaxed);
    for (auto& loop : loops_) loop->stop();
  }

  void abort() {
    for (auto& loop : loops_) loop->abort();
  }

  void wait() {
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return running_ == 0; });
    join(lock);
  }

  bool wait_for(Milliseconds time) {
    std::unique_lock lock(mutex_);
    if (!ended_.wait_for(lock, time, [this] { return running_ == 0; })) return false;
    join(lock);
    return true;
  }

 private:
  void join(std::unique_lock<std::mutex>& lock) {
    std::vector<std::jthread> threads = std::move(threads_);
    threads_.clear();
    lock.unlock();
    threads.clear();
    state_.pool.threads.join();  // work whose client has gone
    if (state_.waits) state_.waits->threads.join();
    if (state_.streams) state_.streams->join();
  }

  ServerState state_;
  std::uint16_t port_;
  std::vector<std::unique_ptr<EventLoop>> loops_;
  std::mutex mutex_;
  std::condition_variable ended_;
  std::size_t running_ = 0;
  std::vector<std::jthread> threads_;
};

namespace {

Result<Live> make_live(std::shared_ptr<const Router> router, const CorsOptions& cors,
                       const std::vector<std::string>& trusted_proxies) {
  // One by one: g++ 12 does not destroy what an initializer has made when VIGIE_TRY returns out of its middle.
  Cors origins = VIGIE_TRY(Cors::make(cors));
  TrustedProxies proxies = VIGIE_TRY(TrustedProxies::parse(trusted_proxies));
  return Live{.router = std::move(router), .cors = std::move(origins), .proxies = std::move(proxies)};
}

}  // namespace

Result<std::unique_ptr<Server>> Server::open(ServerOptions options, const Router& router) {
  return open(std::move(options), std::shared_ptr<const Router>(std::shared_ptr<void>(), &router));  // owns nothing
}

Result<std::unique_ptr<Server>> Server::open(ServerOptions options, std::shared_ptr<const Router> router) {
  if (options.threads == 0 || options.addresses.empty()) {
    return fail(Code::kInvalidArgument, "a server needs a thread and an address", {.field = "--threads"}, "give both");
  }
  if (options.proxy_protocol && options.trusted_proxies.empty()) {
    return fail(Code::kInvalidArgument, "no proxy is trusted to tell who connects", {.field = "server.proxy_protocol"},
                "name the proxies in server.trusted_proxies, or turn it off");
  }
  std::unique_ptr<TlsIdentity> tls;
  if (options.tls) tls = VIGIE_TRY(TlsIdentity::load(*options.tls));
  Live live = VIGIE_TRY(make_live(std::move(router), options.cors, options.trusted_proxies));
  Listeners listeners = VIGIE_TRY(Listeners::open(options.addresses, options.port, options.threads,
                                                  options.share_port ? PortUse::kShared : PortUse::kAlone));
  return std::unique_ptr<Server>(
      new Server(std::make_unique<Impl>(std::move(options), std::move(live), std::move(tls), std::move(listeners))));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;
std::uint16_t Server::port() const { return impl_->port(); }
void Server::start() { impl_->start(); }
Status Server::replace(std::shared_ptr<const Router> router, const CorsOptions& cors,
                       const std::vector<std::string>& trusted_proxies) {
  return impl_->replace(VIGIE_TRY(make_live(std::move(router), cors, trusted_proxies)));
}
Status Server::reload_tls() { return impl_->reload_tls(); }
void Server::stop() { impl_->stop(); }
void Server::abort() { impl_->abort(); }
void Server::wait() { impl_->wait(); }
bool Server::wait_for(Milliseconds time) { return impl_->wait_for(time); }
std::size_t Server::connections() const { return impl_->connections(); }

}  // namespace vigie::http
