#include "api/record_body.h"

#include <algorithm>

#include "api/card_body.h"
#include "base/nearest_name.h"
#include "base/number.h"

namespace vigie::api {
namespace {

using Kind = Problem::Kind;
constexpr std::size_t kMostGuesses = 10;

class RecordReader {
 public:
  RecordReader(std::string_view body, std::span<const schema::Field> fields, Record& record,
               std::vector<Problem>& problems)
      : cursor_(body), fields_(fields), record_(record), problems_(problems) {}

  std::optional<JsonFault> read() {
    if (cursor_.peek() == JsonCursor::Kind::kObject) {
      read_object();
    } else if (const auto value = cursor_.value()) {
      add_problem(problems_, {.kind = Kind::kObjectType, .input = told(value->text)});
    }
    cursor_.end();
    return cursor_.fault();
  }

 private:
  void read_object() {
    seen_.assign(fields_.size(), false);
    const std::size_t begin = cursor_.at();
    bool whole_is_json = true;
    cursor_.begin();
    while (cursor_.next_member(key_)) {
      const auto index = schema::find(fields_, key_);
      std::string& text = index ? record_.cells[*index].text : unused_;
      const auto value = cursor_.peek() == JsonCursor::Kind::kString ? cursor_.text_value(text) : cursor_.value();
      if (!value) return;
      whole_is_json = whole_is_json && !cursor_.saw_not_finite();
      if (!index) {
        add_problem(problems_, {.kind = Kind::kExtra,
                                .field = key_.substr(0, kLongestInput),
                                .input = told(value->text),
                                .expected = meant(key_)});
      } else if (seen_[*index]) {
        add_problem(problems_, {.kind = Kind::kDuplicate, .field = key_, .input = told(value->text)});
      } else {
        seen_[*index] = true;
        take(fields_[*index], *value, record_.cells[*index]);
      }
    }
    if (cursor_.fault()) return;
    const std::string_view whole = cursor_.text().substr(begin, cursor_.at() - begin);
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      if (seen_[i] || fields_[i].optional) continue;
      add_problem(problems_, {.kind = Kind::kMissing,
                              .field = std::string(fields_[i].name),
                              .input = whole_is_json && whole.size() <= kLongestInput ? std::string(whole) : ""});
    }
  }

  // The field whose name is nearly this one; empty: none is.
  std::string meant(std::string_view key) const {
    if (problems_.size() >= kMostGuesses) return {};  // thousands of keys are nobody's slips, and guessing costs more
    std::vector<std::string_view> names;
    for (const schema::Field& field : fields_) names.push_back(field.name);
    return std::string(nearest_name(key, names));
  }

  // A value as it may be told back: short, and JSON.
  std::string told(std::string_view json) const {
    return !cursor_.saw_not_finite() && json.size() <= kLongestInput ? std::string(json) : std::string();
  }

  void refuse(const schema::Field& field, const JsonCursor::Value& value, Kind kind, double bound = 0) {
    Problem problem{.kind = kind, .field = std::string(field.name), .input = told(value.text), .bound = bound};
    if (value.kind == JsonCursor::Kind::kNotFinite) append_json_string(problem.input, value.text);
    problem.row = &field;
    add_problem(problems_, std::move(problem));
  }

  void take(const schema::Field& field, const JsonCursor::Value& value, Record::Cell& cell) {
    if (value.kind == JsonCursor::Kind::kNull && field.optional) return;
    if (field.type == schema::FieldType::kText) return take_text(field, value, cell);
    const auto number = number_of(field, value);
    if (!number) return;
    if (field.type == schema::FieldType::kFlag && !schema::accepts(field, *number)) {
      return refuse(field, value, Kind::kBoolType);
    }
    if (field.above && *number == field.minimum) return refuse(field, value, Kind::kGreater, field.minimum);
    if (*number < field.minimum) {
      return refuse(field, value, field.above ? Kind::kGreater : Kind::kGreaterEqual, field.minimum);
    }
    if (*number > field.maximum) return refuse(field, value, Kind::kLessEqual, field.maximum);
    if (!schema::accepts(field, *number)) return refuse(field, value, Kind::kIntegerType);
    cell.given = true;
    cell.number = *number;
  }

  void take_text(const schema::Field& field, const JsonCursor::Value& value, Record::Cell& cell) {
    if (value.kind != JsonCursor::Kind::kString) return refuse(field, value, Kind::kStringType);
    if (!schema::accepts_text(field, cell.text)) return refuse(field, value, Kind::kForm);
    cell.given = true;
  }

  // Says what is wrong where there is none.
  std::optional<double> number_of(const schema::Field& field, const JsonCursor::Value& value) {
    const bool is_flag = field.type == schema::FieldType::kFlag;
    if (is_flag && value.kind != JsonCursor::Kind::kBool && value.kind != JsonCursor::Kind::kNumber) {
      refuse(field, value, Kind::kBoolType);
      return std::nullopt;
    }
    switch (value.kind) {
      case JsonCursor::Kind::kNumber: {
        const auto number = parse_double(value.text);
        if (!number) refuse(field, value, Kind::kFinite);
        return number;
      }
      case JsonCursor::Kind::kNotFinite: refuse(field, value, Kind::kFinite); return std::nullopt;
      case JsonCursor::Kind::kBool:
        if (is_flag) return value.text == "true" ? 1 : 0;
        break;
      case JsonCursor::Kind::kString:
        if (!parse_double(value.text.substr(1, value.text.size() - 2))) {
          refuse(field, value, Kind::kFloatParsing);
          return std::nullopt;
        }
        break;
      default: break;
    }
    refuse(field, value, Kind::kFloatType);
    return std::nullopt;
  }

  JsonCursor cursor_;
  std::span<const schema::Field> fields_;
  Record& record_;
  std::vector<Problem>& problems_;
  std::vector<bool> seen_;
  std::string key_;
  std::string unused_;
};

}  // namespace

RecordReading read_record(std::string_view body, std::span<const schema::Field> fields, Record& record) {
  record.cells.resize(fields.size());
  for (Record::Cell& cell : record.cells) {
    cell.given = false;
    cell.text.clear();
  }
  RecordReading reading;
  reading.fault = encoding_fault(body);
  if (!reading.fault) reading.fault = RecordReader(body, fields, record, reading.problems).read();
  return reading;
}

}  // namespace vigie::api
