// Runs a load plan: event loops over non-blocking connections, a thread each.
//
//   const Figures figures = VIGIE_TRY(run_load(plan, target, requests, stop, progress));
//
// A thread costs about 5 µs of processor time a request on loopback, nearly all of it the system's send and receive;
// pipelining 16 shares those calls, and costs 1 µs. Hostile answers, dead connections and silence are counted and
// survived. The run ends with the plan, at most one timeout later, and early once `stop` is true.
#pragma once

#include <atomic>
#include <span>

#include "base/progress.h"
#include "base/result.h"
#include "load/load_plan.h"
#include "load/measurements.h"
#include "load/request_list.h"
#include "load/target.h"

namespace vigie::load {

// `requests` is not empty; threads go round and round in it, each from its own place. kResourceExhausted where this
// process may not have that many connections.
Result<Figures> run_load(const LoadPlan& plan, const Target& target, std::span<const Request> requests,
                         const std::atomic<bool>& stop, Progress& progress = no_progress());

}  // namespace vigie::load
