#include "identity/lockout.h"

#include <algorithm>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "base/file.h"
#include "identity/bounded_table.h"
#include "identity/client_network.h"
#include "identity/lockout_file.h"

namespace vigie::identity {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

constexpr std::size_t kMostEntries = 262'144;  // so many lines, each with 50 failures, are not too much to read

std::uint64_t seconds_up(microseconds length) {
  return static_cast<std::uint64_t>(std::chrono::ceil<seconds>(length).count());
}

std::unexpected<Error> refuse(std::string field, std::string message, std::string remedy) {
  return vigie::fail(Code::kInvalidArgument, std::move(message), {.field = std::move(field)}, std::move(remedy));
}

bool sensible(microseconds length) { return length >= seconds(1) && length <= std::chrono::days(366); }

}  // namespace

struct Lockout::Entry {
  LockoutRecord record;
  WallTime forget_at{};
  std::int64_t expiry() const { return forget_at.time_since_epoch().count(); }
};

struct alignas(64) Lockout::Part {
  explicit Part(std::size_t entries) : networks(entries) {}

  std::mutex mutex;
  BoundedTable<Entry> networks;
  std::uint64_t forgotten = 0;

  // A place for a network that is not in the table, made where there is none.
  Entry& admit(std::uint64_t key, Entry entry, WallTime now) {
    if (networks.full() && networks.drop_soonest().forget_at > now) ++forgotten;
    return networks.insert(key, std::move(entry));
  }
};

Lockout::Lockout(const LockoutOptions& options, const KeyedHash& hash) : options_(options), hash_(hash) {
  options_.memory = std::max(options.memory, options.window);
  const std::size_t parts = parts_for(options.entries);
  for (std::size_t i = 0; i < parts; ++i) parts_.push_back(std::make_unique<Part>(options.entries / parts));
}

Lockout::Lockout(Lockout&&) noexcept = default;
Lockout& Lockout::operator=(Lockout&&) noexcept = default;
Lockout::~Lockout() = default;

Result<Lockout> Lockout::make(const LockoutOptions& options, const KeyedHash& hash) {
  if (options.failures == 0 || options.failures > kMostLockoutFailures) {
    return refuse("failures", std::to_string(options.failures) + " is not in 1..50", "give 10, or so");
  }
  const std::pair<const char*, microseconds> lengths[] = {
      {"window", options.window}, {"first", options.first}, {"longest", options.longest}, {"memory", options.memory}};
  for (const auto& [field, length] : lengths) {
    if (!sensible(length)) return refuse(field, "less than a second or more than 366 days", "give 10m, or so");
  }
  if (options.longest < options.first) {
    return refuse("longest", "the longest lockout is shorter than the first", "give at least the time of the first");
  }
  if (options.entries == 0 || options.entries > kMostEntries) {
    return refuse("entries", std::to_string(options.entries) + " is not in 1..262144", "give 65536, or so");
  }
  return Lockout(options, hash);
}

std::uint64_t Lockout::key_of(const http::IpAddress& network) const {
  return hash_({reinterpret_cast<const char*>(network.data()), network.size()});
}

Lockout::Part& Lockout::part_with(std::uint64_t key) { return *parts_[part_of(key, parts_.size())]; }

microseconds Lockout::length_of(std::uint32_t lockouts) const {
  microseconds length = options_.first;
  for (std::uint32_t i = 1; i < lockouts && length < options_.longest; ++i) length *= 2;
  return std::min(length, options_.longest);
}

// Leaves out what is over by `now`, and brings what lies later than it can be (the clock was set back) to where it can.
void Lockout::settle(Entry& entry, WallTime now) const {
  LockoutRecord& record = entry.record;
  if (record.lockouts > 0) record.until = std::min(record.until, now + length_of(record.lockouts));
  if (record.lockouts > 0 && record.until + options_.memory <= now) {
    record.lockouts = 0;
    record.until = {};
  }
  for (WallTime& time : record.failures) time = std::min(time, now);
  std::erase_if(record.failures, [&](WallTime time) { return time + options_.window <= now; });
  entry.forget_at = now;
  if (record.lockouts > 0) entry.forget_at = record.until + options_.memory;
  if (!record.failures.empty()) {
    entry.forget_at = std::max(entry.forget_at, record.failures.back() + options_.window);
  }
}

