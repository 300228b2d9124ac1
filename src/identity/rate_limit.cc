#include "identity/rate_limit.h"

#include <algorithm>
#include <limits>
#include <mutex>
#include <string>
#include <utility>

#include "identity/bounded_table.h"

namespace vigie::identity {
namespace {

using std::chrono::days;
using std::chrono::nanoseconds;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kLongest = nanoseconds(days(366)).count();
constexpr std::int64_t kLeastInterval = 1'000;  // below that, whole nanoseconds would be off by more than 0.1 %
constexpr std::size_t kMostEntries = std::size_t{1} << 24;
// No moment comes so near to the ends of its type that adding a full bucket leaves it.
constexpr std::int64_t kLatest = std::numeric_limits<std::int64_t>::max() - 2 * kLongest;

struct Bucket {
  std::int64_t full_at = -kLatest;  // nanoseconds; GCRA's theoretical arrival time
  std::int64_t expiry() const { return full_at; }
};

std::uint64_t seconds_up(std::int64_t length) { return static_cast<std::uint64_t>((length + kSecond - 1) / kSecond); }

std::unexpected<Error> refuse(std::string field, std::string message, std::string remedy) {
  return fail(Code::kInvalidArgument, std::move(message), {.field = std::move(field)}, std::move(remedy));
}

std::int64_t interval_of(const RateLimit& limit) {
  const auto requests = static_cast<std::int64_t>(limit.requests);
  return limit.per.count() / requests + (limit.per.count() % requests == 0 ? 0 : 1);
}

}  // namespace

// Parts share no cache line. One holder moves them while nobody asks, so a new mutex in the new place will do.
struct alignas(64) RateLimiter::Part {
  explicit Part(std::size_t entries) : buckets(entries) {}
  Part(Part&& other) noexcept
      : latest(other.latest), buckets(std::move(other.buckets)), shared(other.shared), crowded(other.crowded) {}

  mutable std::mutex mutex;
  std::int64_t latest = -kLatest;
  BoundedTable<Bucket> buckets;
  Bucket shared;
  std::uint64_t crowded = 0;
};

RateLimiter::RateLimiter(const RateLimit& limit, std::size_t entries)
    : interval_(interval_of(limit)), burst_(limit.burst) {
  const std::size_t parts = parts_for(entries);
  parts_.reserve(parts);
  for (std::size_t i = 0; i < parts; ++i) parts_.emplace_back(entries / parts);
}

RateLimiter::RateLimiter(RateLimiter&&) noexcept = default;
RateLimiter& RateLimiter::operator=(RateLimiter&&) noexcept = default;
RateLimiter::~RateLimiter() = default;

Result<RateLimiter> RateLimiter::make(const RateLimit& limit, std::size_t entries) {
  if (limit.per.count() <= 0 || limit.per.count() > kLongest) {
    return refuse("per", "the time that a limit is for is 0, negative or more than 366 days", "give 1m, or so");
  }
  if (limit.requests == 0) return refuse("requests", "a limit of 0 requests lets nobody in", "give at least 1");
  if (limit.requests > static_cast<std::uint64_t>(limit.per.count() / kLeastInterval)) {
    return refuse("requests", "more than a million requests a second cannot be told apart", "give less, or no limit");
  }
  if (limit.burst == 0) return refuse("burst", "a burst of 0 lets nobody in", "give at least 1");
  if (limit.burst > static_cast<std::uint64_t>(kLongest / interval_of(limit))) {
    return refuse("burst", "a burst of " + std::to_string(limit.burst) + " takes more than 366 days to fill",
                  "give a smaller burst or more requests");
  }
  if (entries == 0 || entries > kMostEntries) {
    return refuse("entries", std::to_string(entries) + " is not in 1..16777216", "give 100000, or so");
  }
  return RateLimiter(limit, entries);
}

RateAnswer RateLimiter::take(std::uint64_t key, SteadyTime now) {
  Part& part = parts_[part_of(key, parts_.size())];
  const std::scoped_lock lock(part.mutex);
  part.latest = std::max(part.latest, std::clamp(now.time_since_epoch().count(), -kLatest, kLatest));
  Bucket* bucket = part.buckets.find(key);
  if (bucket == nullptr) {
    if (part.buckets.full() && part.buckets.soonest() <= part.latest) part.buckets.drop_soonest();
    if (!part.buckets.full()) {
      bucket = &part.buckets.insert(key, {});
    } else {
      ++part.crowded;
      bucket = &part.shared;
    }
  }
  const auto full = static_cast<std::int64_t>(burst_) * interval_;
  std::int64_t missing = std::max(bucket->full_at, part.latest) - part.latest;
  RateAnswer answer{.allowed = missing + interval_ <= full, .limit = burst_};
  if (answer.allowed) {
    missing += interval_;
    bucket->full_at = part.latest + missing;
  } else {
    answer.retry_after = seconds_up(missing + interval_ - full);
  }
  answer.remaining = static_cast<std::uint64_t>((full - missing) / interval_);
  answer.reset = seconds_up(missing);
  return answer;
}

std::size_t RateLimiter::keys() const {
  std::size_t keys = 0;
  for (const Part& part : parts_) {
    const std::scoped_lock lock(part.mutex);
    keys += part.buckets.size();
  }
  return keys;
}

std::uint64_t RateLimiter::crowded() const {
  std::uint64_t crowded = 0;
  for (const Part& part : parts_) {
    const std::scoped_lock lock(part.mutex);
    crowded += part.crowded;
  }
  return crowded;
}

}  // namespace vigie::identity
