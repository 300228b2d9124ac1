// What the local issuer publishes: its keys (RFC 7517) and where they are (OpenID Connect Discovery 1.0), so that
// others can check its tokens as they do any issuer's.
#include "api/api.h"
#include "base/json_writer.h"

namespace vigie::api {
namespace {

// Nobody needs to ask more often, and a new key signs at once: whoever meets it asks again.
constexpr std::string_view kKept = "max-age=300";

std::string discovery(const std::string& issuer) {
  JsonWriter json;
  json.begin_object().member("issuer", issuer).member("jwks_uri", issuer + "/.well-known/jwks.json");
  json.key("id_token_signing_alg_values_supported").begin_array().value("ES256").end_array();
  json.key("response_types_supported").begin_array().end_array();
  json.key("grant_types_supported").begin_array().end_array();
  json.key("subject_types_supported").begin_array().value("public").end_array();
  json.end_object();
  return std::move(json).text();
}

}  // namespace

void add_well_known_routes(http::Router& router, const Services& services) {
  router.add({.path = "/.well-known/jwks.json",
              .name = "jwks",
              .summary = "the local issuer's public keys",
              .handler = [issuer = services.local_issuer](const http::Request&, http::Response& response) {
                response.add_header("Cache-Control", kKept);
                response.body = issuer->jwks();
              }});
  router.add(
      {.path = "/.well-known/openid-configuration",
       .name = "discovery",
       .summary = "the local issuer, for whoever checks its tokens",
       .handler = [text = discovery(services.local_issuer->issuer())](const http::Request&, http::Response& response) {
         response.add_header("Cache-Control", kKept);
         response.body = text;
       }});
}

}  // namespace vigie::api
