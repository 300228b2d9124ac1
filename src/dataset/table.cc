#include "dataset/table.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cmath>

#include "base/clock.h"
#include "base/number.h"

namespace vigie::dataset {

std::string_view to_string(ColumnType type) {
  switch (type) {
    case ColumnType::kNumber: return "number";
    case ColumnType::kInteger: return "integer";
    case ColumnType::kText: return "text";
    case ColumnType::kTimestamp: return "timestamp";
  }
  return "number";
}

std::int32_t TextColumn::code_of(std::string_view text) {
  const auto found = index_.find(text);
  if (found != index_.end()) return found->second;
  const auto code = static_cast<std::int32_t>(dictionary_.size());
  dictionary_.emplace_back(text);
  index_.emplace(dictionary_.back(), code);
  return code;
}

void TextColumn::append(std::string_view text) { codes_.push_back(code_of(text)); }

template <typename Codes>
void TextColumn::append_codes(const TextColumn& other, const Codes& code_at, std::size_t count) {
  constexpr std::int32_t kNotYet = -2;
  std::vector<std::int32_t> translated(other.dictionary_.size(), kNotYet);
  codes_.reserve(codes_.size() + count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::int32_t code = code_at(i);
    if (code == kMissingText) {
      codes_.push_back(kMissingText);
      continue;
    }
    auto& own = translated[static_cast<std::size_t>(code)];
    if (own == kNotYet) own = code_of(other.dictionary_[static_cast<std::size_t>(code)]);
    codes_.push_back(own);
  }
}

void TextColumn::append_all(const TextColumn& other) {
  append_codes(other, [&](std::size_t i) { return other.codes_[i]; }, other.codes_.size());
}

TextColumn TextColumn::take(std::span<const std::uint32_t> rows) const {
  TextColumn taken;
  taken.append_codes(*this, [&](std::size_t i) { return codes_[rows[i]]; }, rows.size());
  return taken;
}

std::string_view TextColumn::at(std::size_t row) const {
  const std::int32_t code = codes_[row];
  return code == kMissingText ? std::string_view() : std::string_view(dictionary_[static_cast<std::size_t>(code)]);
}

Column::Column(std::string name, ColumnType type) : name_(std::move(name)), type_(type) {
  switch (type) {
    case ColumnType::kNumber: values_ = std::vector<double>(); break;
    case ColumnType::kInteger:
    case ColumnType::kTimestamp: values_ = std::vector<std::int64_t>(); break;
    case ColumnType::kText: values_ = TextColumn(); break;
  }
}

Column::Column(std::string name, std::vector<double> numbers)
    : name_(std::move(name)), type_(ColumnType::kNumber), values_(std::move(numbers)) {}

Column::Column(std::string name, ColumnType type, std::vector<std::int64_t> integers)
    : name_(std::move(name)), type_(type), values_(std::move(integers)) {
  assert(type == ColumnType::kInteger || type == ColumnType::kTimestamp);
}

Column::Column(std::string name, TextColumn text)
    : name_(std::move(name)), type_(ColumnType::kText), values_(std::move(text)) {}

std::size_t Column::size() const {
  switch (type_) {
    case ColumnType::kNumber: return numbers().size();
    case ColumnType::kText: return text().codes().size();
    default: return integers().size();
  }
}

bool Column::missing(std::size_t row) const {
  switch (type_) {
    case ColumnType::kNumber: return std::isnan(numbers()[row]);
    case ColumnType::kText: return text().codes()[row] == kMissingText;
    default: return integers()[row] == kMissingInteger;
  }
}

std::size_t Column::missing_count() const {
  std::size_t count = 0;
  switch (type_) {
    case ColumnType::kNumber:
      for (const double value : numbers()) count += std::isnan(value) ? 1 : 0;
      break;
    case ColumnType::kText: count = static_cast<std::size_t>(std::ranges::count(text().codes(), kMissingText)); break;
    default: count = static_cast<std::size_t>(std::ranges::count(integers(), kMissingInteger));
  }
  return count;
}

std::span<const double> Column::numbers() const {
  assert(type_ == ColumnType::kNumber);
  return std::get<std::vector<double>>(values_);
}

std::span<const std::int64_t> Column::integers() const {
  assert(type_ == ColumnType::kInteger || type_ == ColumnType::kTimestamp);
  return std::get<std::vector<std::int64_t>>(values_);
}

const TextColumn& Column::text() const {
  assert(type_ == ColumnType::kText);
  return std::get<TextColumn>(values_);
}

std::vector<double>& Column::mutable_numbers() {
  assert(type_ == ColumnType::kNumber);
  return std::get<std::vector<double>>(values_);
}

std::vector<std::int64_t>& Column::mutable_integers() {
  assert(type_ == ColumnType::kInteger || type_ == ColumnType::kTimestamp);
  return std::get<std::vector<std::int64_t>>(values_);
}

TextColumn& Column::mutable_text() {
  assert(type_ == ColumnType::kText);
  return std::get<TextColumn>(values_);
}

Result<std::vector<double>> Column::to_numbers() const {
  switch (type_) {
    case ColumnType::kNumber: return std::vector<double>(numbers().begin(), numbers().end());
    case ColumnType::kText:
      return fail(Code::kInvalidArgument, "the column holds text, not numbers", {.field = name_},
                  "choose a column of numbers, or leave this one out");
    default: break;
  }
  std::vector<double> result;
  result.reserve(size());
  for (const std::int64_t value : integers()) {
    result.push_back(value == kMissingInteger ? kMissingNumber : static_cast<double>(value));
  }
  return result;
}

void Column::append_text(std::size_t row, std::string& out) const {
  if (missing(row)) return;
  switch (type_) {
    case ColumnType::kNumber: append_double(out, numbers()[row]); break;
    case ColumnType::kInteger: out += std::to_string(integers()[row]); break;
    case ColumnType::kText: out += text().at(row); break;
    case ColumnType::kTimestamp: out += format_time(WallTime(std::chrono::microseconds(integers()[row]))); break;
  }
}

Column Column::take(std::span<const std::uint32_t> rows) const {
  if (type_ == ColumnType::kText) return Column(name_, text().take(rows));
  const auto pick = [rows](auto values) {
    std::vector<std::remove_const_t<typename decltype(values)::element_type>> taken;
    taken.reserve(rows.size());
    for (const std::uint32_t row : rows) taken.push_back(values[row]);
    return taken;
  };
  if (type_ == ColumnType::kNumber) return Column(name_, pick(numbers()));
  return Column(name_, type_, pick(integers()));
}

Table::Table(std::vector<Column> columns) {
  columns_.reserve(columns.size());
  for (auto& column : columns) add(std::move(column));
}

const Column* Table::find(std::string_view name) const {
  const auto found = std::ranges::find(columns_, name, &Column::name);
  return found == columns_.end() ? nullptr : &*found;
}

Column* Table::find(std::string_view name) {
  const auto found = std::ranges::find(columns_, name, &Column::name);
  return found == columns_.end() ? nullptr : &*found;
}

void Table::add(Column column) {
  assert(columns_.empty() || column.size() == rows());
  assert(find(column.name()) == nullptr);
  columns_.push_back(std::move(column));
}

Table Table::take(std::span<const std::uint32_t> rows) const {
  Table taken;
  taken.columns_.reserve(columns_.size());
  for (const auto& column : columns_) taken.columns_.push_back(column.take(rows));
  return taken;
}

}  // namespace vigie::dataset
