#include "dataset/clean.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "base/number.h"
#include "dataset/column_builder.h"

namespace vigie::dataset {
namespace {

// A cell as 64 bits that are equal exactly where the values are.
std::uint64_t bits_of(const Column& column, std::size_t row) {
  switch (column.type()) {
    case ColumnType::kNumber: {
      const double value = column.numbers()[row];
      if (value != value) return ~std::uint64_t{0};
      return std::bit_cast<std::uint64_t>(value == 0 ? 0.0 : value);
    }
    case ColumnType::kText: return static_cast<std::uint64_t>(column.text().codes()[row]);
    default: return static_cast<std::uint64_t>(column.integers()[row]);
  }
}

std::vector<std::uint64_t> hashes_of(const Table& table) {
  std::vector<std::uint64_t> hashes(table.rows(), 0x9E3779B97F4A7C15ull);
  for (const auto& column : table.columns()) {
    for (std::size_t row = 0; row < hashes.size(); ++row) {
      std::uint64_t h = hashes[row] ^ bits_of(column, row);
      h = (h ^ (h >> 32)) * 0xD6E8FEB86659FD93ull;
      hashes[row] = (h ^ (h >> 32)) * 0xD6E8FEB86659FD93ull;
    }
  }
  return hashes;
}

bool equal_rows(const Table& table, std::size_t a, std::size_t b) {
  return std::ranges::all_of(table.columns(),
                             [&](const Column& column) { return bits_of(column, a) == bits_of(column, b); });
}

// The rows that no earlier row equals, ascending.
std::vector<std::uint32_t> first_of_each(const Table& table) {
  const auto hashes = hashes_of(table);
  std::unordered_multimap<std::uint64_t, std::uint32_t> seen;
  seen.reserve(table.rows());
  std::vector<std::uint32_t> kept;
  for (std::uint32_t row = 0; row < table.rows(); ++row) {
    const auto [begin, end] = seen.equal_range(hashes[row]);
    const bool known = std::any_of(begin, end, [&](const auto& entry) { return equal_rows(table, entry.second, row); });
    if (known) continue;
    seen.emplace(hashes[row], row);
    kept.push_back(row);
  }
  return kept;
}

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  if (values.size() % 2 == 1) return *middle;
  return std::midpoint(*std::max_element(values.begin(), middle), *middle);
}

// The value that fills a column's gaps, as a one-row column of its type.
Result<Column> filling(const Column& column, const MissingRule& rule) {
  if (rule.action == MissingAction::kConstant) {
    ColumnBuilder builder(column.name(), column.type(), true);
    if (!builder.append(rule.constant, MissingTokens(std::vector<std::string>{}), true)) {
      return fail(Code::kInvalidArgument, "the constant does not fit: " + why_not(rule.constant, column.type()),
                  {.field = column.name()}, "give a constant that the column could hold");
    }
    return std::move(builder).finish();
  }
  const Place place{.field = column.name()};
  if (column.type() == ColumnType::kText) {
    return fail(Code::kInvalidArgument, "text has no median", place, "choose drop or constant=VALUE for this column");
  }
  if (column.missing_count() == column.size()) {
    return fail(Code::kInvalidData, "every value is missing: there is no median", place,
                "choose constant=VALUE for this column, or leave it out");
  }
  if (column.type() == ColumnType::kNumber) {
    std::vector<double> values;
    std::ranges::copy_if(column.numbers(), std::back_inserter(values), [](double value) { return value == value; });
    return Column(column.name(), std::vector<double>{median_of(std::move(values))});
  }
  std::vector<std::int64_t> values;
  std::ranges::copy_if(column.integers(), std::back_inserter(values),
                       [](std::int64_t value) { return value != kMissingInteger; });
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::ranges::nth_element(values, middle);
  return Column(column.name(), column.type(), std::vector<std::int64_t>{*middle});
}

void fill(Column& column, const Column& with) {
  switch (column.type()) {
    case ColumnType::kNumber:
      std::ranges::replace_if(column.mutable_numbers(), [](double value) { return value != value; }, with.numbers()[0]);
      break;
    case ColumnType::kText: {
      TextColumn filled;
      for (std::size_t row = 0; row < column.size(); ++row) {
        filled.append(column.missing(row) ? with.text().at(0) : column.text().at(row));
      }
      column.mutable_text() = std::move(filled);
      break;
    }
    default: std::ranges::replace(column.mutable_integers(), kMissingInteger, with.integers()[0]);
  }
}

// The rule of every column that is looked at, in table order.
Result<std::vector<std::pair<std::string, MissingRule>>> rules_of(const Table& table, const CleanOptions& options) {
  const auto known = [&](const std::string& name) -> Status {
    if (table.find(name) != nullptr) return {};
    return fail(Code::kInvalidArgument, "there is no such column", {.field = name}, "check the spelling of the column");
  };
  for (const auto& name : options.columns) VIGIE_TRY(known(name));
  for (const auto& [name, rule] : options.overrides) VIGIE_TRY(known(name));
  std::vector<std::pair<std::string, MissingRule>> rules;
  for (const auto& column : table.columns()) {
    const auto own = std::ranges::find(options.overrides, column.name(), &std::pair<std::string, MissingRule>::first);
    if (own != options.overrides.end()) {
      rules.push_back(*own);
    } else if (options.columns.empty() || std::ranges::find(options.columns, column.name()) != options.columns.end()) {
      rules.emplace_back(column.name(), options.missing);
    }
  }
  return rules;
}

Status refuse_missing(const Column& column) {
  std::size_t row = 0;
  while (!column.missing(row)) ++row;
  return fail(Code::kInvalidData,
              fmt::format("{} of {} values missing, the first in data row {}", with_thousands(column.missing_count()),
                          with_thousands(column.size()), row + 1),
              {.field = column.name()}, "choose what to do about missing values: drop, median or constant=VALUE");
}

}  // namespace

