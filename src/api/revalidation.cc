#include "api/revalidation.h"

namespace vigie::api {

bool client_has(const http::Request& request, std::string_view etag, http::Response& response) {
  response.add_header("ETag", etag);
  response.add_header("Cache-Control", "no-cache");
  const std::string_view known = request.header("If-None-Match");
  // The quotes are part of the tag, so that no other tag contains it.
  if (known != "*" && !known.contains(etag)) return false;
  response.status = 304;
  return true;
}

}  // namespace vigie::api
