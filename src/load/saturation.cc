#include "load/saturation.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/number.h"
#include "load/report.h"

namespace vigie::load {
namespace {

constexpr std::uint32_t kMostConnections = 1024;
constexpr std::uint32_t kLeastTried = 32;  // so that a busy moment of a small machine does not end the search
constexpr double kWorthwhile = 1.03;
constexpr std::uint32_t kHalfConnections = 64;  // enough that a request due finds one idle, few enough to stay warm

}  // namespace

Result<Saturation> find_saturation(const LoadPlan& plan, Nanoseconds step, const Target& target,
                                   std::span<const Request> requests, const std::atomic<bool>& stop,
                                   Progress& progress) {
  Saturation found;
  LoadPlan closed = plan;
  closed.stages = {{.rate = 0, .length = step}};
  closed.warmup = step / 4;
  int without_gain = 0;
  for (std::uint32_t connections = 1; connections <= kMostConnections && !stop; connections *= 2) {
    if (connections < plan.threads) continue;
    closed.connections = connections;
    const Figures figures = VIGIE_TRY(run_load(closed, target, requests, stop, progress));
    const Saturation::Step now{.connections = connections,
                               .per_second = figures.per_second(),
                               .p99 = figures.latency.quantile(0.99),
                               .failed = figures.failed() + figures.refused()};
    found.steps.push_back(now);
    without_gain = now.per_second > found.best.per_second * kWorthwhile ? 0 : without_gain + 1;
    if (now.per_second > found.best.per_second) found.best = now;
    if (connections >= kLeastTried && without_gain >= 2) break;
  }
  if (found.best.per_second < 1) {
    return fail(Code::kFailedPrecondition, "the server refuses these requests", {.field = "--find-saturation"},
                "try them without --find-saturation, and see the statuses");
  }
  LoadPlan half = plan;
  half.pipeline = 1;
  half.connections = std::max(kHalfConnections, found.best.connections);
  half.stages = {{.rate = found.best.per_second / 2, .length = plan.length()}};
  Figures figures = VIGIE_TRY(run_load(half, target, requests, stop, progress));
  found.half = {.plan = half, .url = target.url, .figures = std::move(figures)};
  return found;
}

std::string saturation_text(const Saturation& saturation) {
  std::string text = fmt::format("  {:>12} {:>14} {:>12} {:>10}\n", "connections", "good answers/s", "p99", "failed");
  for (const Saturation::Step& step : saturation.steps) {
    text += fmt::format("  {:>12} {:>14} {:>12} {:>10}\n", with_thousands(step.connections), rounded(step.per_second),
                        latency_text(step.p99), with_thousands(step.failed));
  }
  text += fmt::format("\nSaturation: {} requests/s, with {} connections. At half of that:\n\n",
                      rounded(saturation.best.per_second), with_thousands(saturation.best.connections));
  return text + report_text(saturation.half);
}

std::string saturation_json(const Saturation& saturation) {
  const auto write_step = [](JsonWriter& json, const Saturation::Step& step) {
    json.member("connections", step.connections).member("requests_per_s", step.per_second);
    json.member("p99_ms", step.p99 * 1e-6).member("failed", step.failed);
  };
  JsonWriter json(2);
  json.begin_object().key("saturation").begin_object();
  write_step(json, saturation.best);
  json.key("steps").begin_array();
  for (const Saturation::Step& step : saturation.steps) {
    write_step(json.begin_object(), step);
    json.end_object();
  }
  json.end_array().end_object().key("half");
  write_report(json, saturation.half);
  json.end_object();
  return std::move(json).text() + "\n";
}

}  // namespace vigie::load
