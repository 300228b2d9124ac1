#include "api/openapi.h"

#include <algorithm>
#include <cctype>
#include <limits>
#include <memory>

#include "api/access.h"
#include "api/api.h"
#include "api/document.h"
#include "api/errors.h"
#include "base/version.h"

namespace vigie::api {
namespace {

void write_reference(JsonWriter& json, std::string_view kind, std::string_view name) {
  json.begin_object().member("$ref", std::string("#/components/").append(kind).append("/").append(name)).end_object();
}

void write_info(JsonWriter& json) {
  json.key("info").begin_object().member("title", "Vigie").member("version", kVersion);
  json.member("summary", "Decisions on card transactions, payments and credit applications, with their reasons");
  json.member("description",
              "Every refusal has the shape of `Error`. What is not listed here is answered with 404, another method of "
              "a listed path with 405 and `Allow`; `HEAD` works where `GET` does, and `OPTIONS` names the methods. "
              "Long answers are compressed (`gzip`, `br`, `zstd`) where `Accept-Encoding` takes that. "
              "Operations with a lock want a bearer token, unless the server was told to ask for none.");
  json.key("license").begin_object().member("name", "Apache License 2.0").member("identifier", "Apache-2.0");
  json.end_object().end_object();
}

void write_content(JsonWriter& json, const Content& content) {
  json.key(content.media_type).begin_object().key("schema");
  write_reference(json, "schemas", content.schema);
  if (!content.examples.empty()) {
    json.key("examples").begin_object();
    for (const Example& example : content.examples) {
      json.key(example.name).begin_object().member("summary", example.summary).key("value").raw(example.value);
      json.end_object();
    }
    json.end_object();
  }
  json.end_object();
}

void write_answer(JsonWriter& json, const Answer& answer) {
  json.begin_object().member("description", answer.description).key("headers").begin_object();
  json.key("X-Request-Id");
  write_reference(json, "headers", "X-Request-Id");
  for (const std::string_view header : answer.headers) {
    json.key(header);
    write_reference(json, "headers", header);
  }
  json.end_object();
  if (!answer.contents.empty()) {
    json.key("content").begin_object();
    for (const Content& content : answer.contents) write_content(json, content);
    json.end_object();
  }
  json.end_object();
}

// "ContentTooLarge": a refusal's name in components/responses.
std::string name_of(const Refusal& refusal) {
  std::string name(http::reason_phrase(refusal.status));
  std::erase(name, ' ');
  return name;
}

// An unknown path and a wrong method are refused where there is no route to document, and 406 is a handler's own.
bool belongs_to_routes(const Refusal& refusal) {
  return refusal.status != 404 && refusal.status != 405 && refusal.status != 406;
}

bool may_answer(const http::Route& route, const Refusal& refusal) {
  if (refusal.status == 401 || refusal.status == 403) return !is_open(access_of(route.name));
  return belongs_to_routes(refusal) && (refusal.status != 415 || !route.consumes.empty());
}

void write_request_body(JsonWriter& json, const http::Route& route, const Operation& operation) {
  json.key("requestBody").begin_object().member("required", true);
  std::string description = "In UTF-8, not compressed, of up to " + std::to_string(route.body_limit) + " bytes.";
  if (!route.streamed.empty())
    description += " Lines (CSV, NDJSON) may be of any length: they are answered as they come.";
  json.member("description", description);
  json.key("content").begin_object();
  for (const Content& content : operation.request) write_content(json, content);
  json.end_object().end_object();
}

// By status: the handler's own among those of the edge.
void write_answers(JsonWriter& json, const http::Route& route, const Operation& operation) {
  auto refusal = refusals().begin();
  const auto write_refusals_below = [&](int status) {
    for (; refusal != refusals().end() && refusal->status < status; ++refusal) {
      if (!may_answer(route, *refusal)) continue;
      json.key(std::to_string(refusal->status));
      write_reference(json, "responses", name_of(*refusal));
    }
  };
  for (const Answer& answer : operation.answers) {
    write_refusals_below(answer.status);
    json.key(std::to_string(answer.status));
    write_answer(json, answer);
    // A name that stands twice is no JSON to those who read it as YAML, and Swagger UI is one of them.
    while (refusal != refusals().end() && refusal->status == answer.status) ++refusal;
  }
  write_refusals_below(std::numeric_limits<int>::max());
}

constexpr std::string_view kLocked = R"([{"bearer": []}, {"session": []}])";

// What nobody needs a token for says so; where the server asks none of anybody, a token does no harm.
void write_security(JsonWriter& json, const http::Route& route, bool wants_tokens) {
  const Access access = access_of(route.name);
  if (is_open(access)) {
    json.key("security").begin_array().end_array();
  } else {
    json.key("security").raw(wants_tokens ? kLocked : R"([{}, {"bearer": []}])");
  }
}

void write_operation(JsonWriter& json, const http::Route& route, const Operation& operation, bool wants_tokens) {
  std::string method(http::to_string(route.method));
  std::ranges::transform(method, method.begin(), [](unsigned char letter) { return std::tolower(letter); });
  json.key(method).begin_object().member("operationId", route.name).member("summary", route.summary);
  json.member("description", operation.description).key("tags").begin_array().value(operation.tag).end_array();
  json.key("parameters").begin_array();
  for (const std::string_view name : operation.parameters) write_reference(json, "parameters", name);
  for (const std::string_view name : {"Accept-Language", "X-Request-Id", "X-Server-Timing"})
    write_reference(json, "parameters", name);
  json.end_array();
  if (!route.consumes.empty()) write_request_body(json, route, operation);
  write_security(json, route, wants_tokens);
  json.key("responses").begin_object();
  write_answers(json, route, operation);
  json.end_object().end_object();
}

void write_paths(JsonWriter& json, std::span<const http::Route* const> routes, bool wants_tokens) {
  json.key("paths").begin_object();
  std::vector<std::string_view> written;
  for (const http::Route* first : routes) {
    if (is_part_of_docs(*first) || std::ranges::find(written, first->path) != written.end()) continue;
    written.push_back(first->path);
    json.key(first->path).begin_object();
    for (const http::Route* route : routes) {
      if (route->path != first->path) continue;
      const auto operation = std::ranges::find(operations(), route->name, &Operation::route);
      if (operation != operations().end()) write_operation(json, *route, *operation, wants_tokens);
    }
    json.end_object();
  }
  json.end_object();
}

void write_refusals(JsonWriter& json) {
  json.key("responses").begin_object();
  for (const Refusal& refusal : refusals()) {
    if (!belongs_to_routes(refusal)) continue;
    Answer answer{.status = refusal.status,
                  .description = http::reason_phrase(refusal.status),
                  .contents = {{.media_type = "application/json", .schema = "Error"}}};
    if (refusal.status == 415) answer.headers = {"Accept"};
    if (refusal.status == 429 || refusal.status == 503) answer.headers = {"Retry-After"};
    json.key(name_of(refusal));
    write_answer(json, answer);
  }
  json.end_object();
}

// What only the routes of sessions and administration refer to.
constexpr std::string_view kSessionParameters = R"(
  "overlap_seconds": {"name": "overlap_seconds", "in": "query", "description": "how long the key before goes on to count",
    "schema": {"type": "integer", "minimum": 0, "maximum": 2592000, "default": 86400}},)";

constexpr std::string_view kSessionHeaders = R"(
  "Location": {"description": "where to go", "schema": {"type": "string"}},
  "Set-Cookie": {"description": "begins or ends a session", "schema": {"type": "string"}},)";

