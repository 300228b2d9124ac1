#include "model/provenance_json.h"

#include "model/json_reader.h"

namespace vigie::model {
namespace {

constexpr std::size_t kMaxItems = 10'000;  // of parameters and seeds: far above any real model

}  // namespace

void write_data(JsonWriter& json, const DataOrigin& data) {
  json.key("data").begin_object().member("sha256", data.sha256).member("rows", data.rows);
  json.member("positives", data.positives).member("dropped_duplicates", data.dropped_duplicates);
  json.member("rejected", data.rejected).key("prevalence");
  data.prevalence ? json.value(*data.prevalence) : json.null();
  json.end_object();
}

Status read_data(const JsonReader& json, DataOrigin& data) {
  VIGIE_TRY(json.read("sha256", data.sha256));
  VIGIE_TRY(json.read("rows", data.rows));
  VIGIE_TRY(json.read("positives", data.positives));
  VIGIE_TRY(json.read("dropped_duplicates", data.dropped_duplicates));
  VIGIE_TRY(json.read("rejected", data.rejected));
  if (const auto prevalence = VIGIE_TRY(json.find("prevalence"))) data.prevalence = VIGIE_TRY(prevalence->number());
  return {};
}

void write_parameters(JsonWriter& json, const std::vector<Parameter>& parameters) {
  json.key("parameters").begin_array();
  for (const Parameter& parameter : parameters) {
    json.begin_object().member("name", parameter.name).member("value", parameter.value).end_object();
  }
  json.end_array();
}

void write_summaries(JsonWriter& json, const char* key, const std::vector<SeedSummary>& summaries) {
  json.key(key).begin_array();
  for (const SeedSummary& seed : summaries) {
    json.begin_object().member("scorer", seed.scorer).member("metric", seed.metric).member("mean", seed.mean);
    json.member("deviation", seed.deviation).key("values").values(std::span<const double>(seed.values)).end_object();
  }
  json.end_array();
}

Status read_summaries(const JsonReader& json, std::vector<SeedSummary>& out) {
  for (const JsonReader& item : VIGIE_TRY(json.items(kMaxItems))) {
    SeedSummary& seed = out.emplace_back();
    VIGIE_TRY(item.read("scorer", seed.scorer));
    VIGIE_TRY(item.read("metric", seed.metric));
    VIGIE_TRY(item.read("mean", seed.mean));
    VIGIE_TRY(item.read("deviation", seed.deviation));
    VIGIE_TRY(item.read("values", seed.values));
  }
  return {};
}

Status read_parameters(const JsonReader& json, std::vector<Parameter>& out) {
  for (const JsonReader& item : VIGIE_TRY(json.items(kMaxItems))) {
    Parameter& parameter = out.emplace_back();
    VIGIE_TRY(item.read("name", parameter.name));
    VIGIE_TRY(item.read("value", parameter.value));
  }
  return {};
}

}  // namespace vigie::model
