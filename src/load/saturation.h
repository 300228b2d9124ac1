// How much a server can do, and how it feels at half of that: what a machine is sized by.
//
// Closed loops with 1, 2, 4, ... connections, to 32 at least and then until two in a row bring less than 3 % more; the
// best is the saturation.
// Then an open loop at half of that rate, whose latencies are those that users would have with room to spare.
#pragma once

#include <atomic>
#include <span>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "load/load_client.h"
#include "load/report.h"

namespace vigie::load {

struct Saturation {
  struct Step {
    std::uint32_t connections;
    double per_second;  // good answers
    double p99;         // nanoseconds
    std::uint64_t failed;
  };
  std::vector<Step> steps;
  Step best{};
  Report half;
};

// `plan` gives the mix, the threads, the pipelining of the closed loops, and with its first stage's length how long the
// half is measured; each step takes `step` (and a warm-up of a fourth of it). kFailedPrecondition where no answer was
// a good one.
Result<Saturation> find_saturation(const LoadPlan& plan, Nanoseconds step, const Target& target,
                                   std::span<const Request> requests, const std::atomic<bool>& stop,
                                   Progress& progress = no_progress());

std::string saturation_text(const Saturation& saturation);
std::string saturation_json(const Saturation& saturation);

}  // namespace vigie::load
