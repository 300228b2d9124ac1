// What the routes of identity and administration take and answer.
#include <algorithm>

#include "api/openapi.h"

namespace vigie::api {
namespace {

constexpr std::string_view kJson = "application/json";

std::vector<Content> json_of(std::string_view schema, std::vector<Example> examples = {}) {
  return {{.media_type = std::string(kJson), .schema = schema, .examples = std::move(examples)}};
}

struct Schema {
  std::string_view route;  // which refers to it
  std::string_view name;
  std::string_view text;
};

constexpr Schema kSchemas[] = {
    {"jwks", "KeySet",
     R"({"type": "object", "required": ["keys"], "properties": {"keys": {"type": "array",
    "items": {"type": "object", "required": ["kty", "crv", "x", "y", "kid", "use", "alg"], "properties": {
      "kty": {"const": "EC"}, "crv": {"const": "P-256"}, "x": {"type": "string"}, "y": {"type": "string"},
      "kid": {"type": "string"}, "use": {"const": "sig"}, "alg": {"const": "ES256"}}}}}})"},
    {"discovery", "Issuer",
     R"({"type": "object", "required": ["issuer", "jwks_uri"], "properties": {
    "issuer": {"type": "string"}, "jwks_uri": {"type": "string"},
    "id_token_signing_alg_values_supported": {"type": "array", "items": {"type": "string"}},
    "response_types_supported": {"type": "array", "items": {"type": "string"}},
    "grant_types_supported": {"type": "array", "items": {"type": "string"}},
    "subject_types_supported": {"type": "array", "items": {"type": "string"}}}})"},
    {"session_begin", "LoginCode",
     R"({"type": "object", "required": ["code"], "additionalProperties": false, "properties": {
    "code": {"type": "string", "description": "what stands behind the # of the address that vigie token link prints"}}})"},
    {"session", "Session",
     R"({"type": "object", "required": ["authenticated"], "properties": {
    "authenticated": {"type": "boolean", "description": "false: nobody, and no other member is there"},
    "subject": {"type": "string"}, "role": {"enum": ["", "viewer", "analyst", "admin"]},
    "expires": {"type": "string", "format": "date-time"}}})"},
    {"admin_status", "Status",
     R"({"type": "object", "additionalProperties": true,
    "required": ["version", "started", "uptime_seconds", "stopping", "models", "reloads", "requests", "logs", "identity"],
    "properties": {"version": {"type": "string"}, "started": {"type": "string", "format": "date-time"},
      "uptime_seconds": {"type": "number", "minimum": 0}, "stopping": {"type": "boolean"},
      "models": {"type": "object", "additionalProperties": true}, "reloads": {"type": "object",
        "properties": {"success": {"type": "integer"}, "failure": {"type": "integer"}}},
      "requests": {"type": "object", "properties": {"total": {"type": "integer"}, "errors": {"type": "integer"},
        "open_connections": {"type": "integer"}}},
      "logs": {"type": "object", "description": "lines written, dropped and failed", "additionalProperties": true},
      "identity": {"type": "object", "required": ["issuer", "providers", "refused", "forbidden"], "properties": {
        "issuer": {"type": "string", "description": "the local one"},
        "providers": {"type": "array", "items": {"type": "object", "additionalProperties": true}},
        "refused": {"type": "object", "description": "tokens, by reason", "additionalProperties": {"type": "integer"}},
        "forbidden": {"type": "integer"}, "locked_out_networks": {"type": "integer"},
        "rate_limited": {"type": "integer"}}}}})"},
    {"admin_config", "Config",
     R"({"type": "object", "description": "as config.yaml is nested", "additionalProperties": true})"},
    {"keys_rotate", "NewKey",
     R"({"type": "object", "required": ["key_id", "overlap_seconds"], "properties": {
    "key_id": {"type": "string"}, "overlap_seconds": {"type": "integer", "minimum": 0}}})"},
};

}  // namespace

