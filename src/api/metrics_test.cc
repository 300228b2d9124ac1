// GET /metrics over a real socket: what is counted, and in which form it is told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <thread>

#include "api/api_fixture.h"
#include "telemetry/exposition_checker.h"

namespace vigie::api {
namespace {

namespace json = boost::json;
using telemetry::check_exposition;
using telemetry::TextFormat;

// As Prometheus 3 sends it.
const std::string kPrometheusAccept =
    "Accept: application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2\r\n";

class MetricsRouteTest : public ApiTest {
 protected:
  // Two frauds of three, a 422, a 400, two 404 and a batch of one fraud and one legitimate beside a bad row.
  void ask_around() {
    EXPECT_EQ(post("/predict", transaction(1)).status, 200);
    EXPECT_EQ(post("/predict", transaction(2)).status, 200);
    EXPECT_EQ(post("/predict", transaction(-1)).status, 200);
    EXPECT_EQ(post("/predict", "{}").status, 422);
    EXPECT_EQ(post("/predict", "{").status, 400);
    EXPECT_EQ(get("/wp-admin.php").status, 404);
    EXPECT_EQ(get("/wp-admin.php?x=1").status, 404);
    EXPECT_EQ(post("/predict-batch", "[" + transaction(1) + "," + transaction(-1) + ", 7]").status, 200);
  }

