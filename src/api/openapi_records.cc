// Shapes of requests that a table of fields reads, from that table.
#include <cmath>

#include "api/openapi.h"

namespace vigie::api {
namespace {

// Years 1971 to 2105 with the days that they have; the first and the last hours that are taken depend on the zone.
constexpr std::string_view kMoment =
    "^((197[1-9]|19[89][0-9]|20[0-9]{2}|210[0-5])-"
    "((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)|"
    "(19(7[26]|8[048]|9[26])|20([02468][048]|[13579][26])|2104)-02-29)"
    "([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]+)?)?(Z|[+-]([01][0-9]|2[0-3]):?[0-5][0-9])?)?$";

void write_form(JsonWriter& json, const schema::Field& field) {
  switch (field.form) {
    case schema::TextForm::kIdentifier:
      json.member("pattern", "^[A-Za-z0-9_.:-]+$").member("minLength", 1).member("maxLength", schema::kMostIdentifier);
      break;
    case schema::TextForm::kMoment: json.member("pattern", kMoment); break;
    case schema::TextForm::kCountry: json.member("pattern", "^[A-Z]{2}$"); break;
    case schema::TextForm::kCurrency: json.member("pattern", "^[A-Z]{3}$"); break;
    case schema::TextForm::kChoice:
      json.key("enum").begin_array();
      for (const std::string_view choice : field.choices) json.value(choice);
      json.end_array();
      break;
    case schema::TextForm::kFree: break;
  }
}

void write_property(JsonWriter& json, const schema::Field& field) {
  json.key(field.name).begin_object();
  if (field.type == schema::FieldType::kFlag) {
    json.key("type").raw(R"(["boolean", "integer"])").key("enum").raw("[false, true, 0, 1]");
    json.member("description", field.text_en).end_object();
    return;
  }
  json.key("type");
  if (field.optional) {
    json.begin_array().value(schema::to_string(field.type)).value("null").end_array();
  } else {
    json.value(schema::to_string(field.type));
  }
  if (field.type == schema::FieldType::kText) {
    write_form(json, field);
  } else {
    if (std::isfinite(field.minimum)) json.member(field.above ? "exclusiveMinimum" : "minimum", field.minimum);
    if (std::isfinite(field.maximum)) json.member("maximum", field.maximum);
  }
  json.member("description", std::string(field.text_en) + ": " + schema::expectation(field));
  if (!field.unit.empty()) json.member("x-unit", field.unit);
  json.end_object();
}

}  // namespace

void write_record_schema(JsonWriter& json, std::string_view name, std::string_view description,
                         std::span<const schema::Field> fields) {
  json.key(name).begin_object().member("type", "object").member("description", description);
  json.key("required").begin_array();
  for (const schema::Field& field : fields) {
    if (!field.optional) json.value(field.name);
  }
  json.end_array().key("properties").begin_object();
  for (const schema::Field& field : fields) write_property(json, field);
  json.end_object().member("additionalProperties", false).end_object();
}

}  // namespace vigie::api
