// GET /metrics: what the server has counted since it started, as Prometheus or OpenMetrics text or as JSON.
#include <array>
#include <optional>

#include "api/api.h"
#include "base/json_writer.h"
#include "base/version.h"
#include "http/media_range.h"
#include "telemetry/exposition.h"

namespace vigie::api {
namespace {

using telemetry::Exposition;
using telemetry::HistogramSnapshot;
using telemetry::TextFormat;

constexpr std::string_view kCard = "card";

double seconds(WallTime::duration time) { return std::chrono::duration<double>(time).count(); }

// JSON where nothing else is liked better: `*/*` asks for nothing in particular.
std::optional<TextFormat> text_format(std::string_view accept) {
  const double json = http::accept_quality(accept, "application/json");
  const double open = http::accept_quality(accept, "application/openmetrics-text", "1.0.0");
  const double prometheus = http::accept_quality(accept, "text/plain", "0.0.4");
  if (open > json && open >= prometheus) return TextFormat::kOpenMetrics;
  if (prometheus > json) return TextFormat::kPrometheus;
  return std::nullopt;
}

void write_requests(Exposition& text, const http::ServerSnapshot& server) {
  text.counter("vigie_http_requests", "Requests answered, by route and status.");
  for (const http::RouteSnapshot& route : server.routes) {
    for (std::size_t slot = 0; slot < http::kStatusSlots; ++slot) {
      if (route.requests[slot] == 0) continue;
      text.sample({{"route", route.name}, {"status", http::status_label(slot)}}, route.requests[slot]);
    }
  }
  text.counter("vigie_http_request_bytes", "Bytes of requests on the wire, headers included.");
  for (const http::RouteSnapshot& route : server.routes) text.sample({{"route", route.name}}, route.bytes_in);
  text.counter("vigie_http_response_bytes", "Bytes of answers, headers included.");
  for (const http::RouteSnapshot& route : server.routes) text.sample({{"route", route.name}}, route.bytes_out);
  text.histogram("vigie_http_request_duration_seconds", "From a whole request to its answer given to the socket.");
  for (const http::RouteSnapshot& route : server.routes) text.sample({{"route", route.name}}, route.duration);
}

void write_connections(Exposition& text, const http::ServerSnapshot& server) {
  text.gauge("vigie_http_connections_open", "Connections that are open now.");
  text.sample({}, static_cast<double>(server.open_connections));
  text.counter("vigie_http_connections_accepted", "Connections taken from the system.").sample({}, server.accepted);
  text.counter("vigie_http_connections_refused", "Connections over the limit, refused.").sample({}, server.refused);
  text.counter("vigie_http_connections_timed_out", "Connections that took too long, by what they were at.");
  for (std::size_t i = 0; i < http::kStalls; ++i) {
    text.sample({{"phase", to_string(static_cast<http::Stall>(i))}}, server.timed_out[i]);
  }
  text.counter("vigie_http_parse_failures", "Requests that are not HTTP as it should be.");
  text.sample({}, server.parse_failures);
  text.histogram("vigie_event_loop_lag_seconds", "How late the event loops' periodic sweep ran.")
      .sample({}, server.lag);
}

void write_access_log(Exposition& text, const telemetry::LineLog::Totals& lines) {
  text.counter("vigie_access_log_written", "Lines of the access log that were written.").sample({}, lines.written);
  text.counter("vigie_access_log_dropped", "Lines that were lost: too many waited, or writing failed.");
  text.sample({{"reason", "full"}}, lines.dropped).sample({{"reason", "write_failed"}}, lines.failed);
}

void write_auth_failures(Exposition& text, const identity::Authenticator& authenticator) {
  text.counter("vigie_auth_failures", "Requests without a good token, by reason.");
  for (std::size_t i = 0; i < identity::kRefusals.size(); ++i) {
    text.sample({{"reason", identity::kRefusals[i].name}}, authenticator.refused(static_cast<identity::Refusal>(i)));
  }
}

void write_inquiries(Exposition& text, const identity::Authenticator& authenticator) {
  const auto all = authenticator.inquiries();
  if (all.empty()) return;
  text.counter("vigie_introspection_calls", "Questions to an issuer about a token, by issuer and outcome.");
  for (const auto& [issuer, state] : all) {
    text.sample({{"issuer", issuer}, {"outcome", "success"}}, state.calls - state.failures);
    text.sample({{"issuer", issuer}, {"outcome", "failure"}}, state.failures);
  }
  text.counter("vigie_introspection_remembered", "Answers about tokens that needed no question.");
  for (const auto& [issuer, state] : all) text.sample({{"issuer", issuer}}, state.remembered);
}

void write_throttle(Exposition& text, const identity::Throttle& throttle) {
  text.counter("vigie_rate_limited", "Requests over the limit of their subject or address.")
      .sample({}, throttle.limited());
  text.gauge("vigie_locked_out_networks", "Networks whose tokens are not looked at now.");
  text.sample({}, static_cast<double>(throttle.lockouts().locked));
}

// What a service counts, and what its two outcomes are called.
struct Counted {
  std::string_view service;
  std::string_view alarm;
  std::string_view other;
  std::shared_ptr<const decision::DecisionMetrics> decisions;
};

void write_decisions(Exposition& text, std::span<const Counted> services) {
  std::vector<decision::DecisionMetrics::Snapshot> snapshots;
  for (const Counted& service : services) snapshots.push_back(service.decisions->snapshot());
  text.counter("vigie_decisions", "Decisions made, by service and outcome.");
  for (std::size_t i = 0; i < services.size(); ++i) {
    text.sample({{"service", services[i].service}, {"decision", services[i].alarm}}, snapshots[i].frauds);
    text.sample({{"service", services[i].service}, {"decision", services[i].other}}, snapshots[i].legitimate);
  }
  text.histogram("vigie_decision_duration_seconds", "Computation of one decision; in batches, the mean of its block.");
  for (std::size_t i = 0; i < services.size(); ++i) {
    text.sample({{"service", services[i].service}}, snapshots[i].duration);
  }
}

void write_fraud(Exposition& text, const FraudWatch::Snapshot& watched) {
  text.counter("vigie_history_events",
               "Transactions of POST /fraude, by whether they count in their client's history.");
  for (std::size_t i = 0; i < watched.events.size(); ++i) {
    text.sample({{"outcome", to_string(FraudWatch::kOutcomes[i])}}, watched.events[i]);
  }
  text.counter("vigie_history_failures", "Decisions and labels refused, as the history could not be reached or kept.");
  text.sample({}, watched.failures);
  text.counter("vigie_rule_hits", "Times that a rule fired, or would have (state shadow).");
  for (const auto& rule : watched.rules) {
    text.sample({{"rule", rule.name}, {"state", "on"}}, rule.fired);
    text.sample({{"rule", rule.name}, {"state", "shadow"}}, rule.shadow);
  }
  text.counter("vigie_rule_errors", "Times that a rule could not be evaluated.");
  for (const auto& rule : watched.rules) text.sample({{"rule", rule.name}}, rule.errors);
}

void write_latency(JsonWriter& json, const HistogramSnapshot& latency) {
  constexpr std::array<std::pair<std::string_view, double>, 4> kQuantiles = {
      {{"p50_latency_ms", 0.5}, {"p90_latency_ms", 0.9}, {"p99_latency_ms", 0.99}, {"p999_latency_ms", 0.999}}};
  json.member("average_latency_ms", latency.mean() / 1e6);
  for (const auto& [name, q] : kQuantiles) json.member(name, latency.quantile(q) / 1e6);
}

void write_service(JsonWriter& json, const Counted& counted) {
  const auto snapshot = counted.decisions->snapshot();
  json.key(counted.service).begin_object();
  json.member(counted.alarm, snapshot.frauds).member(counted.other, snapshot.legitimate);
  write_latency(json, snapshot.duration);
  json.end_object();
}

void write_route(JsonWriter& json, const http::RouteSnapshot& route) {
  json.key(route.name).begin_object().member("requests", route.total_requests()).key("statuses").begin_object();
  for (std::size_t slot = 0; slot < http::kStatusSlots; ++slot) {
    if (route.requests[slot] > 0) json.member(http::status_label(slot), route.requests[slot]);
  }
  json.end_object().member("bytes_in", route.bytes_in).member("bytes_out", route.bytes_out);
  write_latency(json, route.duration);
  json.end_object();
}

class Metrics {
 public:
  explicit Metrics(const Services& services)
      : server_(services.server_metrics),
        access_log_(services.access_log),
        reloads_(services.reloads),
        card_metrics_(services.decision_metrics),
        authenticator_(services.authenticator),
        throttle_(services.throttle),
        probing_(services.probing),
        card_(services.card),
        clock_(*services.clock),
        start_(services.start),
        fraud_(services.fraud),
        credit_(services.credit),
        watch_(services.fraud_watch) {
    if (card_) counted_.push_back({kCard, "fraud", "legitimate", services.decision_metrics});
    if (fraud_) counted_.push_back({"fraude", "alert", "accepter", services.fraud_metrics});
    if (credit_) counted_.push_back({"score", "not_accepted", "accepted", services.credit_metrics});
  }

