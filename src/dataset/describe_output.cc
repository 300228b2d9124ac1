#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/clock.h"
#include "base/number.h"
#include "dataset/cell.h"
#include "dataset/describe.h"

namespace vigie::dataset {
namespace {

constexpr std::array<std::string_view, 8> kBars = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

// One character a bin; a bin with nothing in it is a blank, the fullest a whole block.
std::string bars(const NumberSummary& numbers) {
  const double most = std::ranges::max(numbers.histogram);
  std::string out;
  for (const double weight : numbers.histogram) {
    if (!(weight > 0)) {
      out += ' ';
      continue;
    }
    const auto height = static_cast<std::size_t>(std::ceil(weight / most * static_cast<double>(kBars.size())));
    out += kBars[std::clamp<std::size_t>(height, 1, kBars.size()) - 1];
  }
  return out;
}

std::string shown(double value, ColumnType type) {
  if (type == ColumnType::kTimestamp) {
    const std::chrono::microseconds since(static_cast<std::int64_t>(std::llround(value * 1e6)));
    return format_time(WallTime(since)).substr(0, 16);
  }
  return fmt::format("{:.4g}", value);
}

std::string cut(std::string_view text, std::size_t width) {
  std::size_t end = 0;
  std::size_t count = 0;
  for (; end < text.size(); ++end) {
    if ((text[end] & 0xC0) != 0x80 && count++ == width) break;
  }
  return end == text.size() ? std::string(text) : std::string(text.substr(0, end)) + "…";
}

}  // namespace

void Description::write_json(JsonWriter& json) const {
  json.begin_object().member("rows", rows).member("weight", weight).key("columns").begin_array();
  for (const auto& column : columns) {
    json.begin_object().member("name", column.name).member("type", to_string(column.type));
    json.member("count", column.count).member("missing", column.missing).member("distinct", column.distinct);
    json.member("distinct_is_exact", column.distinct_is_exact);
    if (column.numbers) {
      const NumberSummary& numbers = *column.numbers;
      json.member("minimum", numbers.minimum).member("maximum", numbers.maximum);
      json.member("mean", numbers.mean).member("deviation", numbers.deviation).key("quantiles").begin_object();
      for (std::size_t i = 0; i < kQuantiles.size(); ++i)
        json.member(format_double(kQuantiles[i]), numbers.quantiles[i]);
      json.end_object().key("histogram").values(std::span<const double>(numbers.histogram));
    }
    if (column.type == ColumnType::kText) {
      json.key("top").begin_array();
      for (const auto& [value, heavy] : column.top) {
        json.begin_object().member("value", value).member("weight", heavy).end_object();
      }
      json.end_array();
    }
    json.end_object();
  }
  json.end_array();
  if (!label.empty()) {
    json.member("label", label).key("classes").begin_array();
    for (const auto& one : classes) {
      json.begin_object().key("value");
      if (one.value.empty()) {
        json.null();
      } else {
        json.value(one.value);
      }
      json.member("rows", one.rows).member("weight", one.weight).member("share", one.share).end_object();
    }
    json.end_array();
  }
  json.end_object();
}

std::string Description::to_text() const {
  std::string out = with_thousands(rows) + " rows, " + std::to_string(columns.size()) + " columns\n\n";
  std::size_t width = 6;
  for (const auto& column : columns) width = std::max(width, std::min<std::size_t>(column.name.size(), 24));
  out += fmt::format("{:<{}}  {:<9} {:>9} {:>9} {:>10} {:>10} {:>10} {:>10} {:>10}  {}\n", "column", width, "type",
                     "missing", "distinct", "min", "median", "max", "mean", "std", "histogram or most frequent");
  for (const auto& column : columns) {
    const std::string distinct = (column.distinct_is_exact ? "" : ">") + std::to_string(column.distinct);
    out += fmt::format("{:<{}}  {:<9} {:>9} {:>9} ", cut(column.name, 24), width, to_string(column.type),
                       column.missing, distinct);
    if (column.numbers) {
      const NumberSummary& numbers = *column.numbers;
      const bool moments = column.type == ColumnType::kTimestamp;
      out +=
          fmt::format("{:>10} {:>10} {:>10} {:>10} {:>10}  {}\n", shown(numbers.minimum, column.type),
                      shown(numbers.quantiles[kQuantiles.size() / 2], column.type), shown(numbers.maximum, column.type),
                      shown(numbers.mean, column.type),
                      moments ? fmt::format("{:.4g} s", numbers.deviation) : fmt::format("{:.4g}", numbers.deviation),
                      bars(numbers));
      continue;
    }
    out += fmt::format("{:>54}  ", "");
    for (std::size_t i = 0; i < std::min<std::size_t>(column.top.size(), 3); ++i) {
      out += fmt::format("{}{} {:.1f} %", i == 0 ? "" : ", ", excerpt(cut(column.top[i].first, 20)),
                         100 * column.top[i].second / weight);
    }
    out += '\n';
  }
  if (!label.empty()) {
    out += "\nclasses of " + label + "\n";
    for (const auto& one : classes) {
      out += fmt::format("  {:<12} {:>12} rows  {:>9.4f} %\n", one.value.empty() ? "(missing)" : cut(one.value, 12),
                         with_thousands(one.rows), 100 * one.share);
    }
  }
  return out;
}

}  // namespace vigie::dataset
