#include "training/credit_rows.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <map>
#include <optional>

#include "base/number.h"
#include "dataset/bytes.h"
#include "dataset/read.h"
#include "schema/applicant.h"

namespace vigie::training {
namespace {

using dataset::Column;
using dataset::ColumnType;
using dataset::Table;

constexpr std::size_t kMostNumberGroups = 20;
constexpr std::size_t kMostTexts = 1'000;  // names and addresses are no categories

std::unexpected<Error> refuse(std::string field, std::string message, std::string remedy) {
  return fail(Code::kInvalidArgument, std::move(message), {.field = std::move(field)}, std::move(remedy));
}

const schema::Field* applicant_field(std::string_view name) {
  const auto fields = schema::applicant_fields();
  const auto found = schema::find(fields, name);
  return found && fields[*found].type != schema::FieldType::kText ? &fields[*found] : nullptr;
}

std::string field_names() {
  std::string names;
  for (const schema::Field& field : schema::applicant_fields()) {
    if (field.type != schema::FieldType::kText) names += (names.empty() ? "" : ", ") + std::string(field.name);
  }
  return names;
}

// A field, and the field of an applicant that it is, if it is one.
struct Source {
  FieldSource from{};
  const schema::Field* field = nullptr;
};

Status check_mapping(const CreditReading& options) {
  std::vector<std::string_view> seen;
  const auto taken = [&](std::string_view name) {
    const bool there = std::ranges::find(seen, name) != seen.end();
    seen.push_back(name);
    return there;
  };
  for (const FieldSource& source : options.map) {
    if (applicant_field(source.field) == nullptr) {
      return refuse("map", "\"" + source.field + "\" is no field of an applicant", "the fields are " + field_names());
    }
    if (source.column == options.target) {
      return refuse("map", source.column + " is what is to be learnt", "map another column to " + source.field);
    }
    if (taken(source.field)) return refuse("map", source.field + " is mapped twice", "give it one column");
    if (!(source.factor > 0) || !std::isfinite(source.factor)) {
      return refuse("map", "the factor of " + source.field + " is not above 0",
                    "write it as in revenu=MonthlyIncome*12");
    }
  }
  for (const std::string& name : options.extra) {
    if (taken(name)) return refuse("extra", name + " is a field already", "name it once");
    if (name == options.target) return refuse("extra", name + " is what is to be learnt", "leave it out");
  }
  return {};
}

Result<Table> read(const std::filesystem::path& path, const CreditReading& options, std::uint64_t& rejected,
                   Progress& progress) {
  dataset::ReadOptions reading{.delimiter = options.delimiter, .header = options.header, .threads = options.threads};
  if (!options.map.empty() || !options.extra.empty()) {
    for (const FieldSource& source : options.map) reading.columns.push_back(source.column);
    for (const std::string& name : options.extra) reading.columns.push_back(name);
    for (const std::string& name : options.fairness) reading.columns.push_back(name);
    reading.columns.push_back(options.target);
  }
  auto got = VIGIE_TRY(dataset::read_table(path, reading, progress));
  rejected = got.rejected;
  return std::move(got.table);
}

// A value of the target, and how many rows have it.
struct TargetValue {
  std::string text{};
  std::optional<double> number{};  // nothing in a column of texts
  std::uint64_t rows = 0;

