#include "training/credit_rows.h"

#include <algorithm>
#include <cmath>
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

// Which rows say whether they defaulted, and what.
struct Outcomes {
  std::vector<std::uint32_t> rows{};
  std::vector<std::uint8_t> labels{};
};

Result<Outcomes> outcomes(const Table& table, const CreditReading& options, const std::string& file) {
  const Column* const column = table.find(options.target);
  if (column == nullptr) {
    return fail(Code::kInvalidData, "there is no column \"" + options.target + "\"", {.file = file, .field = "target"},
                "name the column that says who defaulted");
  }
  const std::optional<double> bad = parse_double(options.bad);
  Outcomes out;
  for (std::size_t row = 0; row < column->size(); ++row) {
    if (column->missing(row)) continue;
    bool is_bad = false;
    switch (column->type()) {
      case ColumnType::kText: is_bad = column->text().at(row) == options.bad; break;
      case ColumnType::kNumber: is_bad = bad && column->numbers()[row] == *bad; break;
      default: is_bad = bad && static_cast<double>(column->integers()[row]) == *bad;
    }
    out.rows.push_back(static_cast<std::uint32_t>(row));
    out.labels.push_back(is_bad ? 1 : 0);
  }
  const auto defaults = static_cast<std::size_t>(std::ranges::count(out.labels, 1));
  if (defaults == 0 || defaults == out.labels.size()) {
    return fail(Code::kInvalidData,
                (defaults == 0 ? "no row has " : "every row has ") + options.target + " = " + options.bad,
                {.file = file, .field = "target"}, "say which value means a default: COLUMN=VALUE");
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
  out.rejected += table.rows() - labelled.rows.size();
  for (CreditColumn& column : out.columns) keep(column.values, labelled.rows);
  for (PeopleGroups& groups : out.groups) keep(groups.of, labelled.rows);
  out.labels = std::move(labelled.labels);
  out.sha256 = VIGIE_TRY(dataset::stored_sha256(path));
  return out;
}

}  // namespace vigie::training
