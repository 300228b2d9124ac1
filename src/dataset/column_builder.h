// A column in the making: cells are appended as text, and a guessed integer column turns into a number column when a
// fraction appears. The outcome depends on the cells and their order only, not on how they were grouped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dataset/cell.h"
#include "dataset/table.h"

namespace vigie::dataset {

class ColumnBuilder {
 public:
  // `given`: the type was asked for and does not change.
  ColumnBuilder(std::string name, ColumnType type, bool given) : name_(std::move(name)), type_(type), given_(given) {}

  const std::string& name() const { return name_; }
  ColumnType type() const { return type_; }
  std::size_t size() const;
  void reserve(std::size_t rows);

  // One cell. False where it has no value of the type: nothing is appended then (see why_not() for the reason).
  // `quoted`: in a text column the text is meant as it stands, even where it looks missing.
  bool append(std::string_view text, const MissingTokens& missing, bool quoted);
  void append_missing();
  bool append_number(double value);         // false for text and moments, and for fractions in a given integer column
  bool append_integer(std::int64_t value);  // false for text and moments
  // Takes the last cells back: `rows` stay. Not for text, which never needs it.
  void truncate(std::size_t rows);

  // All cells of `other`, a builder of the same column.
  void append_all(ColumnBuilder&& other);
  Column finish() &&;

 private:
  void become_number();

  std::string name_;
  ColumnType type_;
  bool given_;
  std::vector<double> numbers_;
  std::vector<std::int64_t> integers_;
  TextColumn text_;
};

}  // namespace vigie::dataset
