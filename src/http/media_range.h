// The headers Accept and Accept-Encoding: which of the forms that we can write a client likes best (RFC 9110, 12.5.1
// and 12.5.3).
#pragma once

#include <string_view>

namespace vigie::http {

// The weight, in [0, 1], that `accept` gives to `type` ("text/plain") in `version`: that of the most specific range
// that names it, `type/*` and `*/*` included. A range with another `version` parameter names something else; other
// parameters are not looked at. An empty `accept` takes anything.
double accept_quality(std::string_view accept, std::string_view type, std::string_view version = {});

// The weight, in [0, 1], that `accept_encoding` gives to `coding` ("gzip"): its own, that of `*` where it is not named,
// 0 where neither is. So `identity`, which needs no leave, has 0 too unless it is named; an empty header names nothing.
double coding_quality(std::string_view accept_encoding, std::string_view coding);

}  // namespace vigie::http
