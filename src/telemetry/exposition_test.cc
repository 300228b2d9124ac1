#include "telemetry/exposition.h"

#include <gtest/gtest.h>

#include "telemetry/exposition_checker.h"

namespace vigie::telemetry {
namespace {

std::string sample_text(TextFormat format) {
  Histogram histogram;
  histogram.record(2'000);            // in the first bucket, 2.048 microseconds
  histogram.record(2'048);            // at its bound: bounds are inclusive
  histogram.record(2'049);            // just over it
  histogram.record(100'000'000'000);  // 100 s: in +Inf alone
  HistogramSnapshot snapshot;
  snapshot.merge(histogram);
  Exposition text(format);
  text.gauge("vigie_connections_open", "Open, \"now\" \\ here,\nand there.").sample({}, 3.0);
  text.counter("vigie_requests", "Answered.");
  text.sample({{"route", "predict"}, {"status", "200"}}, std::uint64_t{12345678901});
  text.sample({{"route", "a\"b\\c\nd"}, {"status", "404"}}, std::uint64_t{1});
  text.counter("vigie_received_bytes", "Received.").sample({}, std::uint64_t{7});
  text.histogram("vigie_duration_seconds", "Time.").sample({{"route", "predict"}}, snapshot);
  return std::move(text).finish();
}

// The lines that stand before the histogram's, and those of it that say something.
TEST(Exposition, PrometheusIsWrittenAsDocumented) {
  const std::string text = sample_text(TextFormat::kPrometheus);
  EXPECT_TRUE(text.starts_with(R"(# HELP vigie_connections_open Open, "now" \\ here,\nand there.
# TYPE vigie_connections_open gauge
vigie_connections_open 3
# HELP vigie_requests_total Answered.
# TYPE vigie_requests_total counter
vigie_requests_total{route="predict",status="200"} 12345678901
vigie_requests_total{route="a\"b\\c\nd",status="404"} 1
# HELP vigie_received_bytes_total Received.
# TYPE vigie_received_bytes_total counter
vigie_received_bytes_total 7
# HELP vigie_duration_seconds Time.
# TYPE vigie_duration_seconds histogram
vigie_duration_seconds_bucket{route="predict",le="2.048e-06"} 2
vigie_duration_seconds_bucket{route="predict",le="4.096e-06"} 3
)")) << text;
  EXPECT_TRUE(text.ends_with(R"(vigie_duration_seconds_bucket{route="predict",le="17.179869184"} 3
vigie_duration_seconds_bucket{route="predict",le="+Inf"} 4
vigie_duration_seconds_sum{route="predict"} 100.00000609700001
vigie_duration_seconds_count{route="predict"} 4
)")) << text;
}

TEST(Exposition, OpenMetricsNamesFamiliesUnitsAndTheEnd) {
  const std::string text = sample_text(TextFormat::kOpenMetrics);
  EXPECT_TRUE(text.starts_with(R"(# HELP vigie_connections_open Open, \"now\" \\ here,\nand there.
# TYPE vigie_connections_open gauge
vigie_connections_open 3
# HELP vigie_requests Answered.
# TYPE vigie_requests counter
vigie_requests_total{route="predict",status="200"} 12345678901
vigie_requests_total{route="a\"b\\c\nd",status="404"} 1
# HELP vigie_received_bytes Received.
# TYPE vigie_received_bytes counter
# UNIT vigie_received_bytes bytes
vigie_received_bytes_total 7
# HELP vigie_duration_seconds Time.
# TYPE vigie_duration_seconds histogram
# UNIT vigie_duration_seconds seconds
)")) << text;
  EXPECT_TRUE(text.ends_with("\n# EOF\n"));
}

TEST(Exposition, BothPassTheStrictChecker) {
  for (const TextFormat format : {TextFormat::kPrometheus, TextFormat::kOpenMetrics}) {
    const auto checked = check_exposition(sample_text(format), format);
    EXPECT_EQ(checked.fault, "");
    EXPECT_EQ(checked[R"(vigie_duration_seconds_count{route="predict"})"], 4);
  }
}

TEST(Exposition, TheCheckerIsStrict) {
  const auto fault = [](const std::string& text) { return check_exposition(text, TextFormat::kPrometheus).fault; };
  const std::string head = "# HELP a_total x\n# TYPE a_total counter\n";
  EXPECT_EQ(fault(head + "a_total 1\n"), "");
  EXPECT_NE(fault(head + "a_total 1"), "");
  EXPECT_NE(fault(head + "a_total 1\na_total 2\n"), "");
  EXPECT_NE(fault(head + "b_total 1\n"), "");
  EXPECT_NE(fault(head + "a_total{x=\"\"\"} 1\n"), "");
  EXPECT_NE(fault(head + "a_total x\n"), "");
  EXPECT_NE(fault("# TYPE a_total counter\na_total 1\n"), "");
  EXPECT_NE(fault(head + "a_total 1\n# EOF\n"), "");
  const std::string histogram = "# HELP h x\n# TYPE h histogram\n";
  EXPECT_NE(fault(histogram + "h_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\n"), "");
  EXPECT_NE(fault(histogram + "h_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 2\n"), "");
}

}  // namespace
}  // namespace vigie::telemetry
