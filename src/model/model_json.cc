#include "model/model_json.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "model/json_reader.h"
#include "model/provenance_json.h"
#include "schema/card.h"

namespace vigie::model {
namespace {

constexpr std::size_t kMaxItems = 10'000;  // of terms: far above any real model

constexpr std::pair<std::string_view, Transform::Kind> kTransforms[] = {
    {"identity", Transform::Kind::kIdentity},
    {"min_max", Transform::Kind::kMinMax},
    {"logistic", Transform::Kind::kLogistic},
    {"piecewise_linear", Transform::Kind::kPiecewiseLinear},
};
constexpr std::pair<std::string_view, Combination::Space> kSpaces[] = {
    {"probability", Combination::Space::kProbability},
    {"logit", Combination::Space::kLogit},
};

template <typename Table, typename Value>
std::string_view name_of(const Table& table, Value value) {
  for (const auto& [name, candidate] : table) {
    if (candidate == value) return name;
  }
  return {};
}

// One of the table's names.
template <typename Table, typename Value>
Status read_name(const Table& table, const JsonReader& json, Value& out) {
  const std::string text = VIGIE_TRY(json.text());
  for (const auto& [name, value] : table) {
    if (text != name) continue;
    out = value;
    return {};
  }
  return json.refuse("\"" + text + "\" is not known");
}

void write_names(JsonWriter& json, const char* key, std::span<const schema::Field> fields) {
  std::vector<std::string_view> names;
  for (const schema::Field& field : fields) names.push_back(field.name);
  json.key(key).values(std::span<const std::string_view>(names));
}

void write_features(JsonWriter& json, const schema::CardInputs& inputs) {
  json.key("features").begin_object();
  write_names(json, "raw", schema::card_raw_fields());
  write_names(json, "inputs", schema::card_input_fields());
  json.key("amount").begin_object().member("mean", inputs.amount.mean);
  json.member("deviation", inputs.amount.deviation).end_object();
  json.key("scaler").begin_object().member("kind", schema::to_string(inputs.scaler.kind));
  json.key("center").values(std::span<const double>(inputs.scaler.center));
  json.key("scale").values(std::span<const double>(inputs.scaler.scale)).end_object().end_object();
}

// The names that the package was made with must be this program's, in its order: a model must not be fed other columns
// than it learnt.
Status check_names(const JsonReader& json, std::span<const schema::Field> fields) {
  const auto names = VIGIE_TRY(json.texts());
  const bool equal = std::equal(names.begin(), names.end(), fields.begin(), fields.end(),
                                [](const std::string& name, const schema::Field& field) { return name == field.name; });
  if (!equal) return json.refuse("not the " + std::to_string(fields.size()) + " fields that this vigie computes");
  return {};
}

Status read_features(const JsonReader& json, schema::CardInputs& inputs) {
  VIGIE_TRY(check_names(json["raw"], schema::card_raw_fields()));
  VIGIE_TRY(check_names(json["inputs"], schema::card_input_fields()));
  VIGIE_TRY(json["amount"].read("mean", inputs.amount.mean));
  VIGIE_TRY(json["amount"].read("deviation", inputs.amount.deviation));
  if (inputs.amount.deviation <= 0) return json["amount"].refuse("the deviation is not above 0");
  const JsonReader scaler = json["scaler"];
  auto kind = schema::parse_scaler_kind(VIGIE_TRY(scaler["kind"].text()));
  if (!kind) return scaler["kind"].refuse(kind.error().message);
  inputs.scaler.kind = *kind;
  VIGIE_TRY(scaler.read("center", inputs.scaler.center));
  VIGIE_TRY(scaler.read("scale", inputs.scaler.scale));
  const std::size_t columns = *kind == schema::ScalerKind::kNone ? 0 : schema::kCardInputs;
  if (inputs.scaler.center.size() != columns || inputs.scaler.scale.size() != columns) {
    return scaler.refuse("not " + std::to_string(columns) + " columns");
  }
  if (std::any_of(inputs.scaler.scale.begin(), inputs.scaler.scale.end(), [](double scale) { return scale <= 0; })) {
    return scaler["scale"].refuse("a scale is not above 0");
  }
  return {};
}

void write_transform(JsonWriter& json, const Transform& transform) {
  json.begin_object().member("kind", name_of(kTransforms, transform.kind));
  switch (transform.kind) {
    case Transform::Kind::kIdentity: break;
    case Transform::Kind::kMinMax: json.member("low", transform.low).member("high", transform.high); break;
    case Transform::Kind::kLogistic:
      json.member("slope", transform.slope).member("intercept", transform.intercept);
      break;
    case Transform::Kind::kPiecewiseLinear:
      json.key("x").values(std::span<const double>(transform.x));
      json.key("y").values(std::span<const double>(transform.y));
      break;
  }
  json.end_object();
}

Result<Transform> parse_transform(const JsonReader& json) {
  Transform out;
  VIGIE_TRY(read_name(kTransforms, json["kind"], out.kind));
  switch (out.kind) {
    case Transform::Kind::kIdentity: break;
    case Transform::Kind::kMinMax:
      VIGIE_TRY(json.read("low", out.low));
      VIGIE_TRY(json.read("high", out.high));
      break;
    case Transform::Kind::kLogistic:
      VIGIE_TRY(json.read("slope", out.slope));
      VIGIE_TRY(json.read("intercept", out.intercept));
      break;
    case Transform::Kind::kPiecewiseLinear:
      VIGIE_TRY(json.read("x", out.x));
      VIGIE_TRY(json.read("y", out.y));
      break;
  }
  return out;
}

void write_combination(JsonWriter& json, const Combination& combination) {
  json.key("combination").begin_object().member("method", combination.method);
  json.member("space", name_of(kSpaces, combination.space)).member("intercept", combination.intercept);
  json.key("terms").begin_array();
  for (const auto& term : combination.terms) {
    json.begin_object().member("member", term.member).member("weight", term.weight).key("transform");
    write_transform(json, term.transform);
    json.end_object();
  }
  json.end_array().key("calibration");
  write_transform(json, combination.calibration);
  json.end_object();
}

Status read_combination(const JsonReader& json, Combination& out) {
  VIGIE_TRY(json.read("method", out.method));
  VIGIE_TRY(read_name(kSpaces, json["space"], out.space));
  VIGIE_TRY(json.read("intercept", out.intercept));
  const auto terms = VIGIE_TRY(json["terms"].items(kMaxItems));
  constexpr std::array kMembers = {kIsolationForest, kXgboost};
  if (terms.size() != kMembers.size()) return json["terms"].refuse("not one term a member");
  for (std::size_t i = 0; i < terms.size(); ++i) {
    Combination::Term term;
    VIGIE_TRY(terms[i].read("member", term.member));
    if (term.member != kMembers[i]) {
      return terms[i]["member"].refuse("\"" + term.member + "\" where \"" + std::string(kMembers[i]) + "\" belongs");
    }
    VIGIE_TRY(terms[i].read("weight", term.weight));
    term.transform = VIGIE_TRY(parse_transform(terms[i]["transform"]));
    out.terms.push_back(std::move(term));
  }
  out.calibration = VIGIE_TRY(parse_transform(json["calibration"]));
  if (const auto valid = validate(out); !valid) return json.refuse(valid.error().to_string());
  return {};
}

constexpr std::pair<const char*, double ThresholdChoice::*> kThreshold[] = {
    {"value", &ThresholdChoice::value},
    {"target", &ThresholdChoice::target},
    {"expected_precision", &ThresholdChoice::expected_precision},
    {"expected_recall", &ThresholdChoice::expected_recall},
    {"expected_f1", &ThresholdChoice::expected_f1},
    {"low", &ThresholdChoice::low},
    {"high", &ThresholdChoice::high},
};

// The document of a model whose inputs `write_inputs` writes.
template <typename WriteInputs>
void write_ensemble(JsonWriter& json, const EnsembleModel& model, std::string_view kind, WriteInputs&& write_inputs) {
  json.begin_object().member("kind", kind).member("name", model.name);
  json.member("software_version", model.software_version).member("created_at", model.created_at);
  json.member("seed", model.seed);
  write_data(json, model.data);
  write_inputs();
  json.key("members").begin_array();
  for (const std::string_view member : {kIsolationForest, kXgboost}) {
    json.begin_object().member("name", member).member("file", std::string(member) + ".json").end_object();
  }
  json.end_array();
  write_combination(json, model.combination);
  json.key("threshold").begin_object().member("policy", model.threshold.policy);
  for (const auto& [name, field] : kThreshold) json.member(name, model.threshold.*field);
  json.end_object();
  write_parameters(json, model.parameters);
  write_summaries(json, "seeds", model.seeds);
  json.key("metrics");
  write_summary(json, model.evaluation);
  json.end_object();
}

Status read_ensemble(const JsonReader& json, std::string_view kind, EnsembleModel& out) {
  const std::string found = VIGIE_TRY(json["kind"].text());
  if (found != kind) return json["kind"].refuse("\"" + found + "\" is not \"" + std::string(kind) + "\"");
  VIGIE_TRY(json.read("name", out.name));
  VIGIE_TRY(json.read("software_version", out.software_version));
  VIGIE_TRY(json.read("created_at", out.created_at));
  VIGIE_TRY(json.read("seed", out.seed));
  VIGIE_TRY(read_data(json["data"], out.data));
  VIGIE_TRY(read_combination(json["combination"], out.combination));
  VIGIE_TRY(json["threshold"].read("policy", out.threshold.policy));
  for (const auto& [name, field] : kThreshold) VIGIE_TRY(json["threshold"].read(name, out.threshold.*field));
  VIGIE_TRY(read_parameters(json["parameters"], out.parameters));
  VIGIE_TRY(read_summaries(json["seeds"], out.seeds));
  return {};
}

// Names come from strangers and are shown to people.
bool is_input_name(std::string_view name) {
  constexpr std::size_t kLongest = 64;
  return !name.empty() && name.size() <= kLongest &&
         std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

Status read_input_names(const JsonReader& json, std::vector<std::string>& out) {
  out = VIGIE_TRY(json.texts());
  if (out.empty() || out.size() > kMaxTransactionInputs) {
    return json.refuse("not 1 to " + std::to_string(kMaxTransactionInputs) + " names");
  }
  for (auto name = out.begin(); name != out.end(); ++name) {
    if (!is_input_name(*name)) return json.refuse("a name is not 1 to 64 of a-z, 0-9 and _");
    if (std::find(out.begin(), name, *name) != name) return json.refuse("\"" + *name + "\" is there twice");
  }
  return {};
}

template <typename Model>
std::string document(const Model& model) {
  JsonWriter json(2);
  write_model(json, model);
  return std::move(json).text() + "\n";
}

}  // namespace

std::string model_json(const CardModel& model) { return document(model); }
std::string model_json(const TransactionModel& model) { return document(model); }

void write_model(JsonWriter& json, const CardModel& model) {
  write_ensemble(json, model, "card", [&] { write_features(json, model.inputs); });
}

void write_model(JsonWriter& json, const TransactionModel& model) {
  write_ensemble(json, model, "transaction", [&] {
    json.key("features").begin_object().key("inputs").values(std::span<const std::string>(model.inputs)).end_object();
  });
}

Result<CardModel> parse_card_json(const JsonReader& json) {
  CardModel out;
  VIGIE_TRY(read_ensemble(json, "card", out));
  VIGIE_TRY(read_features(json["features"], out.inputs));
  return out;
}

Result<TransactionModel> parse_transaction_json(const JsonReader& json) {
  TransactionModel out;
  VIGIE_TRY(read_ensemble(json, "transaction", out));
  VIGIE_TRY(read_input_names(json["features"]["inputs"], out.inputs));
  return out;
}

}  // namespace vigie::model
