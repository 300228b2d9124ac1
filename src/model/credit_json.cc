#include "model/credit_json.h"

#include <algorithm>
#include <cmath>

#include "model/json_reader.h"
#include "model/package_contents.h"
#include "model/provenance_json.h"

namespace vigie::model {
namespace {

constexpr std::size_t kMostTables = 1'000;
constexpr std::size_t kMostGroups = kMostCategories;
constexpr std::size_t kMostRanges = 10'000;
constexpr std::string_view kFairnessFormat = "vigie.credit_fairness";
constexpr std::string_view kReferenceFormat = "vigie.credit_reference";

void write_texts(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts) {
  json.key(key).begin_array();
  for (const std::string& text : texts) json.value(text);
  json.end_array();
}

Status check_format(const JsonReader& json, std::string_view format) {
  const std::string text = VIGIE_TRY(json["format"].text());
  if (text != format) return json["format"].refuse("\"" + text + "\" is not \"" + std::string(format) + "\"");
  const std::uint64_t version = VIGIE_TRY(json["format_version"].unsigned_integer());
  if (version != 1) return json["format_version"].refuse(std::to_string(version) + " is not 1");
  return {};
}

Result<CreditField> parse_field(const JsonReader& json) {
  CreditField field;
  VIGIE_TRY(json.read("name", field.name));
  VIGIE_TRY(json.read("column", field.column));
  VIGIE_TRY(json.read("factor", field.factor));
  VIGIE_TRY(json.read("categories", field.categories));
  return field;
}

using Count = double FairnessGroup::*;
constexpr std::pair<std::string_view, Count> kCounts[] = {{"rows", &FairnessGroup::rows},
                                                          {"good", &FairnessGroup::good},
                                                          {"approved", &FairnessGroup::approved},
                                                          {"approved_good", &FairnessGroup::approved_good}};

Result<FairnessTable> parse_table(const JsonReader& json) {
  FairnessTable table;
  VIGIE_TRY(json.read("column", table.column));
  VIGIE_TRY(json.read("scorer", table.scorer));
  VIGIE_TRY(json.read("reference", table.reference));
  const auto names = VIGIE_TRY(json["groups"].texts());
  if (names.size() > kMostGroups) return json["groups"].refuse("more than 10,000");
  if (table.reference >= names.size()) return json["reference"].refuse("there is no such group");
  for (const std::string& name : names) table.groups.push_back({.name = name});
  for (const auto& [name, count] : kCounts) {
    const auto column = VIGIE_TRY(json[name].numbers());
    if (column.size() != names.size()) return json[name].refuse("its length is not that of groups");
    for (std::size_t i = 0; i < column.size(); ++i) table.groups[i].*count = column[i];
  }
  for (const FairnessGroup& group : table.groups) {
    const bool sound = std::isfinite(group.rows) && group.approved_good >= 0 && group.approved_good <= group.approved &&
                       group.approved_good <= group.good && group.approved <= group.rows && group.good <= group.rows;
    if (!sound) return json["groups"].refuse("the counts of \"" + group.name + "\" do not fit one another");
  }
  return table;
}

}  // namespace

void write_credit_model(JsonWriter& json, const CreditModel& model) {
  json.begin_object().member("kind", kCreditKind).member("name", model.name);
  json.member("software_version", model.software_version).member("created_at", model.created_at);
  json.member("seed", model.seed);
  write_data(json, model.data);
  json.member("target", model.target);
  json.key("fields").begin_array();
  for (const CreditField& field : model.fields) {
    json.begin_object().member("name", field.name).member("column", field.column).member("factor", field.factor);
    write_texts(json, "categories", field.categories);
    json.end_object();
  }
  json.end_array().key("members").begin_array();
  for (const std::string_view member : {kScorecard, kXgboost}) {
    json.begin_object().member("name", member).member("file", std::string(member) + ".json").end_object();
  }
  json.end_array().key("calibration").begin_object().member("member", kXgboost);
  json.member("slope", model.calibration.slope).member("intercept", model.calibration.intercept).end_object();
  json.key("forecast").begin_object().member("member", kScorecard).member("low_slope", model.forecast.low_slope);
  json.member("high_slope", model.forecast.high_slope).member("intercept", model.forecast.intercept).end_object();
  json.key("thresholds").begin_object().member("low", model.thresholds.low);
  json.member("accepted", model.thresholds.accepted).member("excellent", model.thresholds.excellent).end_object();
  write_parameters(json, model.parameters);
  write_summaries(json, "folds", model.folds);
  json.key("metrics");
  write_summary(json, model.evaluation);
  json.end_object();
}

std::string credit_model_json(const CreditModel& model) {
  JsonWriter json(2);
  write_credit_model(json, model);
  return std::move(json).text() + "\n";
}

Result<CreditModel> parse_credit_model_json(const JsonReader& json) {
  CreditModel out;
  const std::string kind = VIGIE_TRY(json["kind"].text());
  if (kind != kCreditKind) return json["kind"].refuse("\"" + kind + "\" is not \"credit\"");
  VIGIE_TRY(json.read("name", out.name));
  VIGIE_TRY(json.read("software_version", out.software_version));
  VIGIE_TRY(json.read("created_at", out.created_at));
  VIGIE_TRY(json.read("seed", out.seed));
  VIGIE_TRY(read_data(json["data"], out.data));
  VIGIE_TRY(json.read("target", out.target));
  for (const JsonReader& field : VIGIE_TRY(json["fields"].items(kMostCreditFields))) {
    out.fields.push_back(VIGIE_TRY(parse_field(field)));
  }
  out.calibration.kind = Transform::Kind::kLogistic;
  VIGIE_TRY(json["calibration"].read("slope", out.calibration.slope));
  VIGIE_TRY(json["calibration"].read("intercept", out.calibration.intercept));
  const JsonReader forecast = json["forecast"];
  VIGIE_TRY(forecast.read("low_slope", out.forecast.low_slope));
  VIGIE_TRY(forecast.read("high_slope", out.forecast.high_slope));
  VIGIE_TRY(forecast.read("intercept", out.forecast.intercept));
  const JsonReader thresholds = json["thresholds"];
  VIGIE_TRY(thresholds.read("low", out.thresholds.low));
  VIGIE_TRY(thresholds.read("accepted", out.thresholds.accepted));
  VIGIE_TRY(thresholds.read("excellent", out.thresholds.excellent));
  VIGIE_TRY(read_parameters(json["parameters"], out.parameters));
  VIGIE_TRY(read_summaries(json["folds"], out.folds));
  return out;
}

std::string fairness_json(const std::vector<FairnessTable>& tables) {
  JsonWriter json(1);
  json.begin_object().member("format", kFairnessFormat).member("format_version", 1).key("tables").begin_array();
  for (const FairnessTable& table : tables) {
    json.begin_object().member("column", table.column).member("scorer", table.scorer);
    json.member("reference", table.reference);
    std::vector<std::string> names;
    for (const FairnessGroup& group : table.groups) names.push_back(group.name);
    write_texts(json, "groups", names);
    for (const auto& [name, count] : kCounts) {
      std::vector<double> column;
      for (const FairnessGroup& group : table.groups) column.push_back(group.*count);
      json.key(name).values(std::span<const double>(column));
    }
    json.end_object();
  }
  json.end_array().end_object();
  return std::move(json).text() + "\n";
}

Result<std::vector<FairnessTable>> parse_fairness_json(const JsonReader& json) {
  VIGIE_TRY(check_format(json, kFairnessFormat));
  std::vector<FairnessTable> tables;
  for (const JsonReader& table : VIGIE_TRY(json["tables"].items(kMostTables))) {
    tables.push_back(VIGIE_TRY(parse_table(table)));
  }
  return tables;
}

std::string points_reference_json(const PointsReference& reference) {
  JsonWriter json(1);
  json.begin_object().member("format", kReferenceFormat).member("format_version", 1);
  json.key("edges").values(std::span<const double>(reference.edges));
  json.key("good").values(std::span<const double>(reference.good));
  json.key("bad").values(std::span<const double>(reference.bad));
  json.end_object();
  return std::move(json).text() + "\n";
}

Result<PointsReference> parse_points_reference_json(const JsonReader& json) {
  VIGIE_TRY(check_format(json, kReferenceFormat));
  PointsReference reference;
  VIGIE_TRY(json.read("edges", reference.edges));
  VIGIE_TRY(json.read("good", reference.good));
  VIGIE_TRY(json.read("bad", reference.bad));
  if (reference.edges.size() < 2 || reference.edges.size() > kMostRanges + 1) {
    return json["edges"].refuse("not those of 1 to 10,000 ranges");
  }
  for (std::size_t i = 1; i < reference.edges.size(); ++i) {
    if (!(reference.edges[i] > reference.edges[i - 1])) return json["edges"].refuse("they do not rise");
  }
  for (const auto& [name, counts] : {std::pair{"good", &reference.good}, std::pair{"bad", &reference.bad}}) {
    if (counts->size() + 1 != reference.edges.size()) return json[name].refuse("not one count a range");
    if (std::ranges::any_of(*counts, [](double count) { return count < 0; })) {
      return json[name].refuse("a count is negative");
    }
  }
  return reference;
}

}  // namespace vigie::model
