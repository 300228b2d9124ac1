#include "identity/throttle.h"

#include "identity/folder_lock.h"

namespace vigie::identity {
namespace {

std::filesystem::path file_in(const std::filesystem::path& state) { return state / "identity" / "lockouts"; }

}  // namespace

Result<std::shared_ptr<Throttle>> Throttle::open(ThrottleOptions options) {
  const KeyedHash hash = VIGIE_TRY(KeyedHash::draw());
  Lockout lockout = VIGIE_TRY(Lockout::make(options.lockout, hash));
  const auto restored = lockout.restore(file_in(options.state), options.clock->now());
  if (!restored && restored.error().code != Code::kNotFound) return std::unexpected(restored.error());
  std::shared_ptr<Throttle> throttle(new Throttle(std::move(options), hash, std::move(lockout)));
  if (throttle->options_.subject) {
    throttle->limiter_ = VIGIE_TRY(RateLimiter::make(*throttle->options_.subject, throttle->options_.subjects));
  }
  return throttle;
}

Throttle::~Throttle() {
  if (options_.locks_out) save();
}

void Throttle::save() {
  const std::scoped_lock lock(saving_);
  const auto write = [&]() -> Status {
    const auto folder = VIGIE_TRY(FolderLock::take(options_.state / "identity"));
    return lockout_.save(file_in(options_.state), options_.clock->now());
  };
  if (const Status saved = write(); !saved) options_.on_failure(saved.error());
}

std::uint64_t Throttle::locked_for(std::string_view address) {
  const auto ip = options_.locks_out ? http::parse_ip(address) : std::nullopt;
  return ip ? lockout_.locked_for(*ip, options_.clock->now()) : 0;
}

void Throttle::failed(std::string_view address) {
  const auto ip = options_.locks_out ? http::parse_ip(address) : std::nullopt;
  if (ip && lockout_.fail(*ip, options_.clock->now()).began) save();
}

void Throttle::succeeded(std::string_view address) {
  const auto ip = options_.locks_out ? http::parse_ip(address) : std::nullopt;
  if (ip) lockout_.succeed(*ip, options_.clock->now());
}

std::optional<RateAnswer> Throttle::take(std::string_view subject) {
  if (!limiter_) return std::nullopt;
  const RateAnswer answer = limiter_->take(hash_(subject), std::chrono::steady_clock::now());
  if (!answer.allowed) limited_.fetch_add(1, std::memory_order_relaxed);
  return answer;
}

LockoutCounts Throttle::lockouts() const { return lockout_.counts(options_.clock->now()); }

}  // namespace vigie::identity
