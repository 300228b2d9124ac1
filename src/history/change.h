// What changes a history, in the order in which it does: what a journal keeps and a restart applies again.
#pragma once

#include <cstdint>

#include "domain/event.h"

namespace vigie::history {

struct Change {
  enum class Kind : std::uint8_t { kEvent = 1, kLabel = 2, kForget = 3 };
  Kind kind = Kind::kEvent;
  bool fraud = false;      // of a label
  domain::Event event{};   // a label has its id, terminal and time; a client that is forgotten its client
  std::int64_t clock = 0;  // the history's clock
  bool operator==(const Change&) const = default;
};

// Called while what the change touches is locked: changes of one client, and of one terminal, come in their order.
class ChangeLog {
 public:
  virtual ~ChangeLog() = default;
  // The change's number: 1 above the last one's. Must not wait for a disk.
  virtual std::uint64_t append(const Change& change) = 0;
};

}  // namespace vigie::history
