#include "api/openapi_examples.h"

#include <array>
#include <span>

#include "base/number.h"
#include "schema/card.h"

namespace vigie::api {
namespace {

using Row = std::array<double, schema::kCardRaw>;  // in schema::card_raw_fields order

constexpr Row kGenuine = {0,    149.62, -1.36, -0.07, 2.54,  1.38,  -0.34, 0.46,  0.24, 0.1,
                          0.36, 0.09,   -0.55, -0.62, -0.99, -0.31, 1.47,  -0.47, 0.21, 0.03,
                          0.4,  0.25,   -0.02, 0.28,  -0.11, 0.07,  0.13,  -0.19, 0.13, -0.02};
constexpr Row kFraud = {406,   0,     -2.31, 1.95,  -1.61, 4,     -0.52, -1.43, -2.54, 1.39,
                        -2.77, -2.77, 3.2,   -2.9,  -0.6,  -4.29, 0.39,  -1.14, -2.83, -0.02,
                        0.42,  0.13,  0.52,  -0.04, -0.47, 0.32,  0.04,  0.18,  0.26,  -0.14};

std::string object(const Row& row, std::string_view more = {}) {
  JsonWriter json;
  json.begin_object();
  const auto fields = schema::card_raw_fields();
  for (std::size_t i = 0; i < row.size(); ++i) json.member(fields[i].name, row[i]);
  json.end_object();
  std::string text = std::move(json).text();
  text.pop_back();
  return text.append(more) + "}";
}

std::string csv_header() {
  std::string text;
  for (const schema::Field& field : schema::card_raw_fields()) text.append(text.empty() ? "" : ",").append(field.name);
  return text + "\n";
}

std::string csv_row(const Row& row) {
  std::string text;
  for (const double value : row) {
    if (!text.empty()) text += ',';
    append_double(text, value);
  }
  return text + "\n";
}

std::string json_text(std::string_view text) {
  std::string json;
  append_json_string(json, text);
  return json;
}

// The first value of a row is its time, which is never negative.
std::string spoilt(const std::string& row) { return "-" + row; }

}  // namespace

std::vector<Example> single_examples() {
  return {{"genuine", "a genuine transaction", object(kGenuine)},
          {"fraud", "a fraud", object(kFraud)},
          {"engineered", "with engineered fields, which are checked and otherwise ignored",
           object(kGenuine, R"(, "amount_log": 5.01, "high_value": false)")}};
}

std::vector<Example> json_batch_examples() {
  const std::string rows = "[" + object(kGenuine) + ", " + object(kFraud) + "]";
  return {{"array", "an array, answered by an array", rows},
          {"object", "an object, answered by an object with totals", R"({"transactions": )" + rows + "}"},
          {"empty", "no transaction, no decision", "[]"}};
}

std::vector<Example> csv_examples() {
  const std::string rows = csv_header() + csv_row(kGenuine) + csv_row(kFraud);
  return {{"good", "a header and two rows", json_text(rows)},
          {"bad_row", "the third row is bad (its time is negative), the others are scored",
           json_text(rows + spoilt(csv_row(kFraud)))}};
}

std::vector<Example> ndjson_examples() {
  const std::string rows = object(kGenuine) + "\n" + object(kFraud) + "\n";
  return {{"good", "two lines", json_text(rows)},
          {"bad_row", "the third line lacks fields, the others are scored", json_text(rows + "{\"Time\": 1}\n")}};
}

}  // namespace vigie::api
