// An event of a client as benches make them up, the same for every place that a history may be in.
#pragma once

#include <cstdint>

#include "base/random.h"
#include "domain/event.h"

namespace vigie::history {

inline domain::Event random_event(Random& random, std::uint64_t client, std::int64_t time) {
  return {.id = random.next(),
          .client = client,
          .terminal = 1 + random.below(20'000),
          .cents = 100 + random.below(20'000),
          .time = time,
          .country = 1,
          .type = static_cast<std::uint8_t>(random.below(5))};
}

}  // namespace vigie::history