  // A number may be written in other ways than the file has it.
  bool is(const std::string& given) const { return number ? parse_double(given) == number : text == given; }
};

constexpr std::size_t kMostListed = 10;

std::string list_of(std::span<const TargetValue> values) {
  std::string out;
  for (const TargetValue& value : values.first(std::min(values.size(), kMostListed))) {
    out += (out.empty() ? "" : ", ") + value.text + " (" + with_thousands(value.rows) +
           (out.empty() ? (value.rows == 1 ? " row)" : " rows)") : ")");
  }
  if (values.size() > kMostListed) out += " and " + with_thousands(values.size() - kMostListed) + " others";
  return out;
}

// The target as places among its values; -1 where a row does not say.
struct TargetColumn {
  std::vector<TargetValue> values{};
  std::vector<std::int32_t> of{};
};

TargetColumn target_of(const Column& column) {
  TargetColumn out;
  out.of.assign(column.size(), -1);
  std::map<double, std::int32_t> places;
  const bool texts = column.type() == ColumnType::kText;
  if (texts) {
    for (const auto& name : column.text().dictionary()) out.values.push_back({.text = std::string(name)});
  }
  for (std::size_t row = 0; row < column.size(); ++row) {
    if (column.missing(row)) continue;
    std::int32_t place = 0;
    if (texts) {
      place = column.text().codes()[row];
      if (out.values[static_cast<std::size_t>(place)].text.empty()) continue;  // an empty text says nothing
    } else {
      const double number =
          column.type() == ColumnType::kNumber ? column.numbers()[row] : static_cast<double>(column.integers()[row]);
      const auto [found, is_new] = places.emplace(number, static_cast<std::int32_t>(out.values.size()));
      if (is_new) out.values.push_back({.text = format_double(number), .number = number});
      place = found->second;
    }
    out.of[row] = place;
    ++out.values[static_cast<std::size_t>(place)].rows;
  }
  return out;
}

// Which rows say whether they defaulted, and what.
struct Outcomes {
  std::vector<std::uint32_t> rows{};
  std::vector<std::uint8_t> labels{};
  std::uint64_t indeterminate = 0;
  std::optional<std::string> note{};
};

Result<Outcomes> outcomes(const Table& table, const CreditReading& options, const std::string& file) {
  const auto refused = [&](std::string message, std::string remedy) {
    return fail(Code::kInvalidData, std::move(message), {.file = file, .field = "target"}, std::move(remedy));
  };
  const Column* const column = table.find(options.target);
  if (column == nullptr) {
    return refused("there is no column \"" + options.target + "\"", "name the column that says who defaulted");
  }
  const TargetColumn target = target_of(*column);
  const auto rows_with = [&](const std::string& given) {
    std::uint64_t rows = 0;
    for (const TargetValue& value : target.values) rows += value.is(given) ? value.rows : 0;
    return rows;
  };
  for (const std::string& good : options.good) {
    if (good == options.bad) return refuse("good", good + " is who defaulted", "name the values of who repaid");
    if (rows_with(good) == 0)
      return refused("no row has " + options.target + " = " + good, "give --good values that are there");
  }
  std::vector<TargetValue> present;
  std::ranges::copy_if(target.values, std::back_inserter(present),
                       [](const TargetValue& value) { return value.rows > 0; });
  std::ranges::stable_sort(present, std::greater<>(), &TargetValue::rows);
  const std::uint64_t defaults = rows_with(options.bad);
  if (defaults == 0) {
    return refused("no row has " + options.target + " = " + options.bad,
                   "say which value means a default: COLUMN=VALUE");
  }
  if (present.size() == 1) {
    return refused("every row has " + options.target + " = " + options.bad,
                   "say which value means a default: COLUMN=VALUE");
  }
  if (options.good.empty() && present.size() > 2) {
    return refused(
        options.target + " has more than two values: " + list_of(present),
        "say which ones mean repaid, as in --good " +
            std::ranges::find_if(present, [&](const TargetValue& value) { return !value.is(options.bad); })->text +
            "; rows of the others are then left out as indeterminate");
  }
  Outcomes out;
  std::vector<std::optional<std::uint8_t>> labels;
  std::vector<TargetValue> others;
  for (const TargetValue& value : target.values) {
    const bool bad = value.is(options.bad);
    const bool good = options.good.empty() ||
                      std::ranges::any_of(options.good, [&](const std::string& one) { return value.is(one); });
    labels.push_back(bad ? std::optional<std::uint8_t>(1) : good ? std::optional<std::uint8_t>(0) : std::nullopt);
    if (labels.back() || value.rows == 0) continue;
    others.push_back(value);
    out.indeterminate += value.rows;
  }
  for (std::size_t row = 0; row < target.of.size(); ++row) {
    if (target.of[row] < 0) continue;
    const auto& label = labels[static_cast<std::size_t>(target.of[row])];
    if (!label) continue;
    out.rows.push_back(static_cast<std::uint32_t>(row));
    out.labels.push_back(*label);
  }
  if (out.indeterminate > 0) {
    std::ranges::stable_sort(others, std::greater<>(), &TargetValue::rows);
    out.note = with_thousands(out.indeterminate) +
               " rows are left out as indeterminate, neither repaid nor in default: " + options.target + " = " +
               list_of(others);
  }
  return out;
}

// What is mapped, or every field whose name is a column's; then the extra columns.
Result<std::vector<Source>> sources_of(const Table& table, const CreditReading& options, const std::string& file) {
  std::vector<Source> sources;
  for (const FieldSource& from : options.map) sources.push_back({from, applicant_field(from.field)});
  for (const std::string& name : options.extra) sources.push_back({{.field = name, .column = name}, nullptr});
  if (!sources.empty()) return sources;
  for (const schema::Field& field : schema::applicant_fields()) {
    if (applicant_field(field.name) == nullptr || table.find(field.name) == nullptr) continue;
    const std::string name(field.name);
    sources.push_back({{.field = name, .column = name}, &field});
  }
  if (!sources.empty()) return sources;
  return fail(Code::kInvalidData, "none of its columns has the name of a field", {.file = file, .field = "map"},
              "say which column plays which field (FIELD=COLUMN); the fields are " + field_names());
}

Result<CreditColumn> take_column(const Table& table, const Source& from, const std::string& file) {
  const auto& [source, field] = from;
  const Column* const column = table.find(source.column);
  if (column == nullptr) {
    return fail(Code::kInvalidData, "there is no column \"" + source.column + "\"",
                {.file = file, .field = source.field}, "map a column that the file has");
  }
  CreditColumn out{.field = {.name = source.field, .column = source.column, .factor = source.factor}};
  if (column->type() == ColumnType::kTimestamp || (field != nullptr && column->type() == ColumnType::kText)) {
    return fail(Code::kInvalidData, "the column " + source.column + " is not numbers",
                {.file = file, .field = source.field}, "map another column to it, or leave it out");
  }
  if (column->type() == ColumnType::kText) {
    const auto names = column->text().dictionary();
    if (names.size() > kMostTexts) {
      return fail(Code::kInvalidData,
                  "the column " + source.column + " has " + with_thousands(names.size()) + " different texts",
                  {.file = file, .field = source.field}, "give a column of at most 1,000 categories, or leave it out");
    }
    // An empty text says nothing: it is not known.
    for (const std::int32_t code : column->text().codes()) {
      const bool known = code != dataset::kMissingText && !names[static_cast<std::size_t>(code)].empty();
      out.values.push_back(known ? code : dataset::kMissingNumber);
    }
    out.names.assign(names.begin(), names.end());
    return out;
  }
  out.values = VIGIE_TRY(column->to_numbers());
  for (double& value : out.values) value *= source.factor;
  return out;
}

// Where nobody would accept the opposite: more income or fewer unpaid debts must not cost points.
std::optional<model::Trend> usual_trend(const schema::Field* field) {
  const auto fields = schema::applicant_fields();
  if (field == &fields[schema::kRevenu]) return model::Trend::kFalling;
  if (field == &fields[schema::kImpayes]) return model::Trend::kRising;
  return std::nullopt;
}

// Values that a request may not have.
std::size_t forget_refused(CreditColumn& column, const schema::Field& field) {
  std::size_t forgotten = 0;
  for (double& value : column.values) {
    if (std::isnan(value) || schema::accepts(field, value)) continue;
    if (std::ranges::find(column.special, value) != column.special.end()) continue;
    value = dataset::kMissingNumber;
    ++forgotten;
  }
  return forgotten;
}

// Special values and the trend, as the options have them for the field.
Status mark(CreditColumn& column, const Source& source, const CreditReading& options) {
  column.trend = usual_trend(source.field);
  for (const auto& [name, trend] : options.trends) {
    if (name == column.field.name) column.trend = trend;
  }
  for (const auto& [name, values] : options.special) {
    if (name == column.field.name) column.special = values;
  }
  if (column.special.empty() || column.names.empty()) return {};
  return refuse("special", column.field.name + " is a text field", "give special values of numbers only");
}

// A setting of a field that is none here would do nothing: it is a slip.
Status check_settings(const std::vector<Source>& sources, const CreditReading& options) {
  const auto check = [&](const char* option, const auto& settings) -> Status {
    for (const auto& [name, value] : settings) {
      if (std::ranges::any_of(sources, [&](const Source& source) { return source.from.field == name; })) continue;
      return refuse(option, "\"" + name + "\" is no field here", "name a field that is mapped, or an extra column");
    }
    return {};
  };
  VIGIE_TRY(check("special", options.special));
  return check("trend", options.trends);
}

Result<PeopleGroups> groups_of(const Column& column) {
  PeopleGroups groups{.column = column.name()};
  if (column.type() == ColumnType::kText) {
    const auto names = column.text().dictionary();
    groups.names.assign(names.begin(), names.end());
    groups.of.assign(column.text().codes().begin(), column.text().codes().end());
    return groups;
  }
  const auto values = VIGIE_TRY(column.to_numbers());
  std::map<double, std::int32_t> places;
  for (const double value : values) {
    if (!std::isnan(value)) places.emplace(value, 0);
    if (places.size() > kMostNumberGroups) {
      return refuse("fairness", column.name() + " has more than 20 values",
                    "give a column that divides people into groups");
    }
  }
  for (auto& [value, place] : places) {
    place = static_cast<std::int32_t>(groups.names.size());
    groups.names.push_back(format_double(value));
  }
  for (const double value : values) groups.of.push_back(std::isnan(value) ? -1 : places.at(value));
  return groups;
}

template <typename T>
void keep(std::vector<T>& values, std::span<const std::uint32_t> rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) values[i] = values[rows[i]];  // rows rise
  values.resize(rows.size());
}

}  // namespace

