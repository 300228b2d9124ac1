#include "history/event_keys.h"

#include <chrono>

namespace vigie::history {

domain::Event EventKeys::event(const domain::Transaction& transaction) const {
  const EventKeys& key = *this;
  return {.id = key(transaction.id),
          .client = key(transaction.client),
          .terminal = transaction.terminal.empty() ? 0 : key(transaction.terminal),
          .cents = domain::cents_of(transaction.amount).value_or(domain::kMostCents),
          .time = std::chrono::floor<std::chrono::seconds>(transaction.time).time_since_epoch().count(),
          .country = domain::country_number(transaction.country),
          .type = transaction.type};
}

domain::Label EventKeys::label(std::string_view id, std::string_view terminal, WallTime time, bool fraud) const {
  const EventKeys& key = *this;
  return {.id = key(id),
          .terminal = key(terminal),
          .time = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count(),
          .fraud = fraud};
}

}  // namespace vigie::history
