// What each route takes and answers, beyond the route itself: openapi_test.cc sends every example and holds the answers
// against this.
#include <algorithm>
#include <iterator>

#include "api/line_batch.h"
#include "api/openapi.h"
#include "api/openapi_examples.h"

namespace vigie::api {
namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kInvalid = "It can be read, and is not what is asked for: all problems at once";

std::vector<Content> json_of(std::string_view schema, std::vector<Example> examples = {}) {
  return {{.media_type = std::string(kJson), .schema = schema, .examples = std::move(examples)}};
}

std::vector<Content> batch_request() {
  std::vector<Content> contents = json_of("Batch", json_batch_examples());
  for (const std::string& type : media_types(LineForm::kCsv)) contents.push_back({type, "CsvBatch", csv_examples()});
  for (const std::string& type : media_types(LineForm::kNdjson)) {
    contents.push_back({type, "NdjsonBatch", ndjson_examples()});
  }
  return contents;
}

std::vector<Content> batch_answer() {
  std::vector<Content> contents = json_of("BatchAnswer");
  contents.push_back({.media_type = media_types(LineForm::kCsv).front(), .schema = "CsvAnswer"});
  contents.push_back({.media_type = media_types(LineForm::kNdjson).front(), .schema = "NdjsonAnswer"});
  return contents;
}

std::vector<Content> metrics_answer() {
  std::vector<Content> contents = json_of("Metrics");
  for (const char* const type : {"text/plain", "application/openmetrics-text"}) {
    contents.push_back({.media_type = type, .schema = "MetricsText"});
  }
  return contents;
}

std::vector<std::string_view> docs_headers() {
  return {"ETag", "Cache-Control", "Vary", "Content-Language", "Content-Security-Policy"};
}

std::vector<Operation> make_operations() {
  std::vector<Operation> all = {
      {.route = "health",
       .tag = "operation",
       .description = "For people and dashboards; schedulers ask the other two.",
       .answers = {{200, "It works", json_of("Health")}}},
      {.route = "health_live",
       .tag = "operation",
       .description = "Restart the process where this does not answer.",
       .answers = {{200, "It runs", json_of("Live")}}},
      {.route = "health_ready",
       .tag = "operation",
       .description = "Send no requests where this does not answer.",
       .answers = {{200, "It takes requests", json_of("Ready")}}},
      {.route = "features",
       .tag = "card fraud",
       .description = "The names in the contract's order, what the model consumes, and each field's range.",
       .parameters = {"If-None-Match"},
       .answers = {{200, "The fields", json_of("Features"), {"ETag", "Cache-Control", "Vary"}},
                   {304, "You have this very document", {}, {"ETag", "Cache-Control", "Vary"}}}},
      {.route = "predict",
       .tag = "card fraud",
       .description = "Scores one transaction. With `explain=true` it also says which inputs moved the score most.",
       .parameters = {"explain"},
       .request = json_of("Transaction", single_examples()),
       .answers = {{200, "The decision", json_of("PredictAnswer")}, {422, kInvalid, json_of("Error")}}},
      {.route = "predict_batch",
       .tag = "card fraud",
       .description = "Scores many transactions. The answer is in the form that `Accept` likes best, the body's own of "
                      "those that it likes as much: JSON and NDJSON for any body, CSV for CSV. A bad row answers for "
                      "itself and the others are scored; with `on_error=fail` bad rows make one 422.",
       .parameters = {"on_error"},
       .request = batch_request(),
       .answers = {{200, "The decisions, in the order of the rows", batch_answer(), {"Vary"}},
                   {406, "Accept takes none of what this body can be answered in", json_of("Error"), {"Vary"}},
                   {422, kInvalid, json_of("Error")}}},
      {.route = "metrics",
       .tag = "operation",
       .description = "Prometheus or OpenMetrics text where Accept likes it better than JSON.",
       .answers = {{200, "What has been counted since the server started", metrics_answer(), {"Vary"}}}},
      {.route = "docs",
       .tag = "operation",
       .description = "For people: every operation of this document, to read and to try. In French where "
                      "Accept-Language prefers it. The page loads files of its own below /docs/ and nothing else.",
       .parameters = {"If-None-Match"},
       .answers = {{200, "The page", {{.media_type = "text/html", .schema = "Page"}}, docs_headers()},
                   {304, "You have this very page", {}, docs_headers()}}},
      {.route = "openapi",
       .tag = "operation",
       .description = "The document that you are reading.",
       .parameters = {"If-None-Match"},
       .answers = {{200, "The document", json_of("OpenApi"), {"ETag", "Cache-Control", "Vary"}},
                   {304, "You have this very document", {}, {"ETag", "Cache-Control", "Vary"}}}},
  };
  std::ranges::move(fraud_operations(), std::back_inserter(all));
  std::ranges::move(credit_operations(), std::back_inserter(all));
  std::ranges::move(identity_operations(), std::back_inserter(all));
  return all;
}

}  // namespace

std::span<const Operation> operations() {
  static const std::vector<Operation> all = make_operations();
  return all;
}

bool is_part_of_docs(const http::Route& route) {
  return route.method == http::Method::kGet && route.path.starts_with("/docs/");
}

}  // namespace vigie::api