std::string_view to_string(MissingAction action) {
  switch (action) {
    case MissingAction::kError: return "error";
    case MissingAction::kDrop: return "drop";
    case MissingAction::kMedian: return "median";
    case MissingAction::kConstant: return "constant";
  }
  return "error";
}

Result<MissingRule> parse_missing_rule(std::string_view text) {
  constexpr std::string_view kConstant = "constant=";
  if (text == "error") return MissingRule{.action = MissingAction::kError};
  if (text == "drop") return MissingRule{.action = MissingAction::kDrop};
  if (text == "median") return MissingRule{.action = MissingAction::kMedian};
  if (text.starts_with(kConstant)) {
    return MissingRule{.action = MissingAction::kConstant, .constant = std::string(text.substr(kConstant.size()))};
  }
  return fail(Code::kInvalidArgument, excerpt(text) + " is no rule for missing values", {},
              "use error, drop, median or constant=VALUE");
}

Result<Cleaned> clean(Table table, const CleanOptions& options) {
  const auto rules = VIGIE_TRY(rules_of(table, options));
  CleanReport report{.rows_in = table.rows()};
  const auto kept = first_of_each(table);
  report.duplicates = table.rows() - kept.size();
  if (options.duplicates == Duplicates::kDrop && report.duplicates > 0) {
    table = table.take(kept);
    report.duplicates_dropped = report.duplicates;
  }

  std::vector<bool> dropped(table.rows());
  std::vector<std::pair<Column*, Column>> fillings;
  for (const auto& [name, rule] : rules) {
    Column& column = *table.find(name);
    CleanedColumn& cleaned = report.columns.emplace_back(name, column.missing_count(), rule.action);
    if (cleaned.missing == 0) continue;
    switch (rule.action) {
      case MissingAction::kError: VIGIE_TRY(refuse_missing(column)); break;
      case MissingAction::kDrop:
        for (std::size_t row = 0; row < table.rows(); ++row) dropped[row] = dropped[row] || column.missing(row);
        break;
      default:
        fillings.emplace_back(&column, VIGIE_TRY(filling(column, rule)));
        fillings.back().second.append_text(0, cleaned.filled_with);
    }
  }
  for (auto& [column, with] : fillings) fill(*column, with);
  std::vector<std::uint32_t> left;
  for (std::uint32_t row = 0; row < table.rows(); ++row) {
    if (!dropped[row]) left.push_back(row);
  }
  report.rows_dropped = table.rows() - left.size();
  if (left.empty()) {
    return fail(Code::kInvalidData, "no row is left: each misses a value", {},
                "fill the gaps (median or constant=VALUE) instead of dropping rows");
  }
  if (report.rows_dropped > 0) table = table.take(left);
  report.rows_out = table.rows();
  return Cleaned{std::move(table), std::move(report)};
}

void CleanReport::write_json(JsonWriter& json) const {
  json.begin_object().member("rows_in", rows_in).member("rows_out", rows_out);
  json.member("duplicates", duplicates).member("duplicates_dropped", duplicates_dropped);
  json.member("rows_dropped", rows_dropped).key("columns").begin_array();
  for (const auto& column : columns) {
    json.begin_object().member("name", column.name).member("missing", column.missing);
    json.member("action", to_string(column.action));
    if (!column.filled_with.empty()) json.member("filled_with", column.filled_with);
    json.end_object();
  }
  json.end_array().end_object();
}

std::string CleanReport::to_text() const {
  std::string out = fmt::format("{} rows in, {} rows out\n", with_thousands(rows_in), with_thousands(rows_out));
  out += fmt::format("exact duplicates: {} ({} dropped)\n", with_thousands(duplicates),
                     with_thousands(duplicates_dropped));
  out += fmt::format("rows dropped for missing values: {}\n", with_thousands(rows_dropped));
  for (const auto& column : columns) {
    if (column.missing == 0) continue;
    out += fmt::format("  {}: {} missing, ", column.name, with_thousands(column.missing));
    out +=
        column.action == MissingAction::kDrop ? "rows dropped\n" : fmt::format("filled with {}\n", column.filled_with);
  }
  return out;
}

}  // namespace vigie::dataset
