#include "identity/audit_log.h"

#include "base/json_writer.h"
#include "base/version.h"

namespace vigie::identity {
namespace {

constexpr std::size_t kLongestPath = 2048;

void write_list(JsonWriter& json, std::string_view name, std::string_view item) {
  json.key(name).begin_array().value(item).end_array();
}

void write_caller(JsonWriter& json, const http::Caller& caller) {
  json.member("user.id", caller.subject);
  if (!caller.role_name.empty()) write_list(json, "user.roles", caller.role_name);
  json.member("vigie.token.issuer", caller.issuer);
  if (!caller.token_id.empty()) json.member("vigie.token.id", caller.token_id);
  if (!caller.client.empty()) json.member("vigie.token.client", caller.client);
}

}  // namespace

Result<std::shared_ptr<AuditLog>> AuditLog::open(Options options) {
  auto lines = VIGIE_TRY(telemetry::LineLog::open({.to = options.to, .on_failure = options.on_failure}));
  return std::shared_ptr<AuditLog>(new AuditLog(std::move(options), std::move(lines)));
}

AuditLog::AuditLog(Options options, std::unique_ptr<telemetry::LineLog> lines)
    : options_(std::move(options)), lines_(std::move(lines)), lane_(lines_->add_lane()) {}

void AuditLog::write(const AuditEvent& event) {
  const bool iam = event.category == AuditEvent::Category::kIam;
  JsonWriter json;
  json.begin_object().member("@timestamp", format_time(options_.clock->now()));
  json.member("log.level", event.success ? "info" : "warn").member("ecs.version", "8.11.0");
  json.member("service.name", "vigie").member("service.version", kVersion).member("event.kind", "event");
  write_list(json, "event.category", iam ? "iam" : "authentication");
  write_list(json, "event.type", event.type);
  json.member("event.action", event.action).member("event.outcome", event.success ? "success" : "failure");
  if (!event.reason.empty()) json.member("event.reason", event.reason);
  json.member("event.dataset", "vigie.audit");
  const http::Caller* caller = event.caller;
  if (event.request != nullptr) {
    const http::Request& request = *event.request;
    if (caller == nullptr) caller = request.caller;
    const std::string address = http::written_address(request.client_address, options_.client_address);
    if (!address.empty()) json.member("client.address", address);
    if (!request.id.empty()) json.member("http.request.id", request.id);
    json.member("http.request.method", http::to_string(request.method));
    json.member("url.path", request.path.substr(0, kLongestPath));
  }
  if (!event.route.empty()) json.member("vigie.route", event.route);
  if (caller != nullptr) write_caller(json, *caller);
  json.end_object();
  const std::string line = std::move(json).text() + "\n";
  const std::scoped_lock lock(mutex_);
  lane_.put(line);
}

}  // namespace vigie::identity
