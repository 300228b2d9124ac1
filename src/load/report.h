// What a run found, for people and for programs. docs/load.md says what the numbers mean.
#pragma once

#include <string>
#include <vector>

#include "base/json_writer.h"
#include "load/load_plan.h"
#include "load/measurements.h"
#include "load/target.h"

namespace vigie::load {

struct Report {
  LoadPlan plan;
  std::string url;
  std::string started{};   // RFC 3339
  bool unchecked = false;  // over TLS with whoever answered
  Figures figures{};
};

std::string report_text(const Report& report);
// One object; a run that was one of several stands in an object of its own.
void write_report(JsonWriter& json, const Report& report);
std::string report_json(const Report& report);
// One self-contained page: no scripts, nothing from outside.
std::string report_html(const Report& report);

// "12,346", and milliseconds of nanoseconds: how all reports say their figures.
std::string rounded(double value);
inline double milliseconds(double nanoseconds) { return nanoseconds * 1e-6; }
// "1.23 ms", "0.048 ms", "1.5 s".
std::string latency_text(double nanoseconds);
// What the numbers must be read with: that nobody knows whose they are, that the generator was busy, that requests were
// never sent, that answers were bad.
std::vector<std::string> remarks(const Report& report);
// "closed loop, 32 connections", "open loop, 1,000 to 20,000 requests/s in 10 steps".
std::string plan_text(const LoadPlan& plan);

}  // namespace vigie::load