std::vector<Operation> identity_operations() {
  return {
      {.route = "jwks",
       .tag = "identity",
       .description = "A JWK set. What no longer signs stays in it until the tokens that it signed have run out.",
       .answers = {{200, "The keys", json_of("KeySet"), {"Cache-Control"}}}},
      {.route = "discovery",
       .tag = "identity",
       .description = "The document by which OpenID Connect finds an issuer's keys. Tokens come from `vigie token`.",
       .answers = {{200, "The issuer", json_of("Issuer"), {"Cache-Control"}}}},
      {.route = "login",
       .tag = "identity",
       .description = "For people. With an identity provider it leads there, and back to /login/callback; with the "
                      "local issuer it is the page that `vigie token link` prints the address of.",
       .answers = {{200,
                    "The page",
                    {{.media_type = "text/html", .schema = "Page"}},
                    {"Content-Language", "Content-Security-Policy"}},
                   {303, "Go there", {}, {"Location", "Set-Cookie"}}}},
      {.route = "login_script",
       .tag = "identity",
       .description = "Part of GET /login.",
       .answers = {{200, "The script", {{.media_type = "text/javascript", .schema = "Page"}}}}},
      {.route = "login_callback",
       .tag = "identity",
       .description = "The identity provider's answer comes here, in the browser that began at /login and in no other.",
       .answers = {{200,
                    "The session has begun",
                    {{.media_type = "text/html", .schema = "Page"}},
                    {"Set-Cookie", "Content-Language", "Content-Security-Policy"}},
                   {400,
                    "This browser did not begin it, or too long ago",
                    {{.media_type = "text/html", .schema = "Page"}},
                    {"Content-Language", "Content-Security-Policy"}},
                   {403,
                    "The provider declined, or there is no role",
                    {{.media_type = "text/html", .schema = "Page"}},
                    {"Content-Language", "Content-Security-Policy"}}}},
      {.route = "session_begin",
       .tag = "identity",
       .description = "Trades a one-time code for a session: a cookie that scripts cannot read and that goes out for "
                      "pages of this server alone.",
       .request = json_of("LoginCode", {{"code", "of vigie token link",
                                         R"({"code": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})"}}),
       .answers = {{200, "Logged in", json_of("Session"), {"Set-Cookie"}},
                   {401, "The code is not known, was used or has run out", json_of("Error")},
                   {422, "It can be read, and is not what is asked for: all problems at once", json_of("Error")}}},
      {.route = "session",
       .tag = "identity",
       .description = "By the cookie of a session, or by a token.",
       .answers = {{200, "Who asks", json_of("Session")}}},
      {.route = "session_end",
       .tag = "identity",
       .description = "The session's token counts no more, and its cookie is taken back.",
       .answers = {{200, "Nobody is logged in", json_of("Session")}}},
      {.route = "admin_status",
       .tag = "administration",
       .description = "What the server is doing, and how it fares with those that it needs.",
       .answers = {{200, "The state", json_of("Status")}}},
      {.route = "admin_config",
       .tag = "administration",
       .description = "Every setting with its value; secrets are masked.",
       .answers = {{200, "The settings", json_of("Config")}}},
      {.route = "keys_rotate",
       .tag = "administration",
       .description = "The local issuer signs with a new key; tokens of the one before count for the overlap.",
       .parameters = {"overlap_seconds"},
       .answers = {{200, "The new key", json_of("NewKey")},
                   {422, "overlap_seconds is not 0 to 2592000", json_of("Error")}}},
  };
}

void write_identity_schemas(JsonWriter& json, std::span<const http::Route* const> routes) {
  for (const Schema& schema : kSchemas) {
    const bool referred =
        std::ranges::any_of(routes, [&](const http::Route* route) { return route->name == schema.route; });
    if (referred) json.key(schema.name).raw(schema.text);
  }
}

}  // namespace vigie::api
