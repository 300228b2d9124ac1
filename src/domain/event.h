// One thing that a client did, as the history of clients takes it: names are keys already, the amount is whole cents.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace vigie::domain {

inline constexpr std::uint64_t kMostCents = (std::uint64_t{1} << 48) - 1;  // 2.8 million million
inline constexpr std::int64_t kLatestTime = 4'294'967'295;                 // 2106-02-07, s since 1970-01-01 UTC
inline constexpr std::uint8_t kMostTypes = 16;

struct Event {
  std::uint64_t id = 0;        // key of the transaction's id: an id counts once for a client
  std::uint64_t client = 0;    // key of client_id
  std::uint64_t terminal = 0;  // key of terminal_id; 0 where none is given
  std::uint64_t cents = 0;     // montant in hundredths, 0..kMostCents
  std::int64_t time = 0;       // s since 1970-01-01 UTC, 0..kLatestTime, fractions cut off
  std::uint16_t country = 0;   // country_number(pays); 0 where none is given
  std::uint8_t type = 0;       // which type of transaction, 0..kMostTypes - 1
  bool operator==(const Event&) const = default;
};

// What became known of an event later on.
struct Label {
  std::uint64_t id = 0;        // the event's
  std::uint64_t terminal = 0;  // the event's; not 0
  std::int64_t time = 0;       // the event's, not the label's
  bool fraud = false;          // false takes an earlier true back
  bool operator==(const Label&) const = default;
};

// To the nearest cent, halves away from zero. Nothing below 0, above kMostCents, or where `amount` is not finite.
std::optional<std::uint64_t> cents_of(double amount);

// "FR" and the like to 1..676, anything else to 0.
std::uint16_t country_number(std::string_view alpha2);

}  // namespace vigie::domain
