// Metrics as text: Prometheus 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/) or OpenMetrics 1.0.0
// (RFC draft, https://prometheus.io/docs/specs/om/open_metrics_spec/). One pass, one string.
//
//   Exposition text(TextFormat::kOpenMetrics);
//   text.counter("vigie_http_requests", "Requests answered.").sample({{"route", "predict"}}, 12);
//   text.histogram("vigie_http_request_duration_seconds", "...").sample({}, snapshot);
//   std::move(text).finish()
//
// Names are given without `_total`, in base units, and with the unit last: "..._seconds", "..._bytes". A family is
// opened once, and all its samples follow it. The caller keeps names valid and label sets distinct.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "telemetry/histogram.h"

namespace vigie::telemetry {

enum class TextFormat : std::uint8_t { kPrometheus, kOpenMetrics };

// "text/plain; version=0.0.4; charset=utf-8"
std::string_view content_type(TextFormat format);

struct Label {
  std::string_view name;
  std::string_view value;  // UTF-8; escaped here
};
using Labels = std::initializer_list<Label>;

// The bounds of histograms as text: 2^kFirstBound to 2^kLastBound nanoseconds (2 microseconds to 17 seconds), doubling.
inline constexpr int kFirstBound = 11;
inline constexpr int kLastBound = 34;

class Exposition {
 public:
  explicit Exposition(TextFormat format) : format_(format) {}

  Exposition& counter(std::string_view name, std::string_view help) { return family(name, "counter", "_total", help); }
  Exposition& gauge(std::string_view name, std::string_view help) { return family(name, "gauge", "", help); }
  Exposition& histogram(std::string_view name, std::string_view help) { return family(name, "histogram", "", help); }

  Exposition& sample(Labels labels, std::uint64_t value);
  Exposition& sample(Labels labels, double value);
  Exposition& sample(Labels labels, const HistogramSnapshot& snapshot);

  std::string finish() &&;

 private:
  Exposition& family(std::string_view name, std::string_view type, std::string_view suffix, std::string_view help);
  void begin_sample(std::string_view suffix, Labels labels, std::string_view bound = {});

  TextFormat format_;
  std::string name_;    // of the open family
  std::string suffix_;  // of its plain samples
  std::string out_;
};

}  // namespace vigie::telemetry
