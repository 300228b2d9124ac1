// JSON objects as tokens and key sets have them, read so that no two readers can see different things in one: a name
// that stands twice is refused, at every depth, where most parsers keep one of the two silently.
#pragma once

#include <boost/json/object.hpp>
#include <string_view>

#include "base/result.h"

namespace vigie::identity {

struct JsonLimits {
  std::size_t members = 1000;  // of all objects and arrays together
  int depth = 8;
};

// The whole text as one object. Errors: kInvalidData with the byte in Place::column, kResourceExhausted over a limit.
// They never hold what the text says, for it may be a token.
Result<boost::json::object> parse_object(std::string_view text, const JsonLimits& limits = {});

}  // namespace vigie::identity
