// Time, injected: whoever needs "now" is handed a Clock, so that a replay can hand it the past.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace vigie {

using WallTime = std::chrono::sys_time<std::chrono::microseconds>;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime now() const = 0;
};

// The machine's own clock.
const Clock& system_clock();

// "2026-11-21T03:11:43.000123Z" (RFC 3339).
std::string format_time(WallTime time);

}  // namespace vigie
