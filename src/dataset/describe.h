// What is in a table: one summary a column, and the balance of classes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "base/result.h"
#include "dataset/table.h"

namespace vigie::dataset {

inline constexpr std::array<double, 9> kQuantiles = {0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1};
inline constexpr std::size_t kHistogramBins = 20;

struct DescribeOptions {
  std::string label{};                   // a column whose values are classes; empty: none
  std::string weights{};                 // a number column, no value missing or negative; empty: every row weighs 1
  std::size_t distinct_limit = 100'000;  // distinct values are counted exactly up to here
  std::size_t top_values = 10;
};

// Moments are seconds since 1970-01-01 UTC here. Every figure but `minimum` and `maximum` is weighted.
struct NumberSummary {
  double minimum = 0;
  double maximum = 0;
  double mean = 0;
  double deviation = 0;  // sample, n - 1 (weights: reliability form with sum of weights - 1 as denominator)
  // Without weights linear between order statistics (numpy's default); with weights the least value whose cumulated
  // weight reaches the share.
  std::array<double, kQuantiles.size()> quantiles{};
  std::array<double, kHistogramBins> histogram{};  // weight in equal bins from minimum to maximum, last one closed
};

struct ColumnSummary {
  std::string name;
  ColumnType type = ColumnType::kNumber;
  std::uint64_t count = 0;  // values, missing ones apart
  std::uint64_t missing = 0;
  std::uint64_t distinct = 0;
  bool distinct_is_exact = true;           // false: at least `distinct`
  std::optional<NumberSummary> numbers{};  // not for text, nor where there is no value
  std::vector<std::pair<std::string, double>>
      top{};  // text and weight, heaviest first, ties by text; text columns only
};

struct ClassShare {
  std::string value;  // "" is missing
  std::uint64_t rows = 0;
  double weight = 0;
  double share = 0;  // of the weight
};

struct Description {
  std::uint64_t rows = 0;
  double weight = 0;  // sum of weights; the rows where there are none
  std::vector<ColumnSummary> columns;
  std::string label{};
  std::vector<ClassShare> classes{};  // by value: numbers ascending, texts in byte order

  void write_json(JsonWriter& json) const;
  std::string to_text() const;  // a table with small histograms, for people
};

// Errors (kInvalidArgument): an unknown label or weight column, weights that are not usable, more than 100 classes.
Result<Description> describe(const Table& table, const DescribeOptions& options = {});

}  // namespace vigie::dataset
