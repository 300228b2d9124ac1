#include "history/redis_pool.h"

#include <algorithm>
#include <string>

namespace vigie::history {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kFirstPause{50};

// After so many failures in a row.
milliseconds pause_after(int failures, milliseconds most) {
  return std::min(most, kFirstPause * (1 << std::min(failures - 1, 16)));
}

}  // namespace

std::unique_ptr<RedisConnection> RedisPool::take_idle() {
  const std::scoped_lock lock(mutex_);
  if (idle_.empty()) return nullptr;
  auto connection = std::move(idle_.back());
  idle_.pop_back();
  return connection;
}

// An error where the server is away and it is not this thread's turn to see whether it still is.
Status RedisPool::wait_for_turn() {
  const std::scoped_lock lock(mutex_);
  if (!why_away_) return {};
  const auto left = std::chrono::ceil<milliseconds>(next_try_ - steady_clock::now());
  if (!trying_ && left.count() <= 0) {
    trying_ = true;
    return {};
  }
  Error error = *why_away_;
  error.message += trying_ ? " (being tried again)" : " (to be tried again in " + std::to_string(left.count()) + " ms)";
  return std::unexpected(std::move(error));
}

Result<std::unique_ptr<RedisConnection>> RedisPool::take() {
  while (auto connection = take_idle()) {
    if (!connection->is_stale()) return connection;
  }
  VIGIE_TRY(wait_for_turn());
  auto connection = RedisConnection::open(endpoint_);
  const std::scoped_lock lock(mutex_);
  trying_ = false;
  if (connection) {
    failures_ = 0;
    why_away_.reset();
  } else {
    why_away_ = connection.error();
    ++failures_;
    next_try_ = steady_clock::now() + pause_after(failures_, endpoint_.pause);
  }
  return connection;
}

void RedisPool::give_back(std::unique_ptr<RedisConnection> connection) {
  const std::scoped_lock lock(mutex_);
  if (connection->has_failed()) {
    idle_.clear();
  } else {
    idle_.push_back(std::move(connection));
  }
}

}  // namespace vigie::history
