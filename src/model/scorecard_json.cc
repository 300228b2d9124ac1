#include "model/scorecard_json.h"

#include <array>

#include "base/json_writer.h"
#include "model/json_reader.h"

namespace vigie::model {
namespace {

constexpr std::string_view kFormat = "vigie.scorecard";
constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kMostFields = 1000;
constexpr std::array kTrends = {Trend::kRising, Trend::kFalling, Trend::kPeak, Trend::kValley};

using Number = double ScorecardBin::*;
constexpr std::array<std::pair<std::string_view, Number>, 4> kBinNumbers = {{{"log_odds", &ScorecardBin::log_odds},
                                                                             {"good", &ScorecardBin::good},
                                                                             {"bad", &ScorecardBin::bad},
                                                                             {"woe", &ScorecardBin::woe}}};

void write_field(JsonWriter& json, const ScorecardField& field) {
  json.begin_object().member("name", field.name).member("trend", to_string(field.trend));
  json.member("information_value", field.information_value);
  json.key("edges").values(std::span<const double>(field.edges));
  json.key("special").values(std::span<const double>(field.special));
  if (!field.categories.empty()) {
    json.key("categories").begin_array();
    for (const std::string& category : field.categories) json.value(category);
    json.end_array();
  }
  for (const auto& [name, number] : kBinNumbers) {
    std::vector<double> column;
    for (const ScorecardBin& bin : field.bins) column.push_back(bin.*number);
    json.key(name).values(std::span<const double>(column));
  }
  json.end_object();
}

Result<Trend> parse_trend(const JsonReader& json) {
  const std::string text = VIGIE_TRY(json.text());
  for (const Trend trend : kTrends) {
    if (text == to_string(trend)) return trend;
  }
  return json.refuse("\"" + text + "\" is none of \"rising\", \"falling\", \"peak\" and \"valley\"");
}

Result<ScorecardField> parse_field(const JsonReader& json) {
  ScorecardField field;
  VIGIE_TRY(json.read("name", field.name));
  field.trend = VIGIE_TRY(parse_trend(json["trend"]));
  VIGIE_TRY(json.read("information_value", field.information_value));
  VIGIE_TRY(json.read("edges", field.edges));
  VIGIE_TRY(json.read("special", field.special));
  if (const auto categories = VIGIE_TRY(json.find("categories"))) field.categories = VIGIE_TRY(categories->texts());
  for (const auto& [name, number] : kBinNumbers) {
    std::vector<double> column;
    VIGIE_TRY(json.read(name, column));
    if (name == kBinNumbers.front().first) field.bins.resize(column.size());
    if (column.size() != field.bins.size()) return json[name].refuse("its length is not that of log_odds");
    for (std::size_t bin = 0; bin < column.size(); ++bin) field.bins[bin].*number = column[bin];
  }
  return field;
}

}  // namespace

std::string scorecard_json(const Scorecard& scorecard) {
  JsonWriter json(1);
  json.begin_object().member("format", kFormat).member("format_version", kVersion);
  json.key("scale").begin_object().member("points", scorecard.scale.points).member("odds", scorecard.scale.odds);
  json.member("doubling", scorecard.scale.doubling).member("least", scorecard.scale.least);
  json.member("most", scorecard.scale.most).end_object();
  json.member("intercept", scorecard.intercept);
  json.key("fields").begin_array();
  for (const ScorecardField& field : scorecard.fields) write_field(json, field);
  json.end_array().end_object();
  return std::move(json).text() + "\n";
}

Result<Scorecard> parse_scorecard_json(const JsonReader& json) {
  const std::string format = VIGIE_TRY(json["format"].text());
  if (format != kFormat) return json["format"].refuse("\"" + format + "\" is not \"" + std::string(kFormat) + "\"");
  const std::uint64_t version = VIGIE_TRY(json["format_version"].unsigned_integer());
  if (version != kVersion) return json["format_version"].refuse(std::to_string(version) + " is not 1");

  Scorecard scorecard;
  const JsonReader scale = json["scale"];
  VIGIE_TRY(scale.read("points", scorecard.scale.points));
  VIGIE_TRY(scale.read("odds", scorecard.scale.odds));
  VIGIE_TRY(scale.read("doubling", scorecard.scale.doubling));
  VIGIE_TRY(scale.read("least", scorecard.scale.least));
  VIGIE_TRY(scale.read("most", scorecard.scale.most));
  VIGIE_TRY(json.read("intercept", scorecard.intercept));
  for (const JsonReader& field : VIGIE_TRY(json["fields"].items(kMostFields))) {
    scorecard.fields.push_back(VIGIE_TRY(parse_field(field)));
  }
  if (const Status valid = validate(scorecard); !valid) {
    return json.refuse(valid.error().place.field + ": " + valid.error().message);
  }
  return scorecard;
}

}  // namespace vigie::model
