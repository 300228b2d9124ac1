#include "dataset/column_builder.h"

#include <cassert>
#include <cmath>
#include <utility>

#include "base/number.h"
#include "base/timestamp.h"

namespace vigie::dataset {
namespace {

// A text that an int64 says exactly; "-0" is not one, because a number column tells it from 0.
std::optional<std::int64_t> whole(std::string_view text) {
  const auto value = parse_int(text);
  if (!value || *value == kMissingInteger || (*value == 0 && text.front() == '-')) return std::nullopt;
  return value;
}

template <typename T>
void join(std::vector<T>& to, std::vector<T>&& from) {
  if (to.empty()) {
    to = std::move(from);
  } else {
    to.insert(to.end(), from.begin(), from.end());
  }
}

}  // namespace

std::size_t ColumnBuilder::size() const {
  switch (type_) {
    case ColumnType::kNumber: return numbers_.size();
    case ColumnType::kText: return text_.codes().size();
    default: return integers_.size();
  }
}

void ColumnBuilder::reserve(std::size_t rows) {
  if (type_ == ColumnType::kNumber) {
    numbers_.reserve(rows);
  } else if (type_ != ColumnType::kText) {
    integers_.reserve(rows);
  }
}

void ColumnBuilder::become_number() {
  assert(type_ == ColumnType::kInteger && !given_);
  numbers_.reserve(integers_.capacity());
  for (const std::int64_t value : integers_) {
    numbers_.push_back(value == kMissingInteger ? kMissingNumber : static_cast<double>(value));
  }
  integers_ = {};
  type_ = ColumnType::kNumber;
}

bool ColumnBuilder::append(std::string_view text, const MissingTokens& missing, bool quoted) {
  const std::string_view trimmed = trim_spaces(text);
  if (type_ == ColumnType::kText) {
    if (!quoted && missing.contains(trimmed)) {
      text_.append_missing();
    } else {
      text_.append(text);
    }
    return true;
  }
  if (missing.contains(trimmed)) {
    append_missing();
    return true;
  }
  if (type_ == ColumnType::kTimestamp) {
    const auto moment = parse_timestamp(trimmed);
    if (moment) integers_.push_back(*moment);
    return moment.has_value();
  }
  if (type_ == ColumnType::kInteger) {
    if (const auto value = whole(trimmed)) {
      integers_.push_back(*value);
      return true;
    }
    if (given_) {
      if (trimmed != "-0") return false;
      integers_.push_back(0);
      return true;
    }
    if (!parse_double(trimmed)) return false;
    become_number();
  }
  const auto value = parse_double(trimmed);
  if (value) numbers_.push_back(*value);
  return value.has_value();
}

void ColumnBuilder::append_missing() {
  switch (type_) {
    case ColumnType::kNumber: numbers_.push_back(kMissingNumber); break;
    case ColumnType::kText: text_.append_missing(); break;
    default: integers_.push_back(kMissingInteger);
  }
}

bool ColumnBuilder::append_integer(std::int64_t value) {
  if (type_ == ColumnType::kInteger && value != kMissingInteger) {
    integers_.push_back(value);
    return true;
  }
  return append_number(static_cast<double>(value));
}

bool ColumnBuilder::append_number(double value) {
  if (type_ == ColumnType::kText || type_ == ColumnType::kTimestamp || !std::isfinite(value)) return false;
  if (type_ == ColumnType::kInteger) {
    if (given_) {
      if (value != std::floor(value) || std::fabs(value) > 0x1p53) return false;
      integers_.push_back(static_cast<std::int64_t>(value));
      return true;
    }
    become_number();
  }
  numbers_.push_back(value);
  return true;
}

void ColumnBuilder::truncate(std::size_t rows) {
  assert(type_ != ColumnType::kText);
  if (type_ == ColumnType::kNumber) {
    numbers_.resize(rows);
  } else {
    integers_.resize(rows);
  }
}

void ColumnBuilder::append_all(ColumnBuilder&& other) {
  if (type_ == ColumnType::kInteger && other.type_ == ColumnType::kNumber) become_number();
  if (type_ == ColumnType::kNumber && other.type_ == ColumnType::kInteger) other.become_number();
  assert(type_ == other.type_);
  join(numbers_, std::move(other.numbers_));
  join(integers_, std::move(other.integers_));
  if (type_ == ColumnType::kText) text_.append_all(other.text_);
}

Column ColumnBuilder::finish() && {
  switch (type_) {
    case ColumnType::kNumber: return Column(std::move(name_), std::move(numbers_));
    case ColumnType::kText: return Column(std::move(name_), std::move(text_));
    default: return Column(std::move(name_), type_, std::move(integers_));
  }
}

}  // namespace vigie::dataset
