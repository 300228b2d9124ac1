// GET /features: what /predict takes and what its model sees, from the table that validates requests.
#include <cmath>
#include <memory>

#include "api/api.h"
#include "api/document.h"
#include "api/errors.h"
#include "base/json_writer.h"
#include "schema/card.h"

namespace vigie::api {
namespace {

void write_names(JsonWriter& json, std::string_view key, std::span<const schema::Field> fields) {
  json.key(key).begin_array();
  for (const schema::Field& field : fields) json.value(field.name);
  json.end_array();
}

void write_bound(JsonWriter& json, std::string_view key, double bound) {
  json.key(key);
  if (std::isfinite(bound)) {
    json.value(bound);
  } else {
    json.null();
  }
}

std::shared_ptr<const Document> document(bool french) {
  JsonWriter json;
  json.begin_object();
  write_names(json, "required_features", schema::card_fields());
  write_names(json, "model_features", schema::card_input_fields());
  json.member("total_features", schema::card_input_fields().size());
  json.key("fields").begin_array();
  for (const schema::Field& field : schema::card_fields()) {
    json.begin_object().member("name", field.name).member("type", schema::to_string(field.type));
    json.member("role", schema::to_string(field.role));
    json.member("required", field.role != schema::Role::kEngineered);
    write_bound(json, "minimum", field.minimum);
    write_bound(json, "maximum", field.maximum);
    json.member("unit", field.unit).member("description", french ? field.text_fr : field.text_en).end_object();
  }
  json.end_array().end_object();
  return std::make_shared<const Document>("application/json", std::move(json).text());
}

}  // namespace

void add_features_route(http::Router& router, const Services&) {
  router.add({.path = "/features",
              .name = "features",
              .summary = "the fields of a card transaction: type, range, role",
              .handler = [english = document(false), french = document(true)](const http::Request& request,
                                                                              http::Response& response) {
                response.add_header("Vary", "Accept-Encoding, Accept-Language");
                (in_french(request) ? french : english)->answer(request, response);
              }});
}

}  // namespace vigie::api
