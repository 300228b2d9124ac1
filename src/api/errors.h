// Everything that goes wrong, as HTTP: the one place that knows which failure is which status. The shape is FastAPI's,
// {"detail": [{"type", "loc", "msg", ...}]}, so that clients which move over keep working.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "api/problem.h"
#include "base/json_cursor.h"
#include "base/result.h"
#include "http/message.h"

namespace vigie::api {

// What the edge refuses by itself, in its words.
struct Refusal {
  int status;
  std::string_view type;
  std::string_view place;  // JSON text: the parts of "loc"
  std::string_view french;
};
std::span<const Refusal> refusals();  // by status

// The types of problem of a body that cannot be read at all: JSON, CSV, NDJSON.
inline constexpr std::string_view kMalformedTypes[] = {"json_invalid", "csv_invalid", "ndjson_invalid"};

// 400: the body is no JSON.
void answer_malformed(const JsonFault& fault, bool french, http::Response& response);
// 400, or 413 where it is beyond a limit: the body is no `form`, "CSV" or "NDJSON". What is wrong in particular is told
// in the words of the error.
void answer_unreadable(const Error& error, std::string_view form, bool french, http::Response& response);
// 422: it is JSON, and not what is asked for. `place` as in write_problem().
void answer_invalid(const std::vector<Problem>& problems, std::string_view place, bool french,
                    http::Response& response);
// What the edge refuses by itself: 404, 405, 408, 413, 415, ...
void answer_rejection(const http::Rejection& rejection, std::string_view accept_language, http::Response& response);

// The request's language.
bool in_french(const http::Request& request);

}  // namespace vigie::api
