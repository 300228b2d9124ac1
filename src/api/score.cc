// POST /score: one applicant, one credit decision with its reasons.
#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <memory>

#include "api/api.h"
#include "api/card_answer.h"
#include "api/errors.h"
#include "api/reading.h"
#include "base/json_writer.h"
#include "decision/credit_texts.h"

namespace vigie::api {
namespace {

constexpr double kAbsent = std::numeric_limits<double>::quiet_NaN();

void write_number(JsonWriter& json, const char* key, double number) {
  json.key(key);
  std::isfinite(number) ? json.value(number) : json.null();
}

void write_reasons(JsonWriter& json, std::span<const decision::CreditReason> reasons, bool french) {
  json.key("raisons").begin_array();
  for (const decision::CreditReason& reason : reasons) {
    json.begin_object().member("code", reason_code(reason)).member("texte", reason_text(reason, french));
    json.member("points_perdus", reason.points_lost);
    write_number(json, "valeur", reason.value);
    write_number(json, "valeur_repere", reason.wanted ? reason.wanted->nearest : kAbsent);
    json.end_object();
  }
  json.end_array();
}

// What the boosted trees say of the same applicant; it decides nothing.
void write_challenge(JsonWriter& json, const decision::CreditChallenge& challenge, bool french) {
  json.key("challenger").begin_object().member("probabilite_defaut", challenge.default_probability);
  json.member("points", static_cast<std::int64_t>(challenge.points));
  write_reasons(json, std::span(challenge.reasons).first(challenge.reason_count), french);
  json.end_object();
}

class Score {
 public:
  explicit Score(const Services& services)
      : service_(services.credit), metrics_(services.credit_metrics), ids_(*services.clock, services.seed) {
    JsonWriter model;
    model.begin_object().member("name", service_->name()).member("version", service_->version()).end_object();
    model_ = std::move(model).text();
    JsonWriter bounds;
    const model::CreditThresholds& thresholds = service_->thresholds();
    bounds.begin_object().member("refuse", thresholds.low).member("accepte", thresholds.accepted);
    bounds.member("excellent", thresholds.excellent).end_object();
    thresholds_ = std::move(bounds).text();
  }

  void operator()(const http::Request& request, http::Response& response) const {
    thread_local Record record;
    const bool french = in_french(request);
    bool explain = false;
    if (!read_explain(request, response, explain)) return;
    if (!read_body(request, schema::applicant_fields(), response, record)) return;

    std::array<double, schema::kApplicantFields> applicant;
    for (std::size_t i = 0; i < applicant.size(); ++i) applicant[i] = record[i].given ? record[i].number : kAbsent;
    const auto begin = std::chrono::steady_clock::now();
    const decision::CreditDecision decision = service_->decide(applicant);
    const std::chrono::nanoseconds latency = std::chrono::steady_clock::now() - begin;
    metrics_->record(1, decision.outcome == model::CreditOutcome::kAccepted ? 0 : 1, latency);

    JsonWriter json;
    json.begin_object();
    write(json, record[schema::kApplicantId], decision, french);
    if (explain) write_challenge(json, service_->challenge(applicant), french);
    json.key("model").raw(model_);
    json.member("latency_us", std::chrono::duration<double, std::micro>(latency).count()).end_object();
    response.body = std::move(json).text();
  }

 private:
  void write(JsonWriter& json, const Record::Cell& client, const decision::CreditDecision& decision,
             bool french) const {
    const UuidText id = ids_.next();
    json.member("decision_id", std::string_view(id.data(), id.size())).key("client_id");
    client.given ? json.value(client.text) : json.null();
    json.member("score", decision.score).member("points", static_cast<std::int64_t>(decision.points));
    json.member("probabilite_defaut", decision.default_probability);
    json.member("classe", model::to_string(decision.credit_class));
    json.member("decision", model::to_string(decision.outcome));
    json.key("seuils").raw(thresholds_);
    json.member("message", credit_message(decision, french));
    write_reasons(json, decision.given(), french);
  }

  std::shared_ptr<const decision::CreditService> service_;
  std::shared_ptr<decision::DecisionMetrics> metrics_;
  DecisionIds ids_;
  std::string model_;       // JSON, and so are:
  std::string thresholds_;  // what class and decision follow from, by the names that the settings have
};

}  // namespace

void add_score_route(http::Router& router, const Services& services) {
  router.add({.method = http::Method::kPost,
              .path = "/score",
              .name = "score",
              .summary = "credit: one applicant, points, class, decision and reasons",
              .consumes = {"application/json"},
              .handler = [score = std::make_shared<const Score>(services)](
                             const http::Request& request, http::Response& response) { (*score)(request, response); }});
}

}  // namespace vigie::api