constexpr std::string_view kParameters = R"(
  "explain": {"name": "explain", "in": "query", "description": "also say what moved the score", "allowEmptyValue": true,
    "schema": {"type": "boolean", "default": false}},
  "on_error": {"name": "on_error", "in": "query", "description": "report: bad rows in their place; fail: one 422",
    "allowEmptyValue": true, "schema": {"type": "string", "enum": ["report", "fail"], "default": "report"}},
  "If-None-Match": {"name": "If-None-Match", "in": "header", "description": "the ETag of the document that you have",
    "schema": {"type": "string"}},
  "Accept-Language": {"name": "Accept-Language", "in": "header", "description": "`fr` for French, English by default",
    "schema": {"type": "string"}},
  "X-Request-Id": {"name": "X-Request-Id", "in": "header",
    "description": "repeated in the answer where it is 1 to 128 letters, digits, `.`, `_` and `-`, and replaced otherwise",
    "schema": {"type": "string"}},
  "X-Server-Timing": {"name": "X-Server-Timing", "in": "header", "description": "`1` asks for the answer's `Server-Timing`",
    "schema": {"type": "string"}}})";

constexpr std::string_view kBearerScheme = R"({"type": "http", "scheme": "bearer", "bearerFormat": "JWT",
  "description": "from your identity provider, or from `vigie token --role analyst`"})";
