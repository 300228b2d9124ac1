// POST /labels: what became known of a transaction that /fraude decided on.
#include <chrono>
#include <memory>

#include "api/api.h"
#include "api/errors.h"
#include "api/reading.h"
#include "base/json_writer.h"
#include "base/timestamp.h"
#include "schema/transaction.h"

namespace vigie::api {
namespace {

void answer_label(const decision::FraudService& service, FraudWatch& watch, const http::Request& request,
                  http::Response& response) {
  thread_local Record record;
  if (!read_body(request, schema::label_fields(), response, record)) return;

  const std::string& id = record[schema::kLabelTransactionId].text;
  const bool fraud = record[schema::kLabelFraude].number != 0;
  const WallTime time(std::chrono::microseconds(parse_timestamp(record[schema::kLabelDate].text).value_or(0)));
  const auto outcome = service.label(id, record[schema::kLabelTerminalId].text, time, fraud);
  if (!outcome) {
    watch.failed(outcome.error());
    response.add_header("Retry-After", "1");
    return answer_rejection({503, "the terminal's history cannot be reached or kept: send the same again"},
                            request.header("Accept-Language"), response);
  }
  watch.answered();
  JsonWriter json;
  json.begin_object().member("transaction_id", id).member("fraude", fraud);
  json.member("historique", history::to_string(*outcome)).end_object();
  response.body = std::move(json).text();
}

}  // namespace

void add_labels_route(http::Router& router, const Services& services) {
  router.add({.method = http::Method::kPost,
              .path = "/labels",
              .name = "labels",
              .summary = "whether a transaction turned out to be a fraud",
              .consumes = {"application/json"},
              .work = services.fraud_waits ? http::Work::kWait : http::Work::kInline,
              .handler = [service = services.fraud, watch = services.fraud_watch](const http::Request& request,
                                                                                  http::Response& response) {
                answer_label(*service, *watch, request, response);
              }});
}

}  // namespace vigie::api
