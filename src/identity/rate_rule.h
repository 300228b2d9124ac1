// How often a subject may ask for a route, as people write it in the settings.
//
//   "predict analyst 600/1m"              analysts, of /predict: 600 a minute
//   "predict_batch * 10/1s burst 20"      everybody, of /predict-batch: 10 a second, 20 at once after a while without
//   "* viewer 60/1m"                      viewers, of all routes together
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "identity/rate_limit.h"
#include "identity/role.h"

namespace vigie::identity {

struct RateRule {
  std::string route;         // http::Route::name; empty: all
  std::optional<Role> role;  // none: all
  RateLimit limit;

  bool fits(std::string_view name, std::optional<Role> who) const {
    return (route.empty() || route == name) && (!role || role == who);
  }
};

// "600/1m", "10/1s burst 20": requests in a time of s, m, h or d; the bucket holds `burst` of them, or all. Errors:
// kInvalidArgument with the text, and those of RateLimiter::make().
Result<RateLimit> parse_rate_limit(std::string_view text);
// "ROUTE ROLE LIMIT", with * for all. Whether there is such a route is not known here.
Result<RateRule> parse_rate_rule(std::string_view text);

}  // namespace vigie::identity
