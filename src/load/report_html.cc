#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/number.h"
#include "base/version.h"
#include "load/report.h"
#include "model/card_style.h"
#include "model/card_text.h"
#include "model/plots.h"

namespace vigie::load {
namespace {

using model::CurvePoint;
using model::escape_html;
using model::Plot;
using model::same;
using model::Scale;

constexpr double kWidth = 500;
constexpr double kWhole = 1016;  // across the page, so that its words are as large as those of two beside each other
constexpr double kHeight = 270;

// Decades around the values, so that a log axis has marks; 1 stands in where there is nothing.
Scale decades(double least, double most) {
  const double low = std::pow(10.0, std::floor(std::log10(std::max(least, 1e-6))));
  const double high = std::pow(10.0, std::ceil(std::log10(std::max(most, 1e-6)) + 1e-9));
  return {.low = low, .high = std::max(high, low * 10), .log = true};
}

std::string figure(const std::string& drawing, std::string_view caption) {
  return fmt::format("<figure>{}<figcaption>{}</figcaption></figure>\n", drawing, escape_html(caption));
}

// "2026-03-01 09:30 UTC" out of RFC 3339.
std::string moment(const std::string& time) {
  return time.size() < 16 ? time : time.substr(0, 10) + " " + time.substr(11, 5) + " UTC";
}

std::string tile(std::string_view name, const std::string& value, const std::string& note) {
  return fmt::format("<div class=\"tile\"><dt>{}</dt><dd>{}<small>{}</small></dd></div>\n", name, escape_html(value),
                     escape_html(note));
}

std::string tiles(const Report& report) {
  const Figures& figures = report.figures;
  const auto at = [&](double q) { return latency_text(figures.latency.quantile(q)); };
  const std::uint64_t lost = figures.refused() + figures.failed();
  const auto all = static_cast<double>(figures.good() + lost);
  std::string out = "<dl class=\"tiles\">\n";
  out += tile("Throughput", rounded(figures.per_second()) + "/s", "good answers");
  out += tile("Median", at(0.5), "of the latencies");
  out += tile("p99", at(0.99), "one in 100 takes longer");
  out += tile("p99.9", at(0.999), "one in 1,000 takes longer");
  out +=
      tile("Longest", latency_text(static_cast<double>(figures.largest)), with_thousands(figures.good()) + " answers");
  out += tile("Failed", with_thousands(lost),
              fmt::format("{:.3g} % of the requests", all > 0 ? 100 * static_cast<double>(lost) / all : 0.0));
  return out + "</dl>\n";
}

// Latency by how rare it is: each decade to the right is ten times rarer.
std::string percentiles(const Report& report) {
  const auto& latency = report.figures.latency;
  const double rarest = std::clamp(static_cast<double>(latency.count()), 10.0, 1e5);
  std::vector<CurvePoint> curve;
  constexpr int kPoints = 160;
  for (int i = 0; i <= kPoints; ++i) {
    const double one_in = std::pow(rarest, static_cast<double>(i) / kPoints);
    curve.push_back({one_in, std::max(1e-6, milliseconds(latency.quantile(1 - 1 / one_in)))});
  }
  Plot plot(kWhole, kHeight, {.low = 1, .high = rarest, .log = true}, decades(curve.front().y, curve.back().y));
  plot.axes(same("one answer in this many takes longer"), same("latency, ms"));
  constexpr std::array<std::pair<double, const char*>, 4> kMarks{
      {{2, "p50"}, {10, "p90"}, {100, "p99"}, {1000, "p99.9"}}};
  for (const auto& [one_in, name] : kMarks) {
    if (one_in > rarest) continue;
    const double at = std::max(1e-6, milliseconds(latency.quantile(1 - 1 / one_in)));
    plot.vertical(one_in, "chance").dot(one_in, at, 3.5, "").label(one_in, at, same(name), "end", -6, -6);
  }
  plot.line(curve, "ensemble");
  return figure(
      plot.svg("Latency percentiles", "Latency by how rare it is, both on a logarithmic scale"),
      "How long answers took, by how rare that was. A steep end is a tail: few users meet it, but every day.");
}

struct Seconds {
  std::vector<double> edges{0};
  std::vector<double> rates;
  std::vector<double> failures;
  std::vector<CurvePoint> median;
  std::vector<CurvePoint> p99;
};

Seconds by_second(const Figures& figures) {
  Seconds out;
  const double whole = static_cast<double>(figures.measured) / static_cast<double>(kSecond);
  for (const Slot& slot : figures.seconds) {
    const double begin = out.edges.back();
    const double end = std::min(begin + 1, whole);
    if (end <= begin) break;
    out.edges.push_back(end);
    out.rates.push_back(static_cast<double>(slot.good) / (end - begin));
    out.failures.push_back(static_cast<double>(slot.failed) / (end - begin));
    if (slot.latency.count() == 0) continue;
    const double middle = (begin + end) / 2;
    out.median.push_back({middle, milliseconds(slot.latency.quantile(0.5))});
    out.p99.push_back({middle, milliseconds(slot.latency.quantile(0.99))});
  }
  return out;
}

double largest(const std::vector<double>& values) {
  return values.empty() ? 0 : *std::max_element(values.begin(), values.end());
}

std::string over_time(const Report& report) {
  Seconds seconds = by_second(report.figures);
  if (seconds.rates.empty()) return {};
  const Scale time{.low = 0, .high = seconds.edges.back()};
  // Marks of many digits would run into the axis' name.
  const bool thousands = largest(seconds.rates) >= 5000;
  if (thousands) {
    for (double& rate : seconds.rates) rate /= 1000;
  }
  Plot rates(kWidth, kHeight, time, {.low = 0, .high = std::max(1.0, largest(seconds.rates) * 1.08)});
  rates.axes(same("seconds"), same(thousands ? "thousand good answers/s" : "good answers/s"))
      .steps(seconds.edges, seconds.rates, "legit");
  std::string out = "<div class=\"pair\">\n";
  out += figure(rates.svg("Throughput over time", "Good answers in each second"),
                "Good answers in each second. Dips are stalls: look what the server did then.");
  double least = 1e9, most = 1e-6;
  for (const CurvePoint& point : seconds.median) least = std::min(least, point.y);
  for (const CurvePoint& point : seconds.p99) most = std::max(most, point.y);
  if (!seconds.p99.empty()) {
    Plot latency(kWidth, kHeight, time, decades(least, most));
    latency.axes(same("seconds"), same("latency, ms")).line(seconds.median, "boosted").line(seconds.p99, "ensemble");
    latency.label(seconds.p99.back().x, seconds.p99.back().y, same("p99"), "end", 0, -7);
    latency.label(seconds.median.back().x, seconds.median.back().y, same("p50"), "end", 0, -7);
    out += figure(latency.svg("Latency over time", "Median and 99th percentile of each second, logarithmic"),
                  "Median and 99th percentile of the answers that came in each second.");
  }
  out += "</div>\n";
  if (largest(seconds.failures) > 0) {
    Plot failed(kWidth, kHeight, time, {.low = 0, .high = largest(seconds.failures) * 1.08});
    failed.axes(same("seconds"), same("failed/s")).steps(seconds.edges, seconds.failures, "fraud");
    out += "<div class=\"pair\">\n" +
           figure(failed.svg("Failures over time", "Requests that failed in each second"),
                  "Requests that were refused (400 and above) or had no answer, in each second.") +
           "</div>\n";
  }
  return out;
}

std::string row(const std::string& name, const std::vector<std::string>& cells) {
  std::string out = "<tr><th scope=\"row\">" + escape_html(name) + "</th>";
  for (const std::string& cell : cells) out += "<td class=\"number\">" + escape_html(cell) + "</td>";
  return out + "</tr>\n";
}

std::string table(const std::vector<std::string>& heads, const std::string& rows) {
  std::string out = "<div class=\"sheet\"><table><thead><tr>";
  for (std::size_t i = 0; i < heads.size(); ++i) {
    out += fmt::format("<th scope=\"col\"{}>{}</th>", i > 0 ? " class=\"number\"" : "", heads[i]);
  }
  return out + "</tr></thead><tbody>\n" + rows + "</tbody></table></div>\n";
}

std::vector<std::string> latencies(const telemetry::HistogramSnapshot& latency) {
  std::vector<std::string> out;
  for (const double q : {0.5, 0.9, 0.99, 0.999}) out.push_back(latency_text(latency.quantile(q)));
  return out;
}

std::string stages(const Report& report) {
  if (report.plan.stages.size() < 2) return {};
  std::string rows;
  for (std::size_t i = 0; i < report.plan.stages.size(); ++i) {
    const Stage& stage = report.plan.stages[i];
    const Slot& slot = report.figures.stages[i];
    auto cells = latencies(slot.latency);
    const double length = static_cast<double>(stage.length) / static_cast<double>(kSecond);
    cells.insert(cells.begin(), rounded(static_cast<double>(slot.good) / length));
    cells.push_back(with_thousands(slot.failed));
    rows += row(rounded(stage.rate), cells);
  }
  return "<h2>Steps</h2>\n" + table({"asked/s", "answered/s", "p50", "p90", "p99", "p99.9", "failed"}, rows);
}

std::string answers(const Report& report) {
  std::string routes, outcomes;
  std::array<std::uint64_t, kStatuses> statuses{};
  for (const Share& share : report.plan.mix) {
    const RouteFigures& route = report.figures.routes[static_cast<std::size_t>(share.route)];
    auto cells = latencies(route.latency);
    cells.insert(cells.begin(), with_thousands(route.answers()));
    routes += row(share.where(), cells);
    for (std::size_t i = 0; i < kStatuses; ++i) statuses[i] += route.statuses[i];
  }
  for (std::size_t i = 0; i < kStatuses; ++i) {
    if (statuses[i] > 0) outcomes += row("answered " + std::to_string(i), {with_thousands(statuses[i])});
  }
  constexpr std::array<std::string_view, kFailures> kWords{"no connection",    "closed by the server before its answer",
                                                           "connection broke", "no answer in time",
                                                           "no valid answer",  "due and never sent"};
  for (std::size_t i = 0; i < kFailures; ++i) {
    const auto count = report.figures.failures[i];
    if (count > 0) outcomes += row(std::string(kWords[i]), {with_thousands(count)});
  }
  return "<h2>Answers</h2>\n<div class=\"pair results\">\n" +
         table({"route", "answers", "p50", "p90", "p99", "p99.9"}, routes) + table({"outcome", "requests"}, outcomes) +
         "</div>\n";
}

std::string making(const Report& report) {
  const LoadPlan& plan = report.plan;
  const Figures& figures = report.figures;
  const auto text = [](Nanoseconds time) { return latency_text(static_cast<double>(time)); };
  std::string rows;
  rows += row("how", {plan_text(plan)});
  rows += row("measured", {text(figures.measured) + ", after a warm-up of " + text(plan.warmup)});
  rows += row("timeout", {text(plan.timeout)});
  rows += row("connections made", {with_thousands(figures.connections)});
  rows += row("bytes out and in", {with_unit(static_cast<double>(figures.bytes_sent), "B") + ", " +
                                   with_unit(static_cast<double>(figures.bytes_received), "B")});
  rows += row("generator", {fmt::format("{} {}, the busiest at {:.0f} % of a core", plan.threads,
                                        plan.threads == 1 ? "thread" : "threads",
                                        100 * figures.generator_seconds / std::max(figures.wall_seconds, 1e-9))});
  return "<h2>How it was measured</h2>\n" + table({"", ""}, rows);
}

}  // namespace

std::string report_html(const Report& report) {
  std::string out =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Load on ";
  out += escape_html(report.url) + " · Vigie</title>\n<style>";
  out += model::kCardStyle;
  // The drawings come in two languages; this page has one.
  out +=
      "[lang=fr]{display:none}.tile dd{font-size:24px;white-space:nowrap}.tile "
      "small{white-space:normal}</style>\n</head>\n<body>\n<div class=\"page\">\n<header><p class=\"eyebrow\">Load "
      "report</p><h1>";
  out += escape_html(report.url) + "</h1><p class=\"lead\">" + escape_html(plan_text(report.plan)) + ". " +
         escape_html(moment(report.started)) + "</p></header>\n<main>\n";
  out += tiles(report);
  for (const std::string& remark : remarks(report))
    out += "<p><strong>Note.</strong> " + escape_html(remark) + "</p>\n";
  out += "<h2>Latency</h2>\n<div class=\"pair\">\n" + percentiles(report) + "</div>\n";
  out += "<h2>Over time</h2>\n" + over_time(report) + stages(report) + answers(report) + making(report);
  out += "</main>\n<footer>Made by vigie " + std::string(kVersion) + ". Latencies are those of good answers";
  out += report.plan.open_loop() ? ", from the moment each request was due.</footer>\n"
                                 : ", from the moment each request was sent.</footer>\n";
  return out + "</div>\n</body>\n</html>\n";
}

}  // namespace vigie::load
