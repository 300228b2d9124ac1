#include "load/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "load/saturation.h"

namespace vigie::load {
namespace {

using testing::HasSubstr;
using testing::Not;

// Two steps of a second: 100 answers of 1 ms to 100 ms, then 10 refusals and 5 answers that never came.
Report sample() {
  constexpr Nanoseconds kMillisecond = 1'000'000;
  Report report;
  report.url = "http://127.0.0.1:1/<b>&";
  report.plan.mix = parse_mix("predict,health").value();
  report.plan.stages = {{.rate = 100, .length = kSecond}, {.rate = 200, .length = kSecond}};
  report.plan.warmup = kSecond;
  Recorder recorder(report.plan);
  for (Nanoseconds i = 1; i <= 100; ++i) {
    recorder.answer(Route::kPredict, 200, kSecond + i, kSecond + i + i * kMillisecond);
  }
  for (int i = 0; i < 10; ++i) recorder.answer(Route::kHealth, 503, 2 * kSecond + 10, 2 * kSecond + 20);
  for (int i = 0; i < 5; ++i) recorder.failure(Failure::kTimeout, 2 * kSecond, 2 * kSecond + 500 * kMillisecond);
  recorder.answer(Route::kPredict, 200, 0, 10);  // in the warm-up
  recorder.add_to(report.figures);
  report.figures.wall_seconds = 3;
  return report;
}

TEST(Report, JsonHasTheFigures) {
  const auto json = boost::json::parse(report_json(sample()));
  EXPECT_EQ(json.at("good").to_number<int>(), 100);
  EXPECT_EQ(json.at("refused").to_number<int>(), 10);
  EXPECT_EQ(json.at("failed").to_number<int>(), 5);
  EXPECT_EQ(json.at("requests_per_s").to_number<double>(), 50);
  EXPECT_EQ(json.at("failures").at("timeout").to_number<int>(), 5);
  EXPECT_EQ(json.at("routes").at("health").at("statuses").at("503").to_number<int>(), 10);
  EXPECT_EQ(json.at("whole_run").at("answered").to_number<int>(), 111);
  EXPECT_EQ(json.at("plan").at("loop").as_string(), "open");
  const auto& latency = json.at("latency_ms");
  EXPECT_NEAR(latency.at("p50").to_number<double>(), 50, 1);
  EXPECT_NEAR(latency.at("p99").to_number<double>(), 99, 2);
  EXPECT_EQ(latency.at("max").to_number<double>(), 100);
  ASSERT_EQ(json.at("stages").as_array().size(), 2u);
  EXPECT_EQ(json.at("stages").at(0).at("requests_per_s").to_number<double>(), 100);
  EXPECT_EQ(json.at("stages").at(1).at("failed").to_number<int>(), 15);
  EXPECT_EQ(json.at("seconds").as_array().size(), 2u);
}

TEST(Report, TextSaysWhatMatters) {
  const std::string text = report_text(sample());
  EXPECT_THAT(text, HasSubstr("open loop, 100 to 200 requests/s in 2 steps"));
  EXPECT_THAT(text, HasSubstr("50 good answers/s over 2.0 s"));
  EXPECT_THAT(text, HasSubstr("100 x 200, 10 x 503, 5 timeout"));
  EXPECT_THAT(text, HasSubstr("longest 100 ms"));
  EXPECT_THAT(text, HasSubstr("status of 400 and above are in no latency"));
}

TEST(Report, WhatMakesTheNumbersDoubtfulIsSaid) {
  Report report = sample();
  report.figures.generator_seconds = 2.9;
  report.figures.failures[static_cast<std::size_t>(Failure::kNotSent)] = 1234;
  report.figures.bad_answer = "<script>";
  const std::string text = report_text(report);
  EXPECT_THAT(text, HasSubstr("The generator itself was busy for 97 %"));
  EXPECT_THAT(text, HasSubstr("1,234 requests were due and never sent"));
  EXPECT_THAT(text, HasSubstr("The first bad answer: <script>."));
}

TEST(Report, HtmlIsOnePageWithoutScriptsAndEscaped) {
  Report report = sample();
  report.figures.bad_answer = "<script>alert(1)</script>";
  const std::string html = report_html(report);
  EXPECT_THAT(html, testing::StartsWith("<!doctype html>"));
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("<b>")));
  EXPECT_THAT(html, HasSubstr("http://127.0.0.1:1/&lt;b&gt;&amp;"));
  for (const char* outside : {"src=", "href=", "url(", "@import"}) EXPECT_THAT(html, Not(HasSubstr(outside)));
  for (const char* drawing :
       {"Latency percentiles", "Throughput over time", "Latency over time", "Failures over time"}) {
    EXPECT_THAT(html, HasSubstr(std::string("<title>") + drawing));
  }
  EXPECT_THAT(html, HasSubstr("answered 503"));
  EXPECT_THAT(html, Not(HasSubstr("nan")));
  EXPECT_THAT(html, Not(HasSubstr("inf\"")));
}

TEST(Report, ARunWithoutAGoodAnswerHasAPageAsWell) {
  Report report;
  report.plan.stages = {{.rate = 0, .length = kSecond / 2}};
  Recorder recorder(report.plan);
  recorder.answer(Route::kPredict, 401, kSecond, kSecond + 1);
  recorder.add_to(report.figures);
  EXPECT_THAT(report_html(report), Not(HasSubstr("nan")));
  EXPECT_EQ(boost::json::parse(report_json(report)).at("latency_ms").at("p99").to_number<double>(), 0);
}

TEST(Report, LatenciesReadWell) {
  EXPECT_EQ(latency_text(48'300), "0.048 ms");
  EXPECT_EQ(latency_text(1'234'000), "1.23 ms");
  EXPECT_EQ(latency_text(12'340'000), "12.3 ms");
  EXPECT_EQ(latency_text(123'400'000), "123 ms");
  EXPECT_EQ(latency_text(1'234'000'000), "1.23 s");
}

TEST(Report, ASaturationHasItsStepsAndItsHalf) {
  Saturation saturation;
  saturation.steps = {{.connections = 1, .per_second = 900, .p99 = 1e6, .failed = 0},
                      {.connections = 2, .per_second = 1200, .p99 = 2e6, .failed = 3}};
  saturation.best = saturation.steps[1];
  saturation.half = sample();
  const auto json = boost::json::parse(saturation_json(saturation));
  EXPECT_EQ(json.at("saturation").at("requests_per_s").to_number<double>(), 1200);
  EXPECT_EQ(json.at("saturation").at("steps").at(1).at("p99_ms").to_number<double>(), 2);
  EXPECT_EQ(json.at("half").at("good").to_number<int>(), 100);
  EXPECT_THAT(saturation_text(saturation), HasSubstr("Saturation: 1,200 requests/s, with 2 connections"));
}

}  // namespace
}  // namespace vigie::load
