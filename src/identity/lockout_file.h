// Lockouts on disk (format 1), so that a restart does not forgive them: a line of text each.
//
//   vigie.lockouts 1
//   192.0.2.7 1795298523000000 3 -
//   2001:db8:1:2:: 0 0 1795298401000000,1795298402500000
//   sha256 4b6f...
//
// A line has the network (client_network.h), the end of its last lockout, how many it had in a row, and when it failed
// since, times in microseconds since 1970-01-01 UTC; 0 and 0 where it was never locked out, "-" for no failures. Lines
// are in the order of the networks' 16 bytes (IPv4 mapped into IPv6), each network once. The last line has the SHA-256
// of all lines before it. Newer formats keep the first line's form.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "http/client_address.h"

namespace vigie::identity {

inline constexpr std::size_t kMostLockoutFailures = 50;        // of one network
inline constexpr std::uint32_t kMostLockoutsInARow = 1'000;    // where counting stops
inline constexpr std::uint64_t kLargestLockoutFile = 1 << 29;  // bytes

struct LockoutRecord {
  http::IpAddress network{};
  WallTime until{};                  // the end of its last lockout
  std::uint32_t lockouts = 0;        // in a row
  std::vector<WallTime> failures{};  // since then, ascending
};

// The same records give the same bytes, in whatever order they come.
std::string write_lockouts(std::span<const LockoutRecord> records);

// All of it or nothing. kUnsupported for a newer format; kInvalidData with the line for anything that write_lockouts
// does not write. `file` is for errors.
Result<std::vector<LockoutRecord>> parse_lockouts(std::string_view text, const std::string& file);

}  // namespace vigie::identity
