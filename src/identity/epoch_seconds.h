// Times as tokens and the files of the local issuer have them: whole seconds since 1970 (NumericDate, RFC 7519, section
// 2).
#pragma once

#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace vigie::identity {

inline std::int64_t seconds_of(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

inline WallTime time_of(std::int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); }

}  // namespace vigie::identity
