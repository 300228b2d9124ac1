// POST /predict: one card transaction, one decision.
#include <array>
#include <chrono>
#include <memory>

#include "api/api.h"
#include "api/card_answer.h"
#include "api/card_body.h"
#include "api/errors.h"
#include "api/reading.h"

namespace vigie::api {
namespace {

constexpr std::uint64_t kBodyLimit = std::uint64_t{1} << 20;

class Predict {
 public:
  explicit Predict(const Services& services)
      : service_(services.card),
        explainer_(services.card_explainer),
        metrics_(services.decision_metrics),
        probing_(services.probing),
        answer_(*services.card),
        ids_(*services.clock, services.seed) {}

  void operator()(const http::Request& request, http::Response& response) const {
    if (probing_ && probing_->refuse(request, response)) return;
    bool explain = false;
    if (!read_explain(request, response, explain)) return;
    std::array<double, schema::kCardRaw> row;
    if (!read_card_fast(request.body, row)) {
      const CardReading reading = read_card(request.body, row);
      if (reading.fault) return answer_malformed(*reading.fault, in_french(request), response);
      if (!reading.problems.empty()) return answer_invalid(reading.problems, R"("body")", in_french(request), response);
    }
    const auto begin = std::chrono::steady_clock::now();
    const domain::CardDecision decision = service_->decide(row);
    const std::chrono::nanoseconds latency = std::chrono::steady_clock::now() - begin;
    metrics_->record(1, decision.fraud ? 1 : 0, latency);
    answer_.append(response.body, ids_.next(), decision, std::chrono::duration<double, std::micro>(latency).count());
    if (probing_) probing_->observe(request, row);
    if (explain) append_reasons(row, in_french(request), response.body);
  }

 private:
  static constexpr std::size_t kReasons = 5;

  // Into the object that `out` ends with.
  void append_reasons(features::CardRaw row, bool french, std::string& out) const {
    JsonWriter json;
    json.begin_object();
    explainer_->write(json, explainer_->explain(row), kReasons, french);
    json.end_object();
    out.back() = ',';
    out += std::string_view(json.text()).substr(1);
  }

  std::shared_ptr<const decision::CardService> service_;
  std::shared_ptr<const decision::CardExplainer> explainer_;
  std::shared_ptr<decision::DecisionMetrics> metrics_;
  std::shared_ptr<ProbingWatch> probing_;
  CardAnswer answer_;
  DecisionIds ids_;
};

}  // namespace

void add_predict_route(http::Router& router, const Services& services) {
  router.add(
      {.method = http::Method::kPost,
       .path = "/predict",
       .name = "predict",
       .summary = "card fraud: one transaction, one decision",
       .consumes = {"application/json"},
       .body_limit = kBodyLimit,
       .handler = [predict = std::make_shared<const Predict>(services)](
                      const http::Request& request, http::Response& response) { (*predict)(request, response); }});
}

}  // namespace vigie::api
