#include "api/card_body.h"

#include <array>
#include <bitset>
#include <cmath>

#include "base/number.h"
#include "base/utf8.h"

namespace vigie::api {
namespace {

using Kind = Problem::Kind;

// A value as it may be told back: short, and JSON.
std::string told(std::string_view json, bool is_json) {
  return is_json && json.size() <= kLongestInput ? std::string(json) : std::string();
}

// What a field's value is, or what is wrong with it.
void take_value(const schema::Field& field, const JsonCursor::Value& value, bool is_json, double* slot,
                std::vector<Problem>& problems) {
  Problem problem{.kind = Kind::kFloatType, .field = std::string(field.name), .input = told(value.text, is_json)};
  double number = 0;
  switch (value.kind) {
    case JsonCursor::Kind::kNumber:
      if (const auto parsed = parse_double(value.text)) {
        number = *parsed;
        break;
      }
      problem.kind = Kind::kFinite;  // well formed, and beyond a double's range
      return add_problem(problems, std::move(problem));
    case JsonCursor::Kind::kNotFinite:
      problem.kind = Kind::kFinite;
      problem.input.clear();
      append_json_string(problem.input, value.text);
      return add_problem(problems, std::move(problem));
    case JsonCursor::Kind::kBool:
      if (field.type != schema::FieldType::kFlag) return add_problem(problems, std::move(problem));
      number = value.text == "true" ? 1 : 0;
      break;
    case JsonCursor::Kind::kString:
      if (!parse_double(value.text.substr(1, value.text.size() - 2))) problem.kind = Kind::kFloatParsing;
      return add_problem(problems, std::move(problem));
    default: return add_problem(problems, std::move(problem));
  }
  if (number < field.minimum) {
    problem.kind = Kind::kGreaterEqual;
    problem.bound = field.minimum;
    return add_problem(problems, std::move(problem));
  }
  if (number > field.maximum) {
    problem.kind = Kind::kLessEqual;
    problem.bound = field.maximum;
    return add_problem(problems, std::move(problem));
  }
  if (!schema::accepts(field, number)) return add_problem(problems, std::move(problem));
  if (slot != nullptr) *slot = number;
}

// Reads the value that comes next as one transaction. Faults stay in the cursor.
void read_transaction(JsonCursor& cursor, CardRow row, std::vector<Problem>& problems) {
  const auto fields = schema::card_fields();
  if (cursor.peek() != JsonCursor::Kind::kObject) {
    if (const auto value = cursor.value())
      add_problem(problems, {.kind = Kind::kObjectType, .input = told(value->text, !cursor.saw_not_finite())});
    return;
  }
  const std::size_t begin = cursor.at();
  std::bitset<schema::kCardRaw + schema::kCardEngineered> seen;
  bool whole_is_json = true;
  std::string key;
  cursor.begin();
  while (cursor.next_member(key)) {
    const auto value = cursor.value();
    if (!value) return;
    whole_is_json = whole_is_json && !cursor.saw_not_finite();
    const auto index = schema::find(fields, key);
    if (!index) {
      add_problem(problems, {.kind = Kind::kExtra,
                             .field = key.substr(0, kLongestInput),
                             .input = told(value->text, !cursor.saw_not_finite())});
    } else if (seen[*index]) {
      add_problem(problems,
                  {.kind = Kind::kDuplicate, .field = key, .input = told(value->text, !cursor.saw_not_finite())});
    } else {
      seen.set(*index);
      take_value(fields[*index], *value, !cursor.saw_not_finite(), *index < schema::kCardRaw ? &row[*index] : nullptr,
                 problems);
    }
  }
  if (cursor.fault()) return;
  const std::string_view whole = cursor.text().substr(begin, cursor.at() - begin);
  for (std::size_t i = 0; i < schema::kCardRaw; ++i) {
    if (!seen[i])
      add_problem(problems,
                  {.kind = Kind::kMissing, .field = std::string(fields[i].name), .input = told(whole, whole_is_json)});
  }
}

void read_rows(JsonCursor& cursor, BatchReading& reading, const RowSink& sink) {
  if (cursor.peek() != JsonCursor::Kind::kArray) {
    const auto value = cursor.value();
    if (value) {
      add_problem(reading.problems, {.kind = Kind::kListType,
                                     .field = reading.object_form ? "transactions" : "",
                                     .input = told(value->text, !cursor.saw_not_finite())});
    }
    return;
  }
  std::array<double, schema::kCardRaw> row{};
  std::vector<Problem> problems;
  std::size_t index = 0;
  cursor.begin();
  while (cursor.next_item()) {
    if (index == kMostRows) {
      reading.too_many_rows = true;
      return;
    }
    problems.clear();
    read_transaction(cursor, row, problems);
    if (cursor.fault()) return;
    sink(index++, row, problems);
  }
}

void read_batch_object(JsonCursor& cursor, BatchReading& reading, const RowSink& sink) {
  reading.object_form = true;
  bool found = false;
  std::string key;
  cursor.begin();
  while (cursor.next_member(key)) {
    if (key == "transactions" && !found) {
      found = true;
      read_rows(cursor, reading, sink);
      if (reading.too_many_rows) return;
      continue;
    }
    const auto value = cursor.value();
    if (!value) return;
    add_problem(reading.problems, {.kind = key == "transactions" ? Kind::kDuplicate : Kind::kExtra,
                                   .field = key.substr(0, kLongestInput),
                                   .input = told(value->text, !cursor.saw_not_finite())});
  }
  if (!cursor.fault() && !found) add_problem(reading.problems, {.kind = Kind::kMissing, .field = "transactions"});
}

}  // namespace

std::optional<JsonFault> encoding_fault(std::string_view body) {
  if (body.starts_with("\xEF\xBB\xBF")) {
    return JsonFault{0, "The body starts with a byte order mark",
                     "le corps commence par une marque d'ordre des octets"};
  }
  const std::size_t valid = utf8_valid_prefix(body);
  if (valid < body.size()) return JsonFault{valid, "The body is not UTF-8", "le corps n'est pas en UTF-8"};
  return std::nullopt;
}

CardReading read_card(std::string_view body, CardRow row) {
  CardReading reading;
  reading.fault = encoding_fault(body);
  if (reading.fault) return reading;
  JsonCursor cursor(body);
  read_transaction(cursor, row, reading.problems);
  cursor.end();
  reading.fault = cursor.fault();
  return reading;
}

BatchReading read_batch(std::string_view body, const RowSink& sink) {
  BatchReading reading;
  reading.fault = encoding_fault(body);
  if (reading.fault) return reading;
  JsonCursor cursor(body);
  if (cursor.peek() == JsonCursor::Kind::kObject) {
    read_batch_object(cursor, reading, sink);
  } else {
    read_rows(cursor, reading, sink);
  }
  if (reading.too_many_rows) return reading;
  cursor.end();
  reading.fault = cursor.fault();
  return reading;
}

}  // namespace vigie::api
