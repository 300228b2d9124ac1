// What Redis runs for a history, each as one step that nothing comes between: Lua, with the constants of the C++ code
// and the history's own bounds in front. docs/history.md has the records that they read and write.
//
// The first answer is below 0 where the history in Redis is none for this caller, and nothing was changed then.
#pragma once

#include <cstdint>
#include <string>

namespace vigie::history {

// Numbers in the first place of an answer, beside those of Outcome and LabelOutcome.
enum class Refusal : std::int8_t {
  kNoSetup = -1,      // the record of the secret is not there
  kOtherSetup = -2,   // it is another secret's
  kBadClock = -3,     // the clock is not one
  kBadClient = -4,    // the client's record is none
  kBadTerminal = -5,  // the terminal's
};

struct RedisScripts {
  // KEYS: setup, clock, client, and the terminal of an event that has one. ARGV: fingerprint (8 bytes), now (decimal),
  // event (24 bytes, KeptEvent), keys of the client and the terminal (8 bytes each).
  // Answer: an Outcome, the clock, the records of the client and the terminal before the event or nothing for none.
  std::string observe;
  // KEYS and answer as observe, with 0 for the outcome. ARGV: fingerprint.
  std::string read;
  // KEYS: setup, clock, terminal. ARGV: fingerprint, the terminal's key, fraud (16 bytes, Fraud), "1" for a fraud or
  // "0". Answer: a LabelOutcome.
  std::string label;
  // KEYS: setup, clock, client. ARGV: fingerprint. Answer: how many records were there, 0 or 1.
  std::string forget;
};
RedisScripts make_scripts(std::int64_t late, std::int64_t ahead);  // s, of Bounds

}  // namespace vigie::history
