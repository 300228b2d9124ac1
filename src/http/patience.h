// How long a client may take over what its connection is doing.
#pragma once

#include <cstdint>

#include "http/metrics.h"
#include "http/server.h"

namespace vigie::http {

enum class Phase : std::uint8_t {
  kIdle,       // between requests
  kHead,       // some of a header is here
  kBody,       // some of a body is here
  kWorking,    // a worker thread has the request
  kStreaming,  // a body and its answer are on their way, and a Pace says how long
  kWriting,    // the client does not take its answer as fast as it is made
  kLingering,  // everything is said: what still comes is thrown away, or a reset would destroy the answer
};

// Milliseconds of a clock that never goes back; a few of them coarse, and almost free to read.
std::int64_t coarse_now();

class Patience {
 public:
  explicit Patience(const Limits& limits) : limits_(limits) {}

  Phase phase() const { return phase_; }
  void enter(Phase phase);
  // The client has just connected, and has no more time for its first request than for a header: who connects has
  // something to say.
  void enter_first();
  // Time grows with the bytes that have moved since kBody or kWriting began, so that neither a trickle nor a stall
  // lasts.
  void moved(std::size_t bytes);
  void hurry(std::int64_t milliseconds);  // no longer than this from now on
  bool over(std::int64_t now) const { return now >= deadline_; }
  Stall stall() const;  // what is counted when it is over

 private:
  const Limits& limits_;
  Phase phase_ = Phase::kIdle;
  std::int64_t start_ = 0;
  std::int64_t deadline_ = 0;
};

// How long a client may take over a body and an answer of any length: `most` of waiting for it in a row, and in the
// long run a second for each 64 KiB that moves either way. Time that the server takes does not count. So neither a
// stall nor a trickle lasts, and no length earns the right to stop.
class Pace {
 public:
  explicit Pace(Milliseconds most) : most_(most.count() * kSlowest), credit_(most_) {}

  void wait_for_client(bool waiting);  // from now on, or not
  void moved(std::size_t bytes);
  bool over(std::int64_t now) const { return waiting_ && (now - since_) * kSlowest >= credit_; }

 private:
  static constexpr std::int64_t kSlowest = 64 * 1024;  // bytes a second; credit is in thousandths of a byte
  void spend();

  std::int64_t most_;
  std::int64_t credit_;
  std::int64_t since_ = 0;
  bool waiting_ = false;
};

}  // namespace vigie::http
