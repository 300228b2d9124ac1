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
  json.begin_object().member("status", "ok").member("model_loaded", true).member("version", kVersion);
  json.key("services").begin_object().key("predict").begin_object();
  json.member("model", services.card->name()).member("version", services.card->version());
  json.end_object().end_object().end_object();
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
