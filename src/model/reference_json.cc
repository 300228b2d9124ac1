#include "model/reference_json.h"

#include <algorithm>

#include "base/json_writer.h"
#include "model/json_reader.h"

namespace vigie::model {
namespace {

constexpr std::size_t kMaxFeatureReferences = 10'000;
constexpr std::size_t kMaxBins = 10'000;
constexpr std::size_t kQuantiles = 9;

// The single numbers and the arrays of a feature by name, for both directions.
constexpr std::pair<const char*, double FeatureReference::*> kNumbers[] = {
    {"minimum", &FeatureReference::minimum},
    {"maximum", &FeatureReference::maximum},
    {"mean", &FeatureReference::mean},
    {"deviation", &FeatureReference::deviation},
    {"importance", &FeatureReference::importance},
};
constexpr std::pair<const char*, std::vector<double> FeatureReference::*> kArrays[] = {
    {"quantiles", &FeatureReference::quantiles},
    {"edges", &FeatureReference::edges},
    {"counts", &FeatureReference::counts},
    {"positive_counts", &FeatureReference::positive_counts},
};

void write_feature(JsonWriter& json, const FeatureReference& feature) {
  json.begin_object().member("name", feature.name);
  for (const auto& [name, field] : kNumbers) json.member(name, feature.*field);
  for (const auto& [name, field] : kArrays) json.key(name).values(std::span<const double>(feature.*field));
  json.end_object();
}

Result<FeatureReference> parse_feature(const JsonReader& json) {
  FeatureReference out;
  VIGIE_TRY(json.read("name", out.name));
  for (const auto& [name, field] : kNumbers) VIGIE_TRY(json.read(name, out.*field));
  for (const auto& [name, field] : kArrays) VIGIE_TRY(json.read(name, out.*field));
  if (out.quantiles.size() != kQuantiles || !std::is_sorted(out.quantiles.begin(), out.quantiles.end())) {
    return json["quantiles"].refuse("not nine numbers in order");
  }
  if (out.edges.size() < 2 || out.edges.size() > kMaxBins || !std::is_sorted(out.edges.begin(), out.edges.end())) {
    return json["edges"].refuse("not at least two numbers in order");
  }
  for (const auto* counts : {&out.counts, &out.positive_counts}) {
    if (counts->size() + 1 != out.edges.size()) return json.refuse("not one count a bin");
    if (std::any_of(counts->begin(), counts->end(), [](double count) { return count < 0; })) {
      return json.refuse("a count is negative");
    }
  }
  return out;
}

}  // namespace

std::string reference_json(const Reference& reference) {
  JsonWriter json(2);
  json.begin_object().key("features").begin_array();
  for (const FeatureReference& feature : reference.features) write_feature(json, feature);
  json.end_array().key("score");
  write_feature(json, reference.score);
  json.end_object();
  return std::move(json).text() + "\n";
}

Result<Reference> parse_reference_json(const JsonReader& json) {
  Reference out;
  for (const JsonReader& feature : VIGIE_TRY(json["features"].items(kMaxFeatureReferences))) {
    out.features.push_back(VIGIE_TRY(parse_feature(feature)));
  }
  out.score = VIGIE_TRY(parse_feature(json["score"]));
  return out;
}

}  // namespace vigie::model