  void operator()(const http::Request& request, http::Response& response) const {
    response.add_header("Vary", "Accept");
    const auto format = text_format(request.header_list("Accept"));
    if (format) response.content_type = content_type(*format);
    response.body = format ? text(*format) : json();
  }

 private:
  std::string text(TextFormat format) const {
    Exposition out(format);
    out.gauge("vigie_build_info", "1, with the program's version.").sample({{"version", kVersion}}, 1.0);
    out.gauge("vigie_model_info", "1, with the name and version of a service's model.");
    if (card_) out.sample({{"service", kCard}, {"name", card_->name()}, {"version", card_->version()}}, 1.0);
    if (fraud_ && fraud_->model().scorer) {
      const auto& scorer = *fraud_->model().scorer;
      out.sample({{"service", "fraude"}, {"name", scorer.name()}, {"version", scorer.version()}}, 1.0);
    }
    if (credit_) out.sample({{"service", "score"}, {"name", credit_->name()}, {"version", credit_->version()}}, 1.0);
    out.counter("vigie_reloads", "Models and settings read again while the server ran.");
    out.sample({{"outcome", "success"}}, reloads_->done.value())
        .sample({{"outcome", "failure"}}, reloads_->failed.value());
    out.gauge("process_start_time_seconds", "When the server started, since the Unix epoch.");
    out.sample({}, seconds(start_.time_since_epoch()));
    const http::ServerSnapshot server = server_->snapshot();
    write_requests(out, server);
    write_connections(out, server);
    if (access_log_) write_access_log(out, access_log_->totals());
    if (authenticator_) {
      write_auth_failures(out, *authenticator_);
      write_inquiries(out, *authenticator_);
    }
    if (throttle_) write_throttle(out, *throttle_);
    if (probing_) {
      out.counter("vigie_score_probing", "Transactions that were nearly the same as many before them.");
      out.sample({}, probing_->found());
    }
    write_decisions(out, counted_);
    if (fraud_) write_fraud(out, watch_->snapshot());
    return std::move(out).finish();
  }

