// From the bytes of a request to one record of a table: all that is wrong is told at once. Fields that may be left out
// may be null too.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/problem.h"
#include "base/json_cursor.h"
#include "schema/field.h"

namespace vigie::api {

// In the order of the table; kept from one request to the next for its memory.
struct Record {
  struct Cell {
    bool given = false;
    double number = 0;  // of a number, an integer or a flag
    std::string text{};
  };
  std::vector<Cell> cells;

  const Cell& operator[](std::size_t place) const { return cells[place]; }
};

struct RecordReading {
  std::optional<JsonFault> fault;  // malformed: 400
  std::vector<Problem> problems;   // 422
  bool ok() const { return !fault && problems.empty(); }
};

// `fields` are in static storage: problems refer to them.
RecordReading read_record(std::string_view body, std::span<const schema::Field> fields, Record& record);

}  // namespace vigie::api
