// What administrators ask the server about itself, and the rotation of its keys.
#include "api/api.h"
#include "api/errors.h"
#include "api/problem.h"
#include "api/served_models.h"
#include "base/number.h"
#include "base/version.h"

namespace vigie::api {
namespace {

using std::chrono::seconds;

constexpr std::int64_t kDefaultOverlap = 24 * 3600;

void write_totals(JsonWriter& json, std::string_view name, const telemetry::LineLog::Totals& totals) {
  json.key(name).begin_object().member("written", totals.written).member("dropped", totals.dropped);
  json.member("failed", totals.failed).end_object();
}

void write_time(JsonWriter& json, std::string_view name, const std::optional<WallTime>& time) {
  if (time) {
    json.member(name, format_time(*time));
  } else {
    json.key(name).raw("null");
  }
}

void write_provider(JsonWriter& json, const identity::RefreshState& state) {
  json.begin_object().member("issuer", state.name).member("fetches", state.fetches).member("failures", state.failures);
  json.member("failures_in_a_row", state.failures_in_a_row);
  write_time(json, "last_success", state.last_success);
  write_time(json, "last_failure", state.last_failure);
  json.member("failure", state.failure).end_object();
}

void write_identity(JsonWriter& json, const Services& services) {
  json.key("identity").begin_object();
  json.member("issuer", services.local_issuer ? services.local_issuer->issuer() : std::string());
  json.key("providers").begin_array();
  if (services.providers) {
    for (const identity::RefreshState& state : services.providers()) write_provider(json, state);
  }
  json.end_array().key("refused").begin_object();
  for (std::size_t i = 0; services.authenticator && i < identity::kRefusals.size(); ++i) {
    json.member(identity::kRefusals[i].name, services.authenticator->refused(static_cast<identity::Refusal>(i)));
  }
  json.end_object().member("forbidden", services.server_metrics->snapshot().with_status(403));
  if (services.throttle) {
    json.member("locked_out_networks", services.throttle->lockouts().locked);
    json.member("rate_limited", services.throttle->limited());
  }
  json.end_object();
}

std::string status(const Services& services) {
  const WallTime now = services.clock->now();
  const http::ServerSnapshot server = services.server_metrics->snapshot();
  JsonWriter json;
  json.begin_object().member("version", kVersion).member("started", format_time(services.start));
  json.member("uptime_seconds", std::chrono::duration<double>(now - services.start).count());
  json.member("stopping", services.stopping->load(std::memory_order_relaxed));
  json.key("models");
  write_served_models(json, services, services.fraud_watch->history_fails());
  json.key("reloads").begin_object().member("success", services.reloads->done.value());
  json.member("failure", services.reloads->failed.value()).end_object();
  json.key("requests").begin_object().member("total", server.total_requests()).member("errors", server.errors());
  json.member("open_connections", server.open_connections).end_object();
  json.key("logs").begin_object();
  if (services.access_log) write_totals(json, "access", services.access_log->totals());
  if (services.audit) write_totals(json, "audit", services.audit->totals());
  json.end_object();
  write_identity(json, services);
  json.end_object();
  return std::move(json).text();
}

// Query parameter overlap_seconds; nothing where it is no such number.
std::optional<seconds> overlap_of(const http::Request& request) {
  const std::string text = request.query_value("overlap_seconds");
  if (text.empty()) return seconds(kDefaultOverlap);
  const auto value = parse_int(text);
  if (!value || *value < 0 || *value > identity::kLongestLife.count()) return std::nullopt;
  return seconds(*value);
}

void rotate(const Services& services, identity::LocalIssuer& issuer, const http::Request& request,
            http::Response& response) {
  const auto overlap = overlap_of(request);
  if (!overlap) {
    const Problem problem{.kind = Problem::Kind::kLiteral,
                          .field = "overlap_seconds",
                          .expected = "0 to " + std::to_string(identity::kLongestLife.count())};
    return answer_invalid({problem}, R"("query")", in_french(request), response);
  }
  const auto key = identity::LocalKeys::rotate(issuer.state(), *overlap, services.clock->now());
  if (services.audit) {
    services.audit->write({.action = "keys-rotated",
                           .category = identity::AuditEvent::Category::kIam,
                           .type = "change",
                           .success = key.has_value(),
                           .reason = key ? std::string_view() : "state_folder",
                           .request = &request,
                           .route = "keys_rotate"});
  }
  if (!key) {
    services.sessions->on_failure(key.error());
    return answer_rejection({503, "the keys cannot be changed now: see the server's log"},
                            request.header("Accept-Language"), response);
  }
  issuer.renew();
  JsonWriter json;
  json.begin_object().member("key_id", *key).member("overlap_seconds", overlap->count()).end_object();
  response.body = std::move(json).text();
}

}  // namespace

void add_admin_routes(http::Router& router, const Services& services) {
  const auto shared = std::make_shared<const Services>(services);
  router.add({.path = "/admin/status",
              .name = "admin_status",
              .summary = "models, logs, issuers and who was refused",
              .work = http::Work::kPool,
              .handler = [shared](const http::Request&, http::Response& response) {
                response.add_header("Cache-Control", "no-store");
                response.body = status(*shared);
              }});
  if (services.config) {
    router.add({.path = "/admin/config",
                .name = "admin_config",
                .summary = "the settings in effect, secrets masked",
                .work = http::Work::kPool,
                .handler = [config = services.config](const http::Request&, http::Response& response) {
                  response.add_header("Cache-Control", "no-store");
                  response.body = config();
                }});
  }
  router.add(
      {.method = http::Method::kPost,
       .path = "/admin/keys/rotate",
       .name = "keys_rotate",
       .summary = "sign with a new key from now on",
       .work = http::Work::kPool,
       .handler = [shared, issuer = services.sessions->issuer](const http::Request& request, http::Response& response) {
         rotate(*shared, *issuer, request, response);
       }});
}

}  // namespace vigie::api
