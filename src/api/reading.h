// What several endpoints read of a request. false: it was wrong, and that is answered.
#pragma once

#include <span>

#include "api/record_body.h"
#include "http/message.h"
#include "schema/field.h"

namespace vigie::api {

// ?explain=true or false; false where it is not asked.
bool read_explain(const http::Request& request, http::Response& response, bool& explain);

// The body as one record of `fields`, which are in static storage.
bool read_body(const http::Request& request, std::span<const schema::Field> fields, http::Response& response,
               Record& record);

}  // namespace vigie::api
