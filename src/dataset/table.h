// A columnar table: what a file becomes, and what training reads.
//
//   const Column* amount = table.find("Amount");
//   for (double value : amount->numbers()) ...
//
// Not for streams: a file larger than memory goes through CsvReader in blocks. A Table is a value; reading it from
// several threads is safe. At most 2^32 - 1 rows.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/result.h"

namespace vigie::dataset {

enum class ColumnType : std::uint8_t {
  kNumber,     // double
  kInteger,    // int64
  kText,       // dictionary codes
  kTimestamp,  // int64 microseconds since 1970-01-01 UTC
};

std::string_view to_string(ColumnType type);  // "number", "integer", "text", "timestamp"

inline constexpr double kMissingNumber = std::numeric_limits<double>::quiet_NaN();
inline constexpr std::int64_t kMissingInteger = std::numeric_limits<std::int64_t>::min();
inline constexpr std::int32_t kMissingText = -1;

// Distinct texts in order of first appearance, and a code a row.
class TextColumn {
 public:
  void append(std::string_view text);
  void append_missing() { codes_.push_back(kMissingText); }
  std::span<const std::int32_t> codes() const { return codes_; }
  std::span<const std::string> dictionary() const { return dictionary_; }
  std::string_view at(std::size_t row) const;  // empty where missing
  void append_all(const TextColumn& other);
  TextColumn take(std::span<const std::uint32_t> rows) const;

 private:
  struct Hash {
    using is_transparent = void;  // looks up a string_view without making a string of it
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::int32_t code_of(std::string_view text);
  template <typename Codes>
  void append_codes(const TextColumn& other, const Codes& code_at, std::size_t count);

  std::vector<std::int32_t> codes_;
  std::vector<std::string> dictionary_;
  std::unordered_map<std::string, std::int32_t, Hash, std::equal_to<>> index_;
};

class Column {
 public:
  Column(std::string name, ColumnType type);
  Column(std::string name, std::vector<double> numbers);
  Column(std::string name, ColumnType type, std::vector<std::int64_t> integers);  // kInteger or kTimestamp
  Column(std::string name, TextColumn text);

  const std::string& name() const { return name_; }
  ColumnType type() const { return type_; }
  std::size_t size() const;
  bool missing(std::size_t row) const;
  std::size_t missing_count() const;

  // Each asserts the type it is named for.
  std::span<const double> numbers() const;
  std::span<const std::int64_t> integers() const;  // kInteger and kTimestamp
  const TextColumn& text() const;
  std::vector<double>& mutable_numbers();
  std::vector<std::int64_t>& mutable_integers();
  TextColumn& mutable_text();

  // Numbers and integers as doubles, missing as NaN; a text column is kInvalidArgument.
  Result<std::vector<double>> to_numbers() const;
  // The value as text ("" where missing): numbers in their shortest exact form, timestamps in RFC 3339.
  void append_text(std::size_t row, std::string& out) const;
  // The rows named, in that order; repeats allowed.
  Column take(std::span<const std::uint32_t> rows) const;

 private:
  std::string name_;
  ColumnType type_;
  std::variant<std::vector<double>, std::vector<std::int64_t>, TextColumn> values_;
};

class Table {
 public:
  Table() = default;
  explicit Table(std::vector<Column> columns);  // asserts equal lengths and distinct names

  std::size_t rows() const { return columns_.empty() ? 0 : columns_.front().size(); }
  std::span<const Column> columns() const { return columns_; }
  const Column* find(std::string_view name) const;  // nullptr where there is none
  Column* find(std::string_view name);
  void add(Column column);  // asserts its length and that the name is new
  Table take(std::span<const std::uint32_t> rows) const;

 private:
  std::vector<Column> columns_;
};

}  // namespace vigie::dataset
