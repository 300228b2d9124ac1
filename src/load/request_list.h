// Requests rendered before the run: sending one is copying its bytes. Read by all threads.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "load/load_plan.h"
#include "load/payloads.h"
#include "load/target.h"

namespace vigie::load {

struct Request {
  std::string bytes;
  Route route = Route::kPredict;
  std::size_t serial_at = 0;  // as Payload's, from the start of the bytes; 0: none
};

// A bearer token is a secret: nothing prints it.
struct RequestHeaders {
  std::string token{};
  std::vector<std::string> fields{};  // "Name: value"
};

// Refuses fields that the generator writes itself, Authorization (tokens do not belong into a command line), and what
// would end a header line.
Status check(const RequestHeaders& headers);

// Recorded bodies by route; a route without any gets made-up ones.
using Recorded = std::array<std::vector<Payload>, kRoutes>;
// "FILE" for the mix's only route that has a body, or "ROUTE=FILE".
Result<Recorded> read_recorded(const std::vector<std::string>& options, const std::vector<Share>& mix);

// The round that threads send again and again: routes are spread by their weights, in an order that the seed decides.
// Bodies of one route come in the order of their list.
std::vector<Request> make_requests(const Target& target, const LoadPlan& plan, const RequestHeaders& headers,
                                   const Recorded& recorded, std::uint64_t seed);

}  // namespace vigie::load
