#include "cli/units.h"

#include <limits>

#include "base/number.h"

namespace vigie::cli {

std::optional<std::int64_t> parse_with_unit(std::string_view text, std::span<const Unit> units) {
  const auto digits = text.find_first_not_of("0123456789");
  if (digits == std::string_view::npos || digits == 0) return std::nullopt;
  const auto number = parse_int(text.substr(0, digits));
  for (const Unit& unit : units) {
    if (text.substr(digits) != unit.name) continue;
    if (!number || *number > std::numeric_limits<std::int64_t>::max() / unit.size) return std::nullopt;
    return *number * unit.size;
  }
  return std::nullopt;
}

std::string print_with_unit(std::int64_t value, std::span<const Unit> units) {
  std::size_t u = 0;
  while (value != 0 && u + 1 < units.size() && value % units[u + 1].size == 0) ++u;
  return std::to_string(value / units[u].size) + std::string(units[u].name);
}

}  // namespace vigie::cli
