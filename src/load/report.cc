#include "load/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/number.h"
#include "base/version.h"

namespace vigie::load {
namespace {

double seconds(Nanoseconds time) { return static_cast<double>(time) / static_cast<double>(kSecond); }

// Leaves the object open, for what else is known of these latencies.
void write_latency(JsonWriter& json, const telemetry::HistogramSnapshot& latency) {
  json.key("latency_ms").begin_object().member("mean", milliseconds(latency.mean()));
  json.member("p50", milliseconds(latency.quantile(0.5))).member("p90", milliseconds(latency.quantile(0.9)));
  json.member("p99", milliseconds(latency.quantile(0.99))).member("p999", milliseconds(latency.quantile(0.999)));
}

void write_plan(JsonWriter& json, const LoadPlan& plan) {
  json.key("plan").begin_object().member("loop", plan.open_loop() ? "open" : "closed");
  json.key("mix").begin_array();
  for (const Share& share : plan.mix) {
    json.begin_object().member("route", to_string(share.route)).member("weight", share.weight).end_object();
  }
  json.end_array().member("connections", plan.connections).member("pipeline", plan.pipeline);
  json.member("threads", plan.threads).member("spin", plan.spin).member("warmup_s", seconds(plan.warmup));
  json.member("duration_s", seconds(plan.length())).member("timeout_s", seconds(plan.timeout)).end_object();
}

void write_routes(JsonWriter& json, const Report& report) {
  json.key("routes").begin_object();
  for (const Share& share : report.plan.mix) {
    const RouteFigures& route = report.figures.routes[static_cast<std::size_t>(share.route)];
    json.key(to_string(share.route)).begin_object().member("answers", route.answers());
    json.key("statuses").begin_object();
    for (std::size_t status = 0; status < kStatuses; ++status) {
      if (route.statuses[status] > 0) json.member(std::to_string(status), route.statuses[status]);
    }
    json.end_object();
    write_latency(json, route.latency);
    json.end_object().end_object();
  }
  json.end_object();
}

void write_slot(JsonWriter& json, const Slot& slot, double length) {
  json.member("requests_per_s", length > 0 ? static_cast<double>(slot.good) / length : 0.0);
  json.member("failed", slot.failed);
  write_latency(json, slot.latency);
  json.end_object().end_object();
}

std::string stages_text(const Report& report) {
  std::string text = fmt::format("\n  {:>12} {:>12} {:>10} {:>10} {:>10} {:>10}\n", "asked/s", "answered/s", "p50",
                                 "p99", "p99.9", "failed");
  for (std::size_t i = 0; i < report.plan.stages.size(); ++i) {
    const Stage& stage = report.plan.stages[i];
    const Slot& slot = report.figures.stages[i];
    text += fmt::format("  {:>12} {:>12} {:>10} {:>10} {:>10} {:>10}\n", rounded(stage.rate),
                        rounded(static_cast<double>(slot.good) / seconds(stage.length)),
                        latency_text(slot.latency.quantile(0.5)), latency_text(slot.latency.quantile(0.99)),
                        latency_text(slot.latency.quantile(0.999)), with_thousands(slot.failed));
  }
  return text;
}

std::string statuses_text(const Figures& figures) {
  std::string text;
  for (std::size_t status = 0; status < kStatuses; ++status) {
    std::uint64_t count = 0;
    for (const RouteFigures& route : figures.routes) count += route.statuses[status];
    if (count > 0) text += fmt::format("{}{} x {}", text.empty() ? "" : ", ", with_thousands(count), status);
  }
  for (std::size_t i = 0; i < kFailures; ++i) {
    if (figures.failures[i] == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", with_thousands(figures.failures[i]),
                        to_string(static_cast<Failure>(i)));
  }
  return text;
}

}  // namespace

std::string rounded(double value) { return with_thousands(static_cast<std::uint64_t>(std::llround(value))); }

std::string latency_text(double nanoseconds) {
  const double value = milliseconds(nanoseconds);
  if (value >= 1000) return fmt::format("{:.2f} s", value / 1000);
  return fmt::format("{:.{}f} ms", value, value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3);
}

std::string plan_text(const LoadPlan& plan) {
  std::string text = plan.open_loop() ? "open loop, " : "closed loop, ";
  if (plan.open_loop()) {
    text += rounded(plan.stages.front().rate);
    if (plan.stages.size() > 1) text += " to " + rounded(plan.stages.back().rate);
    text += " requests/s";
    if (plan.stages.size() > 1) text += fmt::format(" in {} steps", plan.stages.size());
    text += " over up to ";
  }
  text += with_thousands(plan.connections) + (plan.connections == 1 ? " connection" : " connections");
  if (plan.pipeline > 1) text += fmt::format(", {} requests pipelined on each", plan.pipeline);
  if (plan.spin) text += ", spinning";
  return text;
}

std::vector<std::string> remarks(const Report& report) {
  const Figures& figures = report.figures;
  std::vector<std::string> out;
  if (report.unchecked) {
    out.push_back(
        "The server's certificate was not checked (--insecure): somebody else may have answered, and have read "
        "what was sent.");
  }
  if (figures.generator_busy()) {
    out.push_back(fmt::format(
        "The generator itself was busy for {:.0f} % of the time: the server may do more. Give --threads, or "
        "another machine.",
        100 * figures.generator_seconds / figures.wall_seconds));
  }
  if (const auto count = figures.failures[static_cast<std::size_t>(Failure::kNotSent)]; count > 0) {
    out.push_back(with_thousands(count) +
                  " requests were due and never sent, for every connection was waiting: the server "
                  "does not keep up with this rate, and the latencies above would have grown with the duration.");
  }
  if (!figures.bad_answer.empty()) out.push_back("The first bad answer: " + figures.bad_answer + ".");
  if (figures.refused() > 0) {
    out.push_back("Answers with a status of 400 and above are in no latency and no throughput.");
  }
  return out;
}

std::string report_text(const Report& report) {
  const Figures& figures = report.figures;
  const auto& latency = figures.latency;
  std::string text = report.url + ": " + plan_text(report.plan) + "\n\n";
  text += fmt::format("  throughput   {} good answers/s over {:.1f} s\n", rounded(figures.per_second()),
                      seconds(figures.measured));
  text +=
      fmt::format("  latency      p50 {}, p90 {}, p99 {}, p99.9 {}, longest {}\n", latency_text(latency.quantile(0.5)),
                  latency_text(latency.quantile(0.9)), latency_text(latency.quantile(0.99)),
                  latency_text(latency.quantile(0.999)), latency_text(static_cast<double>(figures.largest)));
  text += "  answers      " + statuses_text(figures) + "\n";
  text += fmt::format("  whole run    {} requests, {} out, {} in, {} connections made\n", with_thousands(figures.sent),
                      with_unit(static_cast<double>(figures.bytes_sent), "B"),
                      with_unit(static_cast<double>(figures.bytes_received), "B"), with_thousands(figures.connections));
  if (report.plan.mix.size() > 1) {
    text += "\n";
    for (const Share& share : report.plan.mix) {
      const RouteFigures& route = figures.routes[static_cast<std::size_t>(share.route)];
      text += fmt::format("  {:<12} {} answers, p50 {}, p99 {}\n", share.where(), with_thousands(route.answers()),
                          latency_text(route.latency.quantile(0.5)), latency_text(route.latency.quantile(0.99)));
    }
  }
  if (report.plan.stages.size() > 1) text += stages_text(report);
  for (const std::string& remark : remarks(report)) text += "\n" + remark + "\n";
  return text;
}

void write_report(JsonWriter& json, const Report& report) {
  const Figures& figures = report.figures;
  json.begin_object().member("url", report.url).member("started", report.started);
  json.member("version", kVersion);
  write_plan(json, report.plan);
  json.member("requests_per_s", figures.per_second());
  write_latency(json, figures.latency);
  json.member("max", milliseconds(static_cast<double>(figures.largest))).end_object();
  json.member("good", figures.good()).member("refused", figures.refused()).member("failed", figures.failed());
  json.key("failures").begin_object();
  for (std::size_t i = 0; i < kFailures; ++i) json.member(to_string(static_cast<Failure>(i)), figures.failures[i]);
  json.end_object();
  write_routes(json, report);
  json.key("whole_run").begin_object().member("sent", figures.sent).member("answered", figures.answered);
  json.member("bytes_sent", figures.bytes_sent).member("bytes_received", figures.bytes_received);
  json.member("connections", figures.connections).member("reconnections", figures.reconnections);
  json.member("wall_s", figures.wall_seconds).member("generator_cpu_s", figures.generator_seconds).end_object();
  json.key("stages").begin_array();
  for (std::size_t i = 0; i < figures.stages.size(); ++i) {
    const Stage& stage = report.plan.stages[i];
    json.begin_object().member("rate", stage.rate).member("seconds", seconds(stage.length));
    write_slot(json, figures.stages[i], seconds(stage.length));
  }
  json.end_array().key("seconds").begin_array();
  for (std::size_t i = 0; i < figures.seconds.size(); ++i) {
    write_slot(json.begin_object(), figures.seconds[i],
               std::min(1.0, seconds(figures.measured) - static_cast<double>(i)));
  }
  json.end_array().key("remarks").begin_array();
  for (const std::string& remark : remarks(report)) json.value(remark);
  json.end_array().end_object();
}

std::string report_json(const Report& report) {
  JsonWriter json(2);
  write_report(json, report);
  return std::move(json).text() + "\n";
}

}  // namespace vigie::load
