// What clients did until now, as features of what they do next. One code for the replay of a file and for serving: both
// call observe() for each event in the order in which the events came, and get the same bits.
//
//   EmbeddedHistory history({});
//   std::array<double, kFeatures> row;
//   const Outcome outcome = VIGIE_TRY(history.observe(event, now, row));   // scored first, observed second
//
// Definitions, bounds and what is kept for how long: docs/history.md. Any thread may call anything.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "domain/event.h"
#include "history/feature.h"
#include "history/terminal_past.h"

namespace vigie::history {

enum class Outcome : std::uint8_t {
  kCounted,
  kDuplicate,  // an event with its id is among the client's kept ones: counted once
  kLate,       // further behind the history's clock than it waits for: not counted
  kAhead,      // further ahead of `now` than clocks differ: not counted
};
std::string_view to_string(Outcome outcome);  // "counted", "duplicate", "late", "ahead"

// Implementations differ in where the past is: each gives the same bits for the same calls in the same order, as long
// as nothing is beyond its bounds.
class History {
 public:
  virtual ~History() = default;

  // The features of `event` by what was observed before it, and counts the event: one step that no other call on the
  // same client comes between. `now` is when the event came in, s since 1970-01-01 UTC; the latest is the history's
  // clock, until one that is far behind it shows that it was wrong. Whatever the outcome, `out` is filled.
  // kInvalidArgument for a value out of its range (domain/event.h).
  virtual Result<Outcome> observe(const domain::Event& event, std::int64_t now, FeatureRow out) = 0;

  // The same features, of an event that is not counted.
  virtual Status read(const domain::Event& event, FeatureRow out) const = 0;

  // What became known of an event that was observed. The same label again changes nothing.
  virtual Result<LabelOutcome> label(const domain::Label& label) = 0;

  // The error that it is left with for good, in this process.
  virtual Status status() const { return {}; }

  // Gives up all that is kept of a client; counts of terminals, which name nobody, stay. Whether there was anything.
  virtual Result<bool> forget(std::uint64_t client) = 0;
};

}  // namespace vigie::history
