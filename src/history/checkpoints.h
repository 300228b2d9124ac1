// Makes checkpoints of a durable history now and then, in a thread of its own: when so much time has passed, or when
// the journal has grown so long that a restart would take a while.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

#include "base/result.h"
#include "history/durable_history.h"

namespace vigie::history {

class Checkpoints {
 public:
  struct Options {
    std::chrono::milliseconds every{600'000};
    std::uint64_t journal_bytes = std::uint64_t{256} << 20;
    std::chrono::milliseconds look{1'000};  // how often the journal is looked at
    std::function<void(const Error&)> on_failure{};
  };

  Checkpoints(std::shared_ptr<DurableHistory> history, Options options);
  ~Checkpoints() = default;  // one that runs is finished first

 private:
  void run(const std::stop_token& stop) const;

  std::shared_ptr<DurableHistory> history_;
  Options options_;
  std::jthread thread_;  // last: it uses all the others
};

}  // namespace vigie::history
