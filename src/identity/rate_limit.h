// How often each key (a subject, an address) may ask. Token buckets in the form of GCRA (ATM Forum, Traffic Management
// Specification 4.1, 1999, "virtual scheduling"; as a leaky bucket it is a meter, nothing queues): a bucket is one
// number, the moment at which it is full again.
//
//   RateLimiter limiter = VIGIE_TRY(RateLimiter::make({.requests = 600, .per = std::chrono::minutes(1), .burst = 50},
//                                                     100'000));
//   const RateAnswer answer = limiter.take(hash(subject), std::chrono::steady_clock::now());
//   if (!answer.allowed) refuse(429, answer.retry_after);
//
// In any span of length t a key gets at most burst + t * requests / per, and no less if it asks for more. One key never
// waits for another one's. Any number of threads; a key that is known costs a lock, a look-up and no allocation.
//
// At most `entries` buckets are held (about 50 bytes each), in up to 64 parts by key. A bucket that is full again is as
// good as none and makes room. While all of a part are in use, the keys that are new to it share one more bucket. So
// whoever comes with many keys lifts nobody's limit, his own included, and gets at most what entries + 64 buckets hold;
// known keys feel nothing, and new ones may have to wait as long as he spends on every bucket (crowded() counts their
// requests). Choose `entries` for the keys that are expected within the time in which a bucket fills.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.h"

namespace vigie::identity {

using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;

struct RateLimit {
  std::uint64_t requests = 600;  // at least 1; no more than a million a second
  std::chrono::nanoseconds per = std::chrono::minutes(1);
  std::uint64_t burst = 50;  // at least 1; filling it takes no more than 366 days
};

// What the fields of the answer say: RateLimit-* of draft-ietf-httpapi-ratelimit-headers-06 (from -07 on they are one
// field), with the bucket as the window; Retry-After of RFC 9110, 10.2.3.
struct RateAnswer {
  bool allowed = false;
  std::uint64_t limit = 0;        // RateLimit-Limit: what the bucket holds
  std::uint64_t remaining = 0;    // RateLimit-Remaining: what it still holds, in [0, limit]
  std::uint64_t reset = 0;        // RateLimit-Reset: whole seconds, rounded up, until it is full
  std::uint64_t retry_after = 0;  // Retry-After: whole seconds, rounded up, until one request is allowed; else 0
};

class RateLimiter {
 public:
  // kInvalidArgument, with the field, where the limit is out of range, or `entries` is not in [1, 2^24].
  static Result<RateLimiter> make(const RateLimit& limit, std::size_t entries);
  RateLimiter(RateLimiter&&) noexcept;
  RateLimiter& operator=(RateLimiter&&) noexcept;
  ~RateLimiter();

  // Takes one request out of the key's bucket, or says when to come again; a refusal costs the key nothing. `now` is
  // of a clock that is never set back: an earlier one than was seen (threads overtake each other) counts as that one.
  RateAnswer take(std::uint64_t key, SteadyTime now);

  std::size_t keys() const;       // buckets held, full ones included
  std::uint64_t crowded() const;  // requests of keys that had to share a bucket

 private:
  struct Part;
  RateLimiter(const RateLimit& limit, std::size_t entries);

  std::int64_t interval_;  // nanoseconds in which one request's worth flows back, rounded up
  std::uint64_t burst_;
  std::vector<Part> parts_;  // a power of two
};

}  // namespace vigie::identity
