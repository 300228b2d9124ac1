#include "telemetry/exposition.h"

#include "base/number.h"

namespace vigie::telemetry {
namespace {

void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quotes) {
      out += "\\\"";
    } else {
      out.push_back(c);
    }
  }
}

}  // namespace

std::string_view content_type(TextFormat format) {
  return format == TextFormat::kOpenMetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                            : "text/plain; version=0.0.4; charset=utf-8";
}

Exposition& Exposition::family(std::string_view name, std::string_view type, std::string_view suffix,
                               std::string_view help) {
  name_ = name;
  suffix_ = suffix;
  // OpenMetrics names the family; Prometheus has no families, and names the samples.
  const bool open = format_ == TextFormat::kOpenMetrics;
  const std::string described = open ? name_ : name_ + suffix_;
  out_.append("# HELP ").append(described).push_back(' ');
  append_escaped(out_, help, open);
  out_.append("\n# TYPE ").append(described).append(" ").append(type).push_back('\n');
  for (const std::string_view unit : {"seconds", "bytes"}) {
    if (open && name.ends_with(unit)) out_.append("# UNIT ").append(described).append(" ").append(unit) += '\n';
  }
  return *this;
}

void Exposition::begin_sample(std::string_view suffix, Labels labels, std::string_view bound) {
  out_.append(name_).append(suffix);
  char before = '{';
  const auto append_label = [&](std::string_view name, std::string_view value) {
    out_.push_back(before);
    before = ',';
    out_.append(name).append("=\"");
    append_escaped(out_, value, true);
    out_.push_back('"');
  };
  for (const Label& label : labels) append_label(label.name, label.value);
  if (!bound.empty()) append_label("le", bound);
  out_ += before == ',' ? "} " : " ";
}

Exposition& Exposition::sample(Labels labels, std::uint64_t value) {
  begin_sample(suffix_, labels);
  out_ += std::to_string(value);
  out_.push_back('\n');
  return *this;
}

Exposition& Exposition::sample(Labels labels, double value) {
  begin_sample(suffix_, labels);
  append_double(out_, value);
  out_.push_back('\n');
  return *this;
}

Exposition& Exposition::sample(Labels labels, const HistogramSnapshot& snapshot) {
  const std::string count = std::to_string(snapshot.count());
  for (int power = kFirstBound; power <= kLastBound; ++power) {
    begin_sample("_bucket", labels, format_double(static_cast<double>(std::uint64_t{1} << power) / 1e9));
    out_.append(std::to_string(snapshot.count_up_to_power_of_two(power))).push_back('\n');
  }
  begin_sample("_bucket", labels, "+Inf");
  out_.append(count).push_back('\n');
  begin_sample("_sum", labels);
  append_double(out_, snapshot.sum_seconds());
  out_.push_back('\n');
  begin_sample("_count", labels);
  out_.append(count).push_back('\n');
  return *this;
}

std::string Exposition::finish() && {
  if (format_ == TextFormat::kOpenMetrics) out_ += "# EOF\n";
  return std::move(out_);
}

}  // namespace vigie::telemetry
