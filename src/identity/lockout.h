// Networks that fail to authenticate again and again have to wait: `failures` of them within `window` lock the network
// (an IPv4 address, an IPv6 /64) out for `first`, and each further lockout takes twice as long, up to `longest`, until
// `memory` has passed since the last one's end.
//
//   Lockout lockout = VIGIE_TRY(Lockout::make({}, hash));
//   if (const auto seconds = lockout.locked_for(address, now); seconds > 0) refuse(429, seconds);   // Retry-After
//   ...
//   const LockoutAnswer answer = lockout.fail(address, now);
//   if (answer.began) { audit(address, answer.locked_for); save_soon(); }
//
// A success forgives the failures, but no lockout and not the doubling. Failures while locked out do not count: those
// who share the address with a stranger get in again when it ends. So whoever holds a good token of his own can have
// `failures` - 1 tries between its uses; those tries are for the rate limits.
//
// At most `entries` networks are known (about 150 bytes each, and 8 for each failure). Who comes when all are taken
// takes the place of the one that would be forgotten first. That is one without a lockout as long as there is one in
// its part of the table; so a flood from `entries` networks and more wipes out others' failures, and only one from as
// many that are locked out themselves lifts a lockout. Either costs the attacker more tries than he gains.
//
// `now` is wall time, so that a restart changes nothing. Where the clock is set back, nobody is locked out for longer
// than his lockout takes. Any number of threads.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/keyed_hash.h"
#include "base/result.h"
#include "http/client_address.h"

namespace vigie::identity {

// Times in [1 s, 366 days].
struct LockoutOptions {
  std::uint32_t failures = 10;  // in [1, 50]
  std::chrono::microseconds window = std::chrono::minutes(10);
  std::chrono::microseconds first = std::chrono::minutes(1);
  std::chrono::microseconds longest = std::chrono::hours(24);  // at least `first`
  std::chrono::microseconds memory = std::chrono::hours(24);   // counts as `window` where it is shorter
  std::size_t entries = 65'536;                                // in [1, 262,144]
};

struct LockoutAnswer {
  bool began = false;            // this failure was the one too many
  std::uint64_t locked_for = 0;  // whole seconds, rounded up; 0: not locked out
  std::uint32_t failures = 0;    // within the window, this one included; 0 when locked out
};

struct LockoutCounts {
  std::size_t networks = 0;     // known, those with nothing left to remember included
  std::size_t locked = 0;       // locked out now
  std::uint64_t forgotten = 0;  // lost their place while there was something to remember
};

class Lockout {
 public:
  // kInvalidArgument, with the field, where an option is out of range.
  static Result<Lockout> make(const LockoutOptions& options, const KeyedHash& hash);
  Lockout(Lockout&&) noexcept;
  Lockout& operator=(Lockout&&) noexcept;
  ~Lockout();

  // For how long the address may not try: whole seconds, rounded up; 0 where it may.
  std::uint64_t locked_for(const http::IpAddress& address, WallTime now);
  LockoutAnswer fail(const http::IpAddress& address, WallTime now);
  void succeed(const http::IpAddress& address, WallTime now);
  LockoutCounts counts(WallTime now);

  // Writes all that is not out of date, whole or not at all (lockout_file.h). One at a time.
  Status save(const std::filesystem::path& path, WallTime now) const;
  // What was saved, where it is not out of date, in place of what is known of those networks; how many they are.
  // Whole or not at all: kNotFound without the file, kInvalidData and kUnsupported as parse_lockouts.
  Result<std::size_t> restore(const std::filesystem::path& path, WallTime now);

 private:
  struct Part;
  struct Entry;
  Lockout(const LockoutOptions& options, const KeyedHash& hash);
  std::uint64_t key_of(const http::IpAddress& network) const;
  Part& part_with(std::uint64_t key);
  std::chrono::microseconds length_of(std::uint32_t lockouts) const;
  void settle(Entry& entry, WallTime now) const;

  LockoutOptions options_;
  KeyedHash hash_;
  std::vector<std::unique_ptr<Part>> parts_;  // a power of two
};

}  // namespace vigie::identity
