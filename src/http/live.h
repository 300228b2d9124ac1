// What a running server may be given anew: requests to come see all of the new, those under way keep all of the old.
//
// Each event loop has the current one at hand without counting references (EventLoop::live()), and looks for a newer
// one where a request begins. A request that waits for its body or for another thread holds its own
// (Connection::hold()).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "http/client_address.h"
#include "http/cors.h"
#include "http/router.h"

namespace vigie::http {

struct Live {
  std::shared_ptr<const Router> router;
  Cors cors;
  TrustedProxies proxies;
};

// Any thread.
class LivePlace {
 public:
  explicit LivePlace(Live live) : current_(std::make_shared<const Live>(std::move(live))) {}

  void put(Live live) {
    auto next = std::make_shared<const Live>(std::move(live));
    const std::scoped_lock lock(mutex_);
    current_.swap(next);
    generation_.fetch_add(1, std::memory_order_release);
  }

  // Changes with each put().
  std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }
  // And the generation that it is of.
  std::shared_ptr<const Live> get(std::uint64_t& generation) const {
    const std::scoped_lock lock(mutex_);
    generation = generation_.load(std::memory_order_relaxed);
    return current_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Live> current_;
  std::atomic<std::uint64_t> generation_{1};
};

}  // namespace vigie::http
