#include "identity/refresh_schedule.h"

#include <algorithm>

namespace vigie::identity {

using std::chrono::milliseconds;

RefreshSchedule::RefreshSchedule(const RefreshOptions& options, Time now, std::uint64_t seed)
    : options_(options), random_(seed), due_(now), retry_(options.first_retry) {}

RefreshSchedule::Time RefreshSchedule::after(Time now, milliseconds wait) {
  const double share = 1.0 - random_.uniform(0.0, options_.jitter);
  return now + milliseconds{static_cast<milliseconds::rep>(static_cast<double>(wait.count()) * share)};
}

void RefreshSchedule::succeeded(Time now, std::optional<std::chrono::seconds> max_age) {
  const milliseconds age = max_age ? milliseconds{*max_age} : options_.unknown_age;
  due_ = after(now, std::max(options_.least, std::min(age, options_.most)));
  retry_ = options_.first_retry;
}

void RefreshSchedule::failed(Time now) {
  due_ = after(now, retry_);
  retry_ = std::min(retry_ * 2, options_.last_retry);
}

bool RefreshSchedule::ask(Time now) {
  if (last_ask_ && now - *last_ask_ < options_.between_asks) return false;
  last_ask_ = now;
  hurry(now);
  return true;
}

void RefreshSchedule::hurry(Time now) { due_ = std::min(due_, now); }

}  // namespace vigie::identity
