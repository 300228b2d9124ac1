// Connections to one server for whichever threads call, as many as call at once. Any thread may call anything.
//
// While the server is away one thread at a time tries to connect, after pauses from 50 ms that double up to
// `endpoint.pause`; the others learn at once why it failed the last time.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "history/redis_connection.h"

namespace vigie::history {

class RedisPool {
 public:
  explicit RedisPool(RedisEndpoint endpoint) : endpoint_(std::move(endpoint)) {}

  Result<std::unique_ptr<RedisConnection>> take();
  // One that failed goes, and all that idle with it: what went wrong on one went wrong on all.
  void give_back(std::unique_ptr<RedisConnection> connection);

 private:
  using Time = std::chrono::steady_clock::time_point;
  std::unique_ptr<RedisConnection> take_idle();
  Status wait_for_turn();

  RedisEndpoint endpoint_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<RedisConnection>> idle_;
  std::optional<Error> why_away_;  // while it is
  int failures_ = 0;               // since it last was there
  bool trying_ = false;
  Time next_try_{};
};

}  // namespace vigie::history
