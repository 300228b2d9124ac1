// A transaction as it came in: checked, and not yet put into anybody's history. Texts are seen, not owned.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace vigie::domain {

struct Transaction {
  std::string_view id;
  std::string_view client;
  double amount = 0;      // above 0
  std::uint8_t type = 0;  // place in the choices of schema's "type"
  WallTime time{};        // when it was made
  // Empty where not given.
  std::string_view currency{};
  std::string_view country{};
  std::string_view terminal{};
  std::string_view channel{};
  std::optional<double> unpaid{};  // unpaid debts of the client
};

}  // namespace vigie::domain