std::uint64_t Lockout::locked_for(const http::IpAddress& address, WallTime now) {
  const std::uint64_t key = key_of(network_of(address));
  Part& part = part_with(key);
  const std::scoped_lock lock(part.mutex);
  Entry* const entry = part.networks.find(key);
  if (entry == nullptr || entry->record.until <= now) return 0;
  settle(*entry, now);
  return seconds_up(entry->record.until - now);
}

LockoutAnswer Lockout::fail(const http::IpAddress& address, WallTime now) {
  const http::IpAddress network = network_of(address);
  const std::uint64_t key = key_of(network);
  Part& part = part_with(key);
  const std::scoped_lock lock(part.mutex);
  Entry* entry = part.networks.find(key);
  if (entry == nullptr) {
    Entry fresh{.record = {.network = network}, .forget_at = now + options_.window};
    entry = &part.admit(key, std::move(fresh), now);
  }
  settle(*entry, now);
  LockoutRecord& record = entry->record;
  if (record.until > now) return {.locked_for = seconds_up(record.until - now)};
  record.failures.push_back(now);
  LockoutAnswer answer;
  if (record.failures.size() >= options_.failures) {
    record.failures.clear();
    record.lockouts = std::min(record.lockouts + 1, kMostLockoutsInARow);
    record.until = now + length_of(record.lockouts);
    answer = {.began = true, .locked_for = seconds_up(record.until - now)};
  } else {
    answer.failures = static_cast<std::uint32_t>(record.failures.size());
  }
  settle(*entry, now);
  return answer;
}

void Lockout::succeed(const http::IpAddress& address, WallTime now) {
  const std::uint64_t key = key_of(network_of(address));
  Part& part = part_with(key);
  const std::scoped_lock lock(part.mutex);
  Entry* const entry = part.networks.find(key);
  if (entry == nullptr) return;
  entry->record.failures.clear();
  settle(*entry, now);
}

LockoutCounts Lockout::counts(WallTime now) {
  LockoutCounts counts;
  for (const auto& part : parts_) {
    const std::scoped_lock lock(part->mutex);
    counts.networks += part->networks.size();
    counts.forgotten += part->forgotten;
    part->networks.for_each([&](const Entry& entry) { counts.locked += entry.record.until > now ? 1 : 0; });
  }
  return counts;
}

Status Lockout::save(const std::filesystem::path& path, WallTime now) const {
  std::vector<LockoutRecord> records;
  for (const auto& part : parts_) {
    const std::scoped_lock lock(part->mutex);
    part->networks.for_each([&](const Entry& entry) {
      Entry settled = entry;
      settle(settled, now);
      if (settled.forget_at > now) records.push_back(std::move(settled.record));
    });
  }
  return write_file(path, write_lockouts(records), Readers::kOwner);
}

Result<std::size_t> Lockout::restore(const std::filesystem::path& path, WallTime now) {
  const std::string text = VIGIE_TRY(read_file(path, kLargestLockoutFile));
  auto records = VIGIE_TRY(parse_lockouts(text, path.native()));
  std::size_t restored = 0;
  for (LockoutRecord& record : records) {
    const std::uint64_t key = key_of(record.network);
    Entry entry{.record = std::move(record)};
    settle(entry, now);
    if (entry.forget_at <= now) continue;
    Part& part = part_with(key);
    const std::scoped_lock lock(part.mutex);
    if (Entry* const known = part.networks.find(key)) {
      *known = std::move(entry);
    } else if (part.networks.full() && part.networks.soonest() > entry.expiry()) {
      ++part.forgotten;
      continue;
    } else {
      part.admit(key, std::move(entry), now);
    }
    ++restored;
  }
  return restored;
}

}  // namespace vigie::identity
