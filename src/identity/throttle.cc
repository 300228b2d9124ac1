#include "identity/throttle.h"

#include <algorithm>

#include "identity/client_network.h"
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
  const ThrottleOptions& given = throttle->options_;
  if (given.address) throttle->addresses_ = VIGIE_TRY(RateLimiter::make(*given.address, given.buckets));
  for (const RateRule& rule : given.rules) {
    throttle->subjects_.push_back(VIGIE_TRY(RateLimiter::make(rule.limit, given.buckets)));
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

bool Throttle::failed(std::string_view address) {
  const auto ip = options_.locks_out ? http::parse_ip(address) : std::nullopt;
  const bool began = ip && lockout_.fail(*ip, options_.clock->now()).began;
  if (began) save();
  return began;
}

void Throttle::succeeded(std::string_view address) {
  const auto ip = options_.locks_out ? http::parse_ip(address) : std::nullopt;
  if (ip) lockout_.succeed(*ip, options_.clock->now());
}

RateAnswer Throttle::counted(const RateAnswer& answer) {
  if (!answer.allowed) limited_.fetch_add(1, std::memory_order_relaxed);
  return answer;
}

std::optional<RateAnswer> Throttle::take_address(std::string_view address) {
  const auto ip = addresses_ ? http::parse_ip(address) : std::nullopt;
  if (!ip) return std::nullopt;
  const http::IpAddress network = network_of(*ip);
  const std::string_view bytes(reinterpret_cast<const char*>(network.data()), network.size());
  return counted(addresses_->take(hash_(bytes), std::chrono::steady_clock::now()));
}

std::size_t Throttle::rule_for(std::string_view route, std::optional<Role> role) const {
  const auto rule = std::ranges::find_if(options_.rules, [&](const RateRule& r) { return r.fits(route, role); });
  return rule == options_.rules.end() ? kNoRule : static_cast<std::size_t>(rule - options_.rules.begin());
}

RateAnswer Throttle::take(std::size_t rule, std::string_view issuer, std::string_view subject) {
  return counted(subjects_[rule].take(hash_(issuer, subject), std::chrono::steady_clock::now()));
}

LockoutCounts Throttle::lockouts() const { return lockout_.counts(options_.clock->now()); }

}  // namespace vigie::identity
