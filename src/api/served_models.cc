#include "api/served_models.h"

namespace vigie::api {
namespace {

void write_model(JsonWriter& json, const char* service, const std::string& name, const std::string& version) {
  json.key(service).begin_object().member("model", name).member("version", version).end_object();
}

}  // namespace

void write_served_models(JsonWriter& json, const Services& services, bool fails) {
  json.begin_object();
  if (services.card) write_model(json, "predict", services.card->name(), services.card->version());
  if (services.fraud) {
    const auto& scorer = services.fraud->model().scorer;
    json.key("fraude").begin_object().key("model");
    scorer ? json.value(scorer->name()) : json.null();
    json.key("version");
    scorer ? json.value(scorer->version()) : json.null();
    json.member("ruleset", services.fraud->ruleset().version());
    json.member("history", fails ? "failing" : "ok").end_object();
  }
  if (services.credit) write_model(json, "score", services.credit->name(), services.credit->version());
  json.end_object();
}

}  // namespace vigie::api
