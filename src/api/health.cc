// GET /health (for people), /health/live and /health/ready (for schedulers).
#include "api/api.h"
#include "api/errors.h"
#include "api/served_models.h"
#include "base/json_writer.h"
#include "base/version.h"

namespace vigie::api {
namespace {

http::Handler constant(std::string body) {
  return [text = std::move(body)](const http::Request&, http::Response& response) { response.body = text; };
}

bool has_model(const Services& services) {
  return services.card || services.credit || (services.fraud && services.fraud->model().scorer);
}

// The body of /health; `fails`: the history that /fraude goes by.
std::string health(const Services& services, bool fails) {
  JsonWriter json;
  json.begin_object().member("status", fails ? "degraded" : "ok").member("model_loaded", has_model(services));
  json.member("version", kVersion).key("services");
  write_served_models(json, services, fails);
  json.end_object();
  return std::move(json).text();
}

}  // namespace

void add_health_routes(http::Router& router, const Services& services) {
  router.add({.path = "/health",
              .name = "health",
              .summary = "whether the server works, and with which models",
              .handler = [well = health(services, false), failing = health(services, true),
                          watch = services.fraud_watch](const http::Request&, http::Response& response) {
                response.body = watch->history_fails() ? failing : well;
              }});
  router.add({.path = "/health/live",
              .name = "health_live",
              .summary = "the process runs",
              .handler = constant(R"({"status": "live"})")});
  router.add({.path = "/health/ready",
              .name = "health_ready",
              .summary = "models are loaded and requests are taken",
              .handler = [stopping = services.stopping, fraud = services.fraud](const http::Request& request,
                                                                                http::Response& response) {
                const bool stops = stopping->load(std::memory_order_relaxed);
                if (!stops && (!fraud || fraud->history_is_kept())) {
                  response.body = R"({"status": "ready"})";
                  return;
                }
                response.add_header("Retry-After", "1");
                answer_rejection({503, stops ? "the server stops" : "the history cannot be written until a restart"},
                                 request.header("Accept-Language"), response);
              }});
}

}  // namespace vigie::api
