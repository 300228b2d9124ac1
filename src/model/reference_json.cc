#include "model/reference_json.h"

#include <algorithm>
#include <functional>

#include "base/json_writer.h"
#include "model/json_reader.h"

namespace vigie::model {
namespace {

constexpr std::size_t kMaxFeatureReferences = 10'000;
constexpr std::size_t kMaxBins = 10'000;
constexpr std::size_t kQuantiles = 9;
constexpr std::size_t kMaxDependenceBins = 1000;

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

// The arrays of contributions: one item an input, none negative; and of a dependence: one item a bin.
constexpr std::pair<const char*, std::vector<double> Contributions::*> kMeans[] = {
    {"mean_absolute", &Contributions::mean_absolute},
    {"positives_mean_absolute", &Contributions::positives_mean_absolute},
};
constexpr std::pair<const char*, std::vector<double> Dependence::*> kBinArrays[] = {
    {"value", &Dependence::value},
    {"mean", &Dependence::mean},
    {"low", &Dependence::low},
    {"high", &Dependence::high},
};

void write_contributions(JsonWriter& json, const Contributions& contributions) {
  json.begin_object().member("rows", contributions.rows).member("positives", contributions.positives);
  json.member("base_score", contributions.base_score);
  for (const auto& [name, field] : kMeans) json.key(name).values(std::span<const double>(contributions.*field));
  json.key("dependence").begin_array();
  for (const Dependence& dependence : contributions.dependence) {
    json.begin_object().member("feature", dependence.feature);
    for (const auto& [name, field] : kBinArrays) json.key(name).values(std::span<const double>(dependence.*field));
    json.end_object();
  }
  json.end_array().end_object();
}

Result<Dependence> parse_dependence(const JsonReader& json, std::span<const std::string> inputs) {
  Dependence out;
  VIGIE_TRY(json.read("feature", out.feature));
  for (const auto& [name, field] : kBinArrays) VIGIE_TRY(json.read(name, out.*field));
  if (std::ranges::find(inputs, out.feature) == inputs.end()) {
    return json["feature"].refuse("\"" + out.feature + "\" is no input of the model");
  }
  const std::size_t bins = out.value.size();
  if (bins == 0 || bins > kMaxDependenceBins) return json["value"].refuse("not 1 to 1000 bins");
  if (std::adjacent_find(out.value.begin(), out.value.end(), std::greater_equal<>()) != out.value.end()) {
    return json["value"].refuse("a bin is not above the one before");
  }
  if (out.mean.size() != bins || out.low.size() != bins || out.high.size() != bins) {
    return json.refuse("not one mean, low and high a bin");
  }
  for (std::size_t b = 0; b < bins; ++b) {
    if (out.low[b] > out.high[b]) return json["low"].refuse("item " + std::to_string(b) + ": above its high");
  }
  return out;
}

Result<Contributions> parse_contributions(const JsonReader& json, std::span<const std::string> inputs) {
  Contributions out;
  VIGIE_TRY(json.read("rows", out.rows));
  VIGIE_TRY(json.read("positives", out.positives));
  VIGIE_TRY(json.read("base_score", out.base_score));
  if (out.positives > out.rows) return json["positives"].refuse("more than rows");
  for (const auto& [name, field] : kMeans) {
    VIGIE_TRY(json.read(name, out.*field));
    if ((out.*field).size() != inputs.size()) return json[name].refuse("not one number an input");
    if (std::ranges::any_of(out.*field, [](double mean) { return mean < 0; })) {
      return json[name].refuse("a mean of absolute values is negative");
    }
  }
  for (const JsonReader& item : VIGIE_TRY(json["dependence"].items(inputs.size()))) {
    Dependence dependence = VIGIE_TRY(parse_dependence(item, inputs));
    if (std::ranges::find(out.dependence, dependence.feature, &Dependence::feature) != out.dependence.end()) {
      return item["feature"].refuse("\"" + dependence.feature + "\" has a dependence already");
    }
    out.dependence.push_back(std::move(dependence));
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
  if (reference.contributions) {
    json.key("contributions");
    write_contributions(json, *reference.contributions);
  }
  json.end_object();
  return std::move(json).text() + "\n";
}

Result<Reference> parse_reference_json(const JsonReader& json, std::span<const std::string> inputs) {
  Reference out;
  for (const JsonReader& feature : VIGIE_TRY(json["features"].items(kMaxFeatureReferences))) {
    out.features.push_back(VIGIE_TRY(parse_feature(feature)));
  }
  out.score = VIGIE_TRY(parse_feature(json["score"]));
  if (const auto contributions = VIGIE_TRY(json.find("contributions"))) {
    out.contributions = VIGIE_TRY(parse_contributions(*contributions, inputs));
  }
  return out;
}

}  // namespace vigie::model
