// UUID version 7 (RFC 9562): 48 bits of milliseconds, then random bits; sorts by time.
#pragma once

#include <array>
#include <cstdint>

#include "base/clock.h"
#include "base/random.h"

namespace vigie {

using UuidText = std::array<char, 36>;  // "0192f0c1-7d2a-7c3e-9a51-3f0b6c2d4e5f", no terminator

UuidText make_uuid_v7(WallTime time, Random& random);

}  // namespace vigie
