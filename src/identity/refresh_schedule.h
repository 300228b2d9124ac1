// When a document of an issuer is fetched again: what it said of its age, what failed, and who asked.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/random.h"

namespace vigie::identity {

struct RefreshOptions {
  std::chrono::milliseconds least{30'000};         // an issuer that says no-store is not asked more often,
  std::chrono::milliseconds most{3'600'000};       // nor one that says "for a year" more rarely
  std::chrono::milliseconds unknown_age{300'000};  // where it says nothing
  std::chrono::milliseconds first_retry{1'000};    // after a failure, then twice as long each time
  std::chrono::milliseconds last_retry{60'000};
  std::chrono::milliseconds between_asks{10'000};  // fetches that requests may cause
  double jitter = 0.1;  // up to this share of a wait is left out, so that many servers do not ask together; in [0, 1)
};

// Pure: the times are handed in, of any clock that does not jump. One thread at a time.
class RefreshSchedule {
 public:
  using Time = std::chrono::steady_clock::time_point;

  RefreshSchedule(const RefreshOptions& options, Time now, std::uint64_t seed);  // due at once

  Time due() const { return due_; }
  void succeeded(Time now, std::optional<std::chrono::seconds> max_age);
  void failed(Time now);
  // Due now instead of later. false, and nothing changes: less than between_asks after the last one that was granted.
  bool ask(Time now);
  void hurry(Time now);  // due now instead of later, whatever was granted before

 private:
  Time after(Time now, std::chrono::milliseconds wait);

  RefreshOptions options_;
  Random random_;
  Time due_;
  std::optional<Time> last_ask_;
  std::chrono::milliseconds retry_;
};

}  // namespace vigie::identity
