#include "dataset/describe.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <unordered_set>
#include <utility>

namespace vigie::dataset {
namespace {

constexpr std::size_t kMostClasses = 100;
constexpr double kMicroseconds = 1e6;

// Values that are there, with their weights, ascending by value.
struct Weighed {
  std::vector<double> values{};
  std::vector<double> weights{};  // empty: all 1
  double total = 0;
};

Weighed weigh(const Column& column, std::span<const double> weights) {
  std::vector<std::pair<double, double>> pairs;
  pairs.reserve(column.size());
  for (std::size_t row = 0; row < column.size(); ++row) {
    if (column.missing(row)) continue;
    double value = 0;
    switch (column.type()) {
      case ColumnType::kNumber: value = column.numbers()[row]; break;
      case ColumnType::kTimestamp: value = static_cast<double>(column.integers()[row]) / kMicroseconds; break;
      default: value = static_cast<double>(column.integers()[row]);
    }
    pairs.emplace_back(value, weights.empty() ? 1.0 : weights[row]);
  }
  std::ranges::sort(pairs);
  Weighed weighed;
  weighed.values.reserve(pairs.size());
  for (const auto& [value, weight] : pairs) {
    weighed.values.push_back(value);
    if (!weights.empty()) weighed.weights.push_back(weight);
    weighed.total += weight;
  }
  return weighed;
}

double quantile(const Weighed& data, double share) {
  const auto& values = data.values;
  if (data.weights.empty()) {
    const double at = share * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(at);
    const std::size_t above = std::min(below + 1, values.size() - 1);
    return values[below] + (values[above] - values[below]) * (at - static_cast<double>(below));
  }
  const double wanted = share * data.total;
  double reached = 0;
  std::size_t last = 0;  // the last value that weighs something
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (data.weights[i] == 0) continue;
    last = i;
    reached += data.weights[i];
    if (reached >= wanted) return values[i];
  }
  return values[last];
}

NumberSummary summarize(const Weighed& data) {
  NumberSummary out;
  const auto weight = [&](std::size_t i) { return data.weights.empty() ? 1.0 : data.weights[i]; };
  out.minimum = data.values.front();
  out.maximum = data.values.back();
  double sum = 0;
  for (std::size_t i = 0; i < data.values.size(); ++i) sum += weight(i) * data.values[i];
  out.mean = data.total > 0 ? sum / data.total : 0;
  double squares = 0;
  const double width = (out.maximum - out.minimum) / static_cast<double>(kHistogramBins);
  for (std::size_t i = 0; i < data.values.size(); ++i) {
    const double off = data.values[i] - out.mean;
    squares += weight(i) * off * off;
    const double bin = width > 0 ? (data.values[i] - out.minimum) / width : 0;
    out.histogram[std::min(static_cast<std::size_t>(bin), kHistogramBins - 1)] += weight(i);
  }
  out.deviation = data.total > 1 ? std::sqrt(squares / (data.total - 1)) : 0;
  for (std::size_t i = 0; i < kQuantiles.size(); ++i) out.quantiles[i] = quantile(data, kQuantiles[i]);
  return out;
}

// Distinct values of ascending ones, counted up to the limit.
void count_distinct(ColumnSummary& out, std::span<const double> ascending, std::size_t limit) {
  for (std::size_t i = 0; i < ascending.size() && out.distinct_is_exact; ++i) {
    if (i > 0 && ascending[i] == ascending[i - 1]) continue;
    if (out.distinct == limit) {
      out.distinct_is_exact = false;
    } else {
      ++out.distinct;
    }
  }
}

void count_texts(ColumnSummary& out, const TextColumn& text, std::span<const double> weights,
                 const DescribeOptions& options) {
  std::vector<double> heavy(text.dictionary().size());
  std::vector<bool> used(heavy.size());
  for (std::size_t row = 0; row < text.codes().size(); ++row) {
    if (text.codes()[row] == kMissingText) continue;
    const auto code = static_cast<std::size_t>(text.codes()[row]);
    heavy[code] += weights.empty() ? 1.0 : weights[row];
    used[code] = true;
  }
  for (std::size_t code = 0; code < heavy.size(); ++code) {
    if (used[code]) out.top.emplace_back(text.dictionary()[code], heavy[code]);
  }
  out.distinct = std::min(out.top.size(), options.distinct_limit);
  out.distinct_is_exact = out.top.size() <= options.distinct_limit;
  const auto kept = static_cast<std::ptrdiff_t>(std::min(options.top_values, out.top.size()));
  std::ranges::partial_sort(out.top, out.top.begin() + kept, [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  out.top.resize(static_cast<std::size_t>(kept));
}

Result<std::vector<double>> weights_of(const Table& table, const std::string& name) {
  if (name.empty()) return std::vector<double>();
  const Column* const column = table.find(name);
  const Place place{.field = name};
  if (column == nullptr) return fail(Code::kInvalidArgument, "there is no such column", place, "check the spelling");
  auto weights = VIGIE_TRY(column->to_numbers());
  double total = 0;
  for (std::size_t row = 0; row < weights.size(); ++row) {
    if (!(weights[row] >= 0) || std::isinf(weights[row])) {
      return fail(Code::kInvalidArgument, fmt::format("the weight in data row {} is missing or negative", row + 1),
                  place, "give every row a weight of at least 0");
    }
    total += weights[row];
  }
  if (!(total > 0)) return fail(Code::kInvalidArgument, "all weights are 0", place, "give some row a weight above 0");
  return weights;
}

Result<std::vector<ClassShare>> classes_of(const Table& table, const std::string& name, std::span<const double> weights,
                                           double total) {
  std::vector<ClassShare> classes;
  if (name.empty()) return classes;
  const Column* const column = table.find(name);
  if (column == nullptr) {
    return fail(Code::kInvalidArgument, "there is no such column", {.field = name}, "check the spelling of the label");
  }
  const bool is_text = column->type() == ColumnType::kText;
  std::map<std::pair<double, std::string>, ClassShare> found;  // numbers by value, texts by their bytes
  std::string text;
  for (std::size_t row = 0; row < column->size(); ++row) {
    text.clear();
    column->append_text(row, text);
    double value = 0;
    if (!is_text && !column->missing(row)) {
      value =
          column->type() == ColumnType::kNumber ? column->numbers()[row] : static_cast<double>(column->integers()[row]);
      if (value == 0) text = "0";
    } else if (!is_text) {
      value = -HUGE_VAL;  // missing comes first
    }
    ClassShare& share = found[{value, text}];
    share.value = text;
    ++share.rows;
    share.weight += weights.empty() ? 1.0 : weights[row];
    if (found.size() > kMostClasses) {
      return fail(Code::kInvalidArgument, fmt::format("more than {} different values: no label", kMostClasses),
                  {.field = name}, "name the column that holds the outcome");
    }
  }
  for (auto& [key, share] : found) {
    share.share = share.weight / total;
    classes.push_back(std::move(share));
  }
  return classes;
}

}  // namespace

Result<Description> describe(const Table& table, const DescribeOptions& options) {
  const auto weights = VIGIE_TRY(weights_of(table, options.weights));
  Description out;
  out.rows = table.rows();
  out.weight =
      weights.empty() ? static_cast<double>(table.rows()) : std::accumulate(weights.begin(), weights.end(), 0.0);
  out.label = options.label;
  out.classes = VIGIE_TRY(classes_of(table, options.label, weights, out.weight));
  for (const auto& column : table.columns()) {
    ColumnSummary& summary = out.columns.emplace_back();
    summary.name = column.name();
    summary.type = column.type();
    summary.missing = column.missing_count();
    summary.count = table.rows() - summary.missing;
    if (column.type() == ColumnType::kText) {
      count_texts(summary, column.text(), weights, options);
      continue;
    }
    const Weighed data = weigh(column, weights);
    count_distinct(summary, data.values, options.distinct_limit);
    if (!data.values.empty()) summary.numbers = summarize(data);
  }
  return out;
}

}  // namespace vigie::dataset
