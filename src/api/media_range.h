// The Accept header: which of the forms that we can write a client likes best (RFC 9110, 12.5.1).
#pragma once

#include <string_view>

namespace vigie::api {

// The weight, in [0, 1], that `accept` gives to `type` ("text/plain") in `version`: that of the most specific range
// that names it, `type/*` and `*/*` included. A range with another `version` parameter names something else; other
// parameters are not looked at. An empty `accept` takes anything.
double accept_quality(std::string_view accept, std::string_view type, std::string_view version = {});

}  // namespace vigie::api
