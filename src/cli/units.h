// Numbers with a unit, as settings and flags have them: "10s", "64KiB".
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace vigie::cli {

struct Unit {
  std::string_view name;
  std::int64_t size;
};

// Each a multiple of the one before. In milliseconds, seconds and bytes.
inline constexpr std::array<Unit, 4> kDurations = {{{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}}};
inline constexpr std::array<Unit, 4> kLives = {{{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86'400}}};
inline constexpr std::array<Unit, 4> kSizes = {{{"B", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}}};

// Digits and one of the units; nothing for other texts, and for more than 64 bits hold.
std::optional<std::int64_t> parse_with_unit(std::string_view text, std::span<const Unit> units);
// In the largest unit that leaves no rest.
std::string print_with_unit(std::int64_t value, std::span<const Unit> units);

}  // namespace vigie::cli
