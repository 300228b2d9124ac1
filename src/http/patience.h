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

}  // namespace vigie::http