  std::string json() const {
    const http::ServerSnapshot server = server_->snapshot();
    const std::uint64_t total = server.total_requests();
    JsonWriter json;
    json.begin_object();
    json.member("uptime_seconds", seconds(clock_.now() - start_));
    json.member("total_requests", total);
    const auto card = card_metrics_->snapshot();
    json.member("fraud_predictions", card.frauds).member("legitimate_predictions", card.legitimate);
    write_latency(json, server.duration());
    json.member("error_rate", total == 0 ? 0 : static_cast<double>(server.errors()) / static_cast<double>(total));
    json.member("auth_failures_count", server.with_status(401)).member("forbidden_count", server.with_status(403));
    json.key("decisions").begin_object();
    write_latency(json, card.duration);
    json.end_object();
    json.key("services").begin_object();
    for (const Counted& service : counted_) write_service(json, service);
    json.end_object();
    json.key("connections").begin_object().member("open", server.open_connections);
    json.member("accepted", server.accepted).member("refused", server.refused);
    json.key("timed_out").begin_object();
    for (std::size_t i = 0; i < http::kStalls; ++i) {
      json.member(to_string(static_cast<http::Stall>(i)), server.timed_out[i]);
    }
    json.end_object().member("parse_failures", server.parse_failures).end_object();
    json.key("event_loop_lag").begin_object();
    write_latency(json, server.lag);
    json.end_object().key("routes").begin_object();
    for (const http::RouteSnapshot& route : server.routes) write_route(json, route);
    json.end_object().end_object();
    return std::move(json).text();
  }

  std::shared_ptr<const http::ServerMetrics> server_;
  std::vector<Counted> counted_;
  std::shared_ptr<const http::AccessLog> access_log_;
  std::shared_ptr<const Reloads> reloads_;
  std::shared_ptr<const decision::DecisionMetrics> card_metrics_;
  std::shared_ptr<const identity::Authenticator> authenticator_;
  std::shared_ptr<const identity::Throttle> throttle_;
  std::shared_ptr<const ProbingWatch> probing_;
  std::shared_ptr<const decision::CardService> card_;
  const Clock& clock_;
  WallTime start_;
  std::shared_ptr<const decision::FraudService> fraud_;
  std::shared_ptr<const decision::CreditService> credit_;
  std::shared_ptr<const FraudWatch> watch_;
};

}  // namespace

// In the pool: adding up takes longer than a prediction, and nobody's prediction should wait for it.
void add_metrics_route(http::Router& router, const Services& services) {
  router.add(
      {.path = "/metrics",
       .name = "metrics",
       .summary = "counts and latencies, for Prometheus or as JSON",
       .work = http::Work::kPool,
       .handler = [metrics = std::make_shared<const Metrics>(services)](
                      const http::Request& request, http::Response& response) { (*metrics)(request, response); }});
}

}  // namespace vigie::api