  // Waits until what was asked is timed too: that happens after the answer has gone out.
  json::object settled(std::uint64_t predictions) {
    for (int turn = 0; turn < 1000; ++turn) {
      json::object document = json::parse(get("/metrics").body).as_object();
      const auto text = get("/metrics", "Accept: text/plain\r\n").body;
      const std::string counted = "vigie_http_request_duration_seconds_count{route=\"predict\"} ";
      if (text.find(counted + std::to_string(predictions) + "\n") != std::string::npos) return document;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    ADD_FAILURE() << "durations are missing";
    return {};
  }
};

TEST_F(MetricsRouteTest, JsonHasTheProductsNames) {
  const json::object before = json::parse(get("/metrics").body).as_object();
  EXPECT_EQ(before.at("total_requests").to_number<int>(), 0) << "the request itself is counted when it is answered";
  EXPECT_EQ(before.at("error_rate").to_number<double>(), 0);
  ask_around();
  const auto reply = get("/metrics");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.field("Content-Type"), "application/json");
  EXPECT_EQ(reply.field("Vary"), "Accept, Accept-Encoding");
  const json::object document = json::parse(reply.body).as_object();
  EXPECT_EQ(document.at("total_requests").to_number<int>(), 9);
  EXPECT_EQ(document.at("fraud_predictions").to_number<int>(), 3);
  EXPECT_EQ(document.at("legitimate_predictions").to_number<int>(), 2);
  EXPECT_NEAR(document.at("error_rate").to_number<double>(), 4.0 / 9, 1e-12);
  EXPECT_EQ(document.at("auth_failures_count").to_number<int>(), 0);
  EXPECT_EQ(document.at("forbidden_count").to_number<int>(), 0);
  EXPECT_GE(document.at("uptime_seconds").to_number<double>(), 0);
  EXPECT_EQ(document.at("connections").at("open").to_number<int>(), 1);
  const auto& predict = document.at("routes").at("predict");
  EXPECT_EQ(predict.at("requests").to_number<int>(), 5);
  EXPECT_EQ(json::serialize(predict.at("statuses")), R"({"200":3,"400":1,"422":1})");
  EXPECT_EQ(json::serialize(document.at("routes").at("unmatched").at("statuses")), R"({"404":2})");
  EXPECT_EQ(reply.body.find("wp-admin"), std::string::npos);
}

TEST_F(MetricsRouteTest, LatenciesAreThoseOfTheRequests) {
  ask_around();
  const json::object document = settled(5);
  for (const char* name : {"average_latency_ms", "p50_latency_ms", "p99_latency_ms", "p999_latency_ms"}) {
    EXPECT_GT(document.at(name).to_number<double>(), 0) << name;
    EXPECT_LT(document.at(name).to_number<double>(), 60'000) << name;
  }
  EXPECT_GE(document.at("p99_latency_ms").to_number<double>(), document.at("p50_latency_ms").to_number<double>());
  EXPECT_GT(document.at("decisions").at("p50_latency_ms").to_number<double>(), 0);
}

TEST_F(MetricsRouteTest, PrometheusAndOpenMetricsTextIsStrictlyRight) {
  ask_around();
  settled(5);
  struct Form {
    std::string accept;
    TextFormat format;
  };
  for (const auto& [accept, format] :
       {Form{"Accept: text/plain\r\n", TextFormat::kPrometheus},
        Form{"Accept: text/plain;version=0.0.4\r\n", TextFormat::kPrometheus},
        Form{"Accept: application/openmetrics-text; version=1.0.0\r\n", TextFormat::kOpenMetrics},
        Form{kPrometheusAccept, TextFormat::kOpenMetrics}}) {
    const auto reply = get("/metrics", accept);
    EXPECT_EQ(reply.field("Content-Type"), telemetry::content_type(format));
    const auto metrics = check_exposition(reply.body, format);
    EXPECT_EQ(metrics.fault, "");
    EXPECT_EQ(metrics[R"(vigie_http_requests_total{route="predict",status="200"})"], 3);
    EXPECT_EQ(metrics[R"(vigie_http_requests_total{route="predict",status="422"})"], 1);
    EXPECT_EQ(metrics[R"(vigie_http_requests_total{route="unmatched",status="404"})"], 2);
    EXPECT_EQ(metrics[R"(vigie_http_request_duration_seconds_count{route="predict"})"], 5);
    EXPECT_EQ(metrics[R"(vigie_decisions_total{service="card",decision="fraud"})"], 3);
    EXPECT_EQ(metrics[R"(vigie_decisions_total{service="card",decision="legitimate"})"], 2);
    EXPECT_EQ(metrics[R"(vigie_decision_duration_seconds_count{service="card"})"], 5);
    EXPECT_EQ(metrics["vigie_http_connections_open"], 1);
    EXPECT_GT(metrics["process_start_time_seconds"], 1.7e9);
    EXPECT_EQ(reply.body.find("wp-admin"), std::string::npos);
  }
}

TEST_F(MetricsRouteTest, JsonForWhoAsksForNothingInParticular) {
  for (const std::string accept : {"", "Accept: */*\r\n", "Accept: application/json\r\n", "Accept: image/png\r\n",
                                   "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n",
                                   "Accept: application/openmetrics-text; version=7.0.0\r\n"}) {
    EXPECT_EQ(get("/metrics", accept).field("Content-Type"), "application/json") << accept;
  }
}

TEST_F(MetricsRouteTest, HeadHasTheFieldsAlone) {
  client_->send("HEAD /metrics HTTP/1.1\r\nHost: here\r\nAccept: text/plain\r\n\r\n");
  const auto reply = client_->reply(true);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.field("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_GT(std::stoi(reply.field("Content-Length")), 1000);
  EXPECT_EQ(get("/health/live").status, 200) << "nothing followed the header";
}

TEST_F(MetricsRouteTest, BatchesCountWhatTheyAnswerOnce) {
  const auto frauds = [&] { return json::parse(get("/metrics").body).at("fraud_predictions").to_number<int>(); };
  // The last row sends the fast reader back to the first row.
  std::string rows = "[";
  for (int i = 0; i < 600; ++i) rows += transaction(1) + ",";
  EXPECT_EQ(post("/predict-batch", rows + R"({"V1": "x"}])").status, 200);
  EXPECT_EQ(frauds(), 600);
  EXPECT_EQ(post("/predict-batch?on_error=fail", rows + "7]").status, 422);
  EXPECT_EQ(frauds(), 600) << "nobody was told of these";
  EXPECT_EQ(post("/predict-batch", transaction(1) + "\n" + transaction(-1) + "\n", {}, "application/x-ndjson").status,
            200);
  EXPECT_EQ(frauds(), 601);
}

}  // namespace
}  // namespace vigie::api
