// An answer that a client may keep but asks about each time (RFC 9111, 5.2.2.4; RFC 9110, 13.1.2).
#pragma once

#include <string_view>

#include "http/message.h"

namespace vigie::api {

// Adds ETag and Cache-Control: no-cache. true: the client has this very representation (If-None-Match names `etag`,
// weak or not, or is `*`), and the response has become 304; false: fill it. `etag` is with its quotes.
bool client_has(const http::Request& request, std::string_view etag, http::Response& response);

}  // namespace vigie::api
