// A moment that somebody wrote.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace vigie {

// ISO 8601 "YYYY-MM-DD", "YYYY-MM-DD[ T]HH:MM[:SS[.ffffff]][Z|±HH[:]MM]" as microseconds since 1970-01-01 UTC; a text
// without a zone is UTC. Digits after the sixth are cut off. Years 0001 to 9999; a leap second (":60") is refused.
std::optional<std::int64_t> parse_timestamp(std::string_view text);

}  // namespace vigie