constexpr std::string_view kSessionScheme = R"({"type": "apiKey", "in": "cookie", "name": "vigie_session",
  "description": "of browsers, from GET /login; over TLS its name begins with __Host-"})";

constexpr std::string_view kHeaders = R"(
  "X-Request-Id": {"description": "the request's own, or a UUIDv7", "schema": {"type": "string"}},
  "ETag": {"description": "changes with the document", "schema": {"type": "string"}},
  "Cache-Control": {"description": "how long to keep it, or `no-cache`: ask whether it is still so", "schema": {"type": "string"}},
  "Vary": {"description": "the answer depends on these fields of the request", "schema": {"type": "string"}},
  "Content-Language": {"description": "the page's", "schema": {"enum": ["en", "fr"]}},
  "Content-Security-Policy": {"description": "what the page may load: from this server alone", "schema": {"type": "string"}},
  "Accept": {"description": "the media types that this route takes", "schema": {"type": "string"}},
  "Retry-After": {"description": "seconds to wait", "schema": {"type": "integer"}}})";

}  // namespace

std::string openapi_document(std::span<const http::Route* const> routes, bool wants_tokens) {
  JsonWriter json;
  json.begin_object().member("openapi", "3.1.0");
  write_info(json);
  json.key("servers").raw(R"([{"url": "/", "description": "the server that answers this"}])");
  json.key("security").begin_array().end_array();
  json.key("tags").raw(R"([{"name": "card fraud", "description": "Decisions on card transactions"},
    {"name": "transaction fraud", "description": "Decisions on transactions of clients, and what became known of them"},
    {"name": "credit", "description": "Decisions on applicants for credit"},
    {"name": "operation", "description": "The server itself"},
    {"name": "identity", "description": "Who may ask"},
    {"name": "administration", "description": "What administrators ask and change"}])");
  write_paths(json, routes, wants_tokens);
  json.key("components").begin_object().key("schemas").begin_object();
  write_schemas(json);
  const auto served = [&](std::string_view name) {
    return std::ranges::any_of(routes, [&](const http::Route* route) { return route->name == name; });
  };
  if (served("predict")) write_card_schemas(json);
  if (served("fraude")) write_fraud_schemas(json);
  if (served("score")) write_credit_schemas(json);
  write_identity_schemas(json, routes);
  json.end_object();
  write_refusals(json);
  json.key("securitySchemes").begin_object().key("bearer").raw(kBearerScheme);
  if (wants_tokens) json.key("session").raw(kSessionScheme);
  json.end_object();
  const bool sessions = std::ranges::any_of(routes, [](const http::Route* route) { return route->name == "session"; });
  const auto components = [&](std::string_view own, std::string_view others) {
    return std::string("{").append(sessions ? own : std::string_view()).append(others);
  };
  json.key("parameters").raw(components(kSessionParameters, kParameters));
  json.key("headers").raw(components(kSessionHeaders, kHeaders));
  json.end_object().end_object();
  return std::move(json).text();
}

void add_openapi_route(http::Router& router, bool wants_tokens) {
  // The document names its own route too, so it is made once the route is there.
  const auto document = std::make_shared<std::unique_ptr<const Document>>();
  router.add({.path = "/openapi.json",
              .name = "openapi",
              .summary = "this interface as an OpenAPI 3.1 document",
              .handler = [document](const http::Request& request, http::Response& response) {
                response.add_header("Vary", "Accept-Encoding");
                (*document)->answer(request, response);
              }});
  *document = std::make_unique<const Document>("application/json", openapi_document(router.routes(), wants_tokens));
}

}  // namespace vigie::api
