// The OpenAPI 3.1 document (GET /openapi.json), made from the tables that the server works from: the router's routes,
// the fields of a transaction, the kinds of problems, the refusals of the edge. What a route takes and answers beyond
// those stands in openapi_operations.cc. A route without a row there is left out, and openapi_test.cc says so.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "http/router.h"
#include "schema/field.h"

namespace vigie::api {

struct Example {
  std::string_view name;
  std::string_view summary;
  std::string value;  // JSON text: a body in another form is a JSON string
};

// A body in one of its forms.
struct Content {
  std::string media_type;
  std::string_view schema;  // a name in components/schemas
  std::vector<Example> examples{};
};

struct Answer {
  int status;
  std::string_view description;
  std::vector<Content> contents{};
  std::vector<std::string_view> headers{};  // names in components/headers
};

struct Operation {
  std::string_view route;  // http::Route::name
  std::string_view tag;
  std::string_view description;
  std::vector<std::string_view> parameters{};  // names in components/parameters
  std::vector<Content> request{};              // one for each media type that the route consumes
  std::vector<Answer> answers;                 // the handler's own, by status; those of the edge are added
};

std::span<const Operation> operations();

// A file that the page GET /docs loads, served below it: it belongs to the page's operation and has none of its own.
// openapi_test.cc holds such a route to that: the page must name it.
bool is_part_of_docs(const http::Route& route);

// The members of components/schemas, into an open object.
void write_schemas(JsonWriter& json);
void write_card_schemas(JsonWriter& json);

// Who may ask: routes that are there where tokens are wanted, and of their schemas those that `routes` refer to.
std::vector<Operation> identity_operations();
void write_identity_schemas(JsonWriter& json, std::span<const http::Route* const> routes);

// POST /fraude and /labels, where /fraude is served.
std::vector<Operation> fraud_operations();
void write_fraud_schemas(JsonWriter& json);

// POST /score, where it is served.
std::vector<Operation> credit_operations();
void write_credit_schemas(JsonWriter& json);

// A request's object, from the table that reads it.
void write_record_schema(JsonWriter& json, std::string_view name, std::string_view description,
                         std::span<const schema::Field> fields);

std::string openapi_document(std::span<const http::Route* const> routes, bool wants_tokens = false);

}  // namespace vigie::api
