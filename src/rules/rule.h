// A rule as its author wrote it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"

namespace vigie::rules {

// By severity: the larger wins.
enum class Outcome : std::uint8_t { kAccept, kReview, kRefuse };

enum class State : std::uint8_t {
  kOn,
  kOff,     // checked at load, never evaluated
  kShadow,  // evaluated and recorded, without effect
};

enum class OnError : std::uint8_t {
  kFailOpen,    // a rule that cannot be evaluated does not fire
  kFailClosed,  // it fires
};

struct Texts {
  std::string french;
  std::string english;
};

struct Rule {
  std::string name;  // 1 to 64 of a-z, 0-9, _ and -; unique in its set
  Texts text;        // what it looks for
  std::string when;
  // One of both. A weight is how likely a fraud is where the rule fires, in [0, 1].
  std::optional<double> weight;
  std::optional<Outcome> outcome;
  std::int32_t priority = 0;  // the larger comes first, and decides between equal outcomes
  Texts reason;               // what a client may be told; the text where none is given
  State state = State::kOn;
  std::optional<WallTime> from;  // the first moment
  std::optional<WallTime> to;    // the first moment after
  OnError on_error = OnError::kFailOpen;

  bool valid_at(WallTime now) const { return !(from && now < *from) && !(to && now >= *to); }
};

std::string_view to_string(Outcome outcome);   // "accepter", "verifier", "refuser"
std::string_view to_string(State state);       // "on", "off", "shadow"
std::string_view to_string(OnError on_error);  // "fail_open", "fail_closed"

}  // namespace vigie::rules