Result<CreditRows> read_credit_rows(const std::filesystem::path& path, const CreditReading& options,
                                    Progress& progress) {
  VIGIE_TRY(check_mapping(options));
  const std::string& file = path.native();
  CreditRows out;
  const Table table = VIGIE_TRY(read(path, options, out.rejected, progress));
  const std::vector<Source> sources = VIGIE_TRY(sources_of(table, options, file));
  VIGIE_TRY(check_settings(sources, options));
  for (const Source& source : sources) {
    CreditColumn column = VIGIE_TRY(take_column(table, source, file));
    VIGIE_TRY(mark(column, source, options));
    const std::size_t forgotten = source.field == nullptr ? 0 : forget_refused(column, *source.field);
    if (forgotten > 0) {
      out.notes.push_back(with_thousands(forgotten) + " values of " + column.field.name + " (" + column.field.column +
                          ") are not what a request may have (" + schema::expectation(*source.field) +
                          ") and count as missing");
    }
    if (source.field == &schema::applicant_fields()[schema::kAge]) {
      out.groups.push_back(age_bands(column.field.name, column.values));
    }
    out.columns.push_back(std::move(column));
  }
  for (const std::string& name : options.fairness) {
    const Column* const column = table.find(name);
    if (column == nullptr) {
      return fail(Code::kInvalidData, "there is no column \"" + name + "\"", {.file = file, .field = "fairness"},
                  "name a column that the file has");
    }
    out.groups.push_back(VIGIE_TRY(groups_of(*column)));
  }

  auto labelled = VIGIE_TRY(outcomes(table, options, file));
  out.rejected += table.rows() - labelled.rows.size() - labelled.indeterminate;
  out.indeterminate = labelled.indeterminate;
  if (labelled.note) out.notes.push_back(*std::move(labelled.note));
  for (CreditColumn& column : out.columns) keep(column.values, labelled.rows);
  for (PeopleGroups& groups : out.groups) keep(groups.of, labelled.rows);
  out.labels = std::move(labelled.labels);
  out.sha256 = VIGIE_TRY(dataset::stored_sha256(path));
  return out;
}

}  // namespace vigie::training
