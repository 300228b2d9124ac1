// How long work tells how far it is. Library code reports; whoever started it decides what is shown.
#pragma once

#include <cstdint>
#include <string_view>

namespace vigie {

class Progress {
 public:
  virtual ~Progress() = default;

  // A new step begins; `total` units of `unit` ("rows", "trees", "bytes") to do, 0 where it is not known.
  virtual void begin(std::string_view step, std::uint64_t total, std::string_view unit) = 0;
  // A better estimate of how many units there are; 0 where it is not known.
  virtual void set_total(std::uint64_t /*total*/) {}
  // `done` units are done in all. Cheap enough for every block; safe from any thread.
  virtual void advance_to(std::uint64_t done) = 0;
  virtual void end() = 0;
};

// Where nobody watches.
Progress& no_progress();

}  // namespace vigie
