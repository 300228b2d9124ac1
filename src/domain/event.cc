#include "domain/event.h"

#include <cmath>

namespace vigie::domain {

std::optional<std::uint64_t> cents_of(double amount) {
  const double cents = std::round(amount * 100);
  if (!(cents >= 0 && cents <= static_cast<double>(kMostCents))) return std::nullopt;
  return static_cast<std::uint64_t>(cents);
}

std::uint16_t country_number(std::string_view alpha2) {
  if (alpha2.size() != 2) return 0;
  int number = 0;
  for (const char letter : alpha2) {
    if (letter < 'A' || letter > 'Z') return 0;
    number = number * 26 + (letter - 'A');
  }
  return static_cast<std::uint16_t>(number + 1);
}

}  // namespace vigie::domain
