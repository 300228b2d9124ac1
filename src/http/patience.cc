#include "http/patience.h"

#include <algorithm>
#include <ctime>
#include <limits>

namespace vigie::http {
namespace {

constexpr std::int64_t kLinger = 3'000;
constexpr std::size_t kSlowest = 64 * 1024;  // bytes a second that earn a client more time
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

}  // namespace

std::int64_t coarse_now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
  return std::int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
}

void Patience::enter(Phase phase) {
  phase_ = phase;
  start_ = coarse_now();
  switch (phase) {
    case Phase::kIdle: deadline_ = start_ + limits_.idle.count(); break;
    case Phase::kHead: deadline_ = start_ + limits_.header.count(); break;
    case Phase::kBody: deadline_ = start_ + limits_.body.count(); break;
    case Phase::kWorking:
    case Phase::kStreaming: deadline_ = kNever; break;
    case Phase::kWriting: deadline_ = start_ + limits_.write.count(); break;
    case Phase::kLingering: deadline_ = start_ + kLinger; break;
  }
}

void Patience::enter_first() {
  enter(Phase::kIdle);
  deadline_ = start_ + limits_.header.count();
}

void Patience::moved(std::size_t bytes) {
  const auto base = phase_ == Phase::kBody ? limits_.body : limits_.write;
  deadline_ = start_ + base.count() + static_cast<std::int64_t>(bytes * 1000 / kSlowest);
}

void Patience::hurry(std::int64_t milliseconds) { deadline_ = std::min(deadline_, coarse_now() + milliseconds); }

Stall Patience::stall() const {
  switch (phase_) {
    case Phase::kHead: return Stall::kHeader;
    case Phase::kBody: return Stall::kBody;
    case Phase::kWriting: return Stall::kWrite;
    default: return Stall::kIdle;
  }
}

void Pace::spend() {
  const std::int64_t now = coarse_now();
  if (waiting_) credit_ -= (now - since_) * kSlowest;
  since_ = now;
}

void Pace::wait_for_client(bool waiting) {
  spend();
  waiting_ = waiting;
}

void Pace::moved(std::size_t bytes) {
  spend();
  credit_ = std::min(most_, credit_ + static_cast<std::int64_t>(bytes) * 1000);
}

}  // namespace vigie::http
