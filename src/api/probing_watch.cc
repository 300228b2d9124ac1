#include "api/probing_watch.h"

#include "api/errors.h"
#include "schema/card.h"

namespace vigie::api {
namespace {

constexpr std::size_t kMostSuspects = 10'000;

}  // namespace

Result<std::shared_ptr<ProbingWatch>> ProbingWatch::make(Options options) {
  const KeyedHash hash = VIGIE_TRY(KeyedHash::draw());
  // Without the time: a purchase that is repeated later is a repetition.
  auto counter = VIGIE_TRY(identity::ProbingCounter::make({.fields = schema::kCardRaw - 1}, hash));
  return std::shared_ptr<ProbingWatch>(new ProbingWatch(std::move(options), hash, std::move(counter)));
}

std::uint64_t ProbingWatch::key_of(const http::Caller& caller) const { return hash_(caller.issuer, caller.subject); }

std::uint64_t ProbingWatch::held_back(const http::Request& request) {
  if (!options_.holds_back || request.caller == nullptr || suspects_known_.load(std::memory_order_relaxed) == 0) {
    return 0;
  }
  const WallTime now = options_.clock->now();
  const std::scoped_lock lock(mutex_);
  const auto found = suspects_.find(key_of(*request.caller));
  if (found == suspects_.end() || found->second <= now) return 0;
  return static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::seconds>(found->second - now).count());
}

bool ProbingWatch::refuse(const http::Request& request, http::Response& response) {
  const std::uint64_t seconds = held_back(request);
  if (seconds == 0) return false;
  response.add_header("Retry-After", std::to_string(seconds));
  answer_rejection({429, "nearly the same transaction was sent again and again: try again later",
                    "Presque la même transaction a été envoyée maintes fois : réessayez plus tard"},
                   request.header("Accept-Language"), response);
  return true;
}

// Threads that meet in a second's first moment may look at a few more.
bool ProbingWatch::may_look(std::int64_t second) {
  if (second_.load(std::memory_order_relaxed) != second) {
    second_.store(second, std::memory_order_relaxed);
    looked_.store(0, std::memory_order_relaxed);
  }
  return looked_.fetch_add(1, std::memory_order_relaxed) < options_.most_per_second;
}

void ProbingWatch::observe(const http::Request& request, features::CardRaw row) {
  if (request.caller == nullptr) return;
  const identity::SteadyTime now = std::chrono::steady_clock::now();
  if (!may_look(std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count())) return;
  const std::uint64_t key = key_of(*request.caller);
  if (counter_.observe(key, row.subspan(1), now).near < options_.near) return;
  found_.fetch_add(1, std::memory_order_relaxed);
  if (suspect(key, options_.clock->now()) && options_.audit) {
    options_.audit->write({.action = "score-probing",
                           .category = identity::AuditEvent::Category::kIam,
                           .success = false,
                           .reason = options_.holds_back ? "held back" : "counted",
                           .request = &request});
  }
}

// Whether it was none before.
bool ProbingWatch::suspect(std::uint64_t key, WallTime now) {
  const std::scoped_lock lock(mutex_);
  if (suspects_.size() >= kMostSuspects) std::erase_if(suspects_, [&](const auto& one) { return one.second <= now; });
  if (suspects_.size() >= kMostSuspects) return false;  // counted all the same
  WallTime& until = suspects_[key];
  const bool fresh = until <= now;
  if (fresh) until = now + options_.hold;
  suspects_known_.store(suspects_.size(), std::memory_order_relaxed);
  return fresh;
}

}  // namespace vigie::api
