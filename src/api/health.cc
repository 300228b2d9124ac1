// GET /health (for people), /health/live and /health/ready (for schedulers).
#include "api/api.h"
#include "api/errors.h"
#include "base/json_writer.h"
#include "base/version.h"

namespace vigie::api {
namespace {

http::Handler constant(std::string body) {
  return [text = std::move(body)](const http::Request&, http::Response& response) { response.body = text; };
}

}  // namespace

void add_health_routes(http::Router& router, const Services& services) {
  JsonWriter json;
  const auto model = [&](const char* service, const std::string& name, const std::string& version) {
    json.key(service).begin_object().member("model", name).member("version", version).end_object();
  };
  json.begin_object().member("status", "ok").member("model_loaded", true).member("version", kVersion);
  json.key("services").begin_object();
  model("predict", services.card->name(), services.card->version());
  if (services.fraud) {
    const auto& scorer = services.fraud->model().scorer;
    json.key("fraude").begin_object().key("model");
    scorer ? json.value(scorer->name()) : json.null();
    json.key("version");
    scorer ? json.value(scorer->version()) : json.null();
    json.member("ruleset", services.fraud->ruleset().version()).end_object();
  }
  if (services.credit) model("score", services.credit->name(), services.credit->version());
  json.end_object().end_object();
  router.add({.path = "/health",
              .name = "health",
              .summary = "whether the server works, and with which models",
              .handler = constant(std::move(json).text())});
  router.add({.path = "/health/live",
              .name = "health_live",
              .summary = "the process runs",
              .handler = constant(R"({"status": "live"})")});
  router.add({.path = "/health/ready",
              .name = "health_ready",
              .summary = "models are loaded and requests are taken",
              .handler = [stopping = services.stopping](const http::Request& request, http::Response& response) {
                if (!stopping->load(std::memory_order_relaxed)) {
                  response.body = R"({"status": "ready"})";
                  return;
                }
                response.add_header("Retry-After", "1");
                answer_rejection({503, "the server stops"}, request.header("Accept-Language"), response);
              }});
}

}  // namespace vigie::api
