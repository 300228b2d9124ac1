#include "api/reading.h"

#include <string>

#include "api/errors.h"

namespace vigie::api {

bool read_explain(const http::Request& request, http::Response& response, bool& explain) {
  explain = false;
  if (request.query.empty()) return true;
  const std::string given = request.query_value("explain");
  explain = given == "true";
  if (explain || given.empty() || given == "false") return true;
  const Problem problem{.kind = Problem::Kind::kLiteral, .expected = "'true', 'false'"};
  answer_invalid({problem}, R"("query", "explain")", in_french(request), response);
  return false;
}

bool read_body(const http::Request& request, std::span<const schema::Field> fields, http::Response& response,
               Record& record) {
  const RecordReading reading = read_record(request.body, fields, record);
  if (reading.fault) {
    answer_malformed(*reading.fault, in_french(request), response);
  } else if (!reading.problems.empty()) {
    answer_invalid(reading.problems, R"("body")", in_french(request), response);
  }
  return reading.ok();
}

}  // namespace vigie::api
