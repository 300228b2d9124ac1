// What a request's header alone decides: which route it is for, and whether it is refused before its body comes.
#pragma once

#include <optional>
#include <string>

#include "http/request_parser.h"
#include "http/router.h"

namespace vigie::http {

struct Admission {
  Match match{};
  std::optional<Rejection> refused{};
  bool streams = false;          // the body goes to the route's stream handler
  std::uint64_t body_limit = 0;  // of the route, for such a body
};

// `request` has its method, bytes and fields; gets its path and query. `decoded` holds the path where it was
// percent-encoded, and must live as long as the request.
Admission admit(const Router& router, const RequestHead& head, Request& request, std::string& decoded);

}  // namespace vigie::http
