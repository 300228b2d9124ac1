// The shapes of bodies. Those of transactions and problems come from the tables that validate; those of answers are
// proven by openapi_test.cc, which holds real answers against them and wants every member named.
#include <cmath>

#include "api/card_body.h"
#include "api/errors.h"
#include "api/openapi.h"
#include "api/problem.h"
#include "schema/card.h"

namespace vigie::api {
namespace {

void write_names(JsonWriter& json, std::span<const schema::Field> fields) {
  json.begin_array();
  for (const schema::Field& field : fields) json.value(field.name);
  json.end_array();
}

void write_field(JsonWriter& json, const schema::Field& field) {
  json.key(field.name).begin_object();
  if (field.type == schema::FieldType::kFlag) {
    json.key("type").raw(R"(["boolean", "integer"])").key("enum").raw("[false, true, 0, 1]");
  } else {
    json.member("type", schema::to_string(field.type));
    if (std::isfinite(field.minimum)) json.member("minimum", field.minimum);
    if (std::isfinite(field.maximum)) json.member("maximum", field.maximum);
  }
  std::string description(field.text_en);
  if (field.role == schema::Role::kEngineered) description += "; computed by the server, and ignored when sent";
  json.member("description", description).member("x-role", schema::to_string(field.role));
  if (!field.unit.empty()) json.member("x-unit", field.unit);
  json.end_object();
}

void write_transaction(JsonWriter& json) {
  json.key("Transaction").begin_object().member("type", "object");
  json.member("description",
              "A card transaction: the fields of the public ULB data set. The model's inputs are computed from the "
              "required ones. Numbers must fit a double.");
  json.key("required");
  write_names(json, schema::card_raw_fields());
  json.key("properties").begin_object();
  for (const schema::Field& field : schema::card_fields()) write_field(json, field);
  json.end_object().member("additionalProperties", false).end_object();
}

constexpr std::string_view kOthers = "Others come back untouched, but none may have a name that the answer adds.";

void write_batch_request(JsonWriter& json) {
  json.key("TransactionList").begin_object().member("type", "array").member("maxItems", kMostRows);
  json.key("items").raw(R"({"$ref": "#/components/schemas/Transaction"})").end_object();
  json.key("Batch").raw(R"({"oneOf": [{"$ref": "#/components/schemas/TransactionList"},
    {"type": "object", "required": ["transactions"], "additionalProperties": false,
     "properties": {"transactions": {"$ref": "#/components/schemas/TransactionList"}}}]})");
  std::string columns;
  for (const schema::Field& field : schema::card_raw_fields()) {
    columns.append(columns.empty() ? "" : ", ").append(field.name);
  }
  json.key("CsvBatch").begin_object().member("type", "string");
  json.member("description", "A header and rows. Columns in any order: " + columns + ". " + std::string(kOthers));
  json.end_object().key("NdjsonBatch").begin_object().member("type", "string");
  json.member("description", "One JSON object a line, each with the members " + columns +
                                 ": numbers, or the texts of numbers. " + std::string(kOthers));
  json.end_object();
}

void write_problem_schemas(JsonWriter& json) {
  json.key("Problem").begin_object().member("type", "object");
  json.key("required").raw(R"(["type", "loc", "msg"])").key("properties").begin_object();
  json.key("type").begin_object().member("type", "string").key("enum").begin_array();
  for (int kind = 0; kind <= static_cast<int>(Problem::kLastKind); ++kind) {
    json.value(type_of(static_cast<Problem::Kind>(kind)));
  }
  for (const std::string_view type : kMalformedTypes) json.value(type);
  for (const Refusal& refusal : refusals()) json.value(refusal.type);
  json.end_array().end_object();
  json.key("loc").raw(R"({"type": "array", "items": {"type": ["string", "integer"]},
    "description": "where it is: part of the request, then names and indices", "examples": [["body", "V1"]]})");
  json.key("msg").raw(R"({"type": "string", "description": "in French where Accept-Language prefers it"})");
  json.key("input").begin_object();
  json.member("description", "the offending value, up to " + std::to_string(kLongestInput) + " bytes").end_object();
  json.key("ctx").raw(R"({"type": "object", "description": "the bound that was passed, or why a body cannot be read",
    "properties": {"gt": {"type": "number"}, "ge": {"type": "number"}, "le": {"type": "number"}, "error": {"type": "string"}}})");
  json.end_object().end_object();

  json.key("Error").begin_object().member("type", "object");
  json.member("description", "Every refusal, in FastAPI's shape: all problems at once, the first " +
                                 std::to_string(kMostProblems) + " of them in words.");
  json.key("required").raw(R"(["detail"])").key("properties").raw(R"({"detail": {"type": "array", "minItems": 1,
    "items": {"$ref": "#/components/schemas/Problem"}}})");
  json.end_object();
}

constexpr std::string_view kDecisionMembers = R"("decision_id": {"type": "string", "format": "uuid"},
    "fraud": {"type": "integer", "enum": [0, 1], "description": "1 where hybrid_score > threshold_used"},
    "hybrid_score": {"type": "number", "minimum": 0, "maximum": 1},
    "threshold_used": {"type": "number"},
    "model": {"type": "object", "required": ["name", "version"], "properties": {
      "name": {"type": "string"}, "version": {"type": "string", "description": "made from the model's content"}}},
    "latency_us": {"type": "number", "minimum": 0,
      "description": "microseconds of computation; in a batch the mean of the row's block"})";
constexpr std::string_view kDecisionRequired =
    R"("decision_id", "fraud", "hybrid_score", "threshold_used", "model", "latency_us")";
constexpr std::string_view kReasonMembers = R"(,
    "base_score": {"type": "number", "description": "with the contributions of all inputs it adds up to hybrid_score"},
    "reasons": {"type": "array", "description": "the inputs that moved the score most, most first",
      "items": {"$ref": "#/components/schemas/Reason"}})";

void write_decisions(JsonWriter& json) {
  const auto decision = [&](std::string_view name, std::string_view members, std::string_view required) {
    json.key(name).begin_object().member("type", "object");
    json.key("required").raw("[" + std::string(kDecisionRequired) + std::string(required) + "]");
    json.key("properties").raw("{" + std::string(kDecisionMembers) + std::string(members) + "}").end_object();
  };
  decision("Decision", {}, {});
  decision("ExplainedDecision", kReasonMembers, R"(, "base_score", "reasons")");
  json.key("Reason").begin_object().member("type", "object");
  json.key("required").raw(R"(["feature", "value", "contribution", "median", "quantile", "direction", "text"])");
  json.key("properties").begin_object();
  json.key("feature").begin_object().member("type", "string").key("enum");
  write_names(json, schema::card_input_fields());
  json.end_object();
  json.key("value").raw(R"({"type": "number", "description": "the feature's own, unscaled"})");
  json.key("contribution").raw(R"({"type": "number", "description": "to the score; positive ones speak for fraud"})");
  json.key("median").raw(R"({"type": "number", "description": "of the training rows"})");
  json.key("quantile")
      .raw(
          R"({"type": "number", "minimum": 0, "maximum": 1, "description": "share of training rows below the value"})");
  json.key("direction").raw(R"({"type": "string", "enum": ["raises", "lowers"]})");
  json.key("text").raw(R"({"type": "string", "description": "in French where Accept-Language prefers it"})");
  json.end_object().end_object();
}

void write_scored_row(JsonWriter& json) {
  json.key("ScoredRow").begin_object().member("type", "object");
  json.member("description", "Where the body was CSV or NDJSON: the row's own members, these and others.");
  json.key("required").begin_array();
  for (const schema::Field& field : schema::card_raw_fields()) json.value(field.name);
  json.value("hybrid_score").value("fraud").end_array();
  json.key("properties").begin_object();
  for (const schema::Field& field : schema::card_raw_fields()) write_field(json, field);
  json.key("hybrid_score").raw(R"({"type": "number", "minimum": 0, "maximum": 1})");
  json.key("fraud").raw(R"({"type": "integer", "enum": [0, 1]})");
  json.end_object().end_object();
}

void write_batch_answers(JsonWriter& json) {
  json.key("BadRow").raw(R"({"type": "object", "description": "in the place of a decision", "required": ["error"],
    "properties": {"error": {"type": "object", "required": ["index", "field", "reason", "problems", "detail"],
      "properties": {"index": {"type": "integer", "minimum": 0},
        "field": {"type": ["string", "null"], "description": "null: the row itself"},
        "reason": {"type": "string"},
        "problems": {"type": "integer", "minimum": 1, "description": "how many there are"},
        "detail": {"type": "array", "description": "the first of them",
          "items": {"$ref": "#/components/schemas/Problem"}}}}}})");
  json.key("DecisionList").raw(R"({"type": "array", "description": "in the order of the transactions",
    "items": {"anyOf": [{"$ref": "#/components/schemas/Decision"}, {"$ref": "#/components/schemas/BadRow"},
      {"$ref": "#/components/schemas/ScoredRow"}, {"$ref": "#/components/schemas/BadLine"}]}})");
  write_scored_row(json);
  json.key("BadLine").raw(R"({"type": "object", "description": "in its place, one that is bad", "required": ["error"],
    "properties": {"error": {"type": "object", "required": ["line", "field", "reason"], "properties": {
      "line": {"type": "integer", "minimum": 1}, "field": {"type": ["string", "null"]},
      "reason": {"type": "string"}}}}})");
  json.key("BatchAnswer").raw(R"({"description": "An array, or an object for an object.", "oneOf": [
    {"$ref": "#/components/schemas/DecisionList"},
    {"type": "object", "required": ["predictions", "total", "frauds", "errors", "execution_time_ms"], "properties": {
      "predictions": {"$ref": "#/components/schemas/DecisionList"},
      "total": {"type": "integer", "minimum": 0}, "frauds": {"type": "integer", "minimum": 0},
      "errors": {"type": "integer", "minimum": 0, "description": "bad rows"},
      "execution_time_ms": {"type": "number", "minimum": 0}}}]})");
  const auto text = [&](std::string_view name, std::string_view description) {
    json.key(name).begin_object().member("type", "string").member("description", description).end_object();
  };
  text(
      "CsvAnswer",
      "The rows as they came, with the columns hybrid_score, fraud and error appended. A bad row has no scores, and in "
      "error what is wrong with it. With on_error=fail there is no column error.");
  text(
      "NdjsonAnswer",
      R"(A line for each row: that of an NDJSON body as it came, or the columns of a CSV row as members, with )"
      R"(hybrid_score and fraud appended, and for a bad one {"error": {"line", "field", "reason"}}. For a JSON body its )"
      R"(decisions.)");
}

void write_features(JsonWriter& json) {
  const auto names = [&](std::string_view key, std::span<const schema::Field> fields) {
    json.key(key).begin_object().member("type", "array").member("minItems", fields.size());
    json.member("maxItems", fields.size()).key("items").begin_object().member("type", "string").key("enum");
    write_names(json, fields);
    json.end_object().end_object();
  };
  json.key("Features").begin_object().member("type", "object");
  json.key("required").raw(R"(["required_features", "model_features", "total_features", "fields"])");
  json.key("properties").begin_object();
  names("required_features", schema::card_fields());
  names("model_features", schema::card_input_fields());
  json.key("total_features").begin_object().member("const", schema::card_input_fields().size()).end_object();
  json.key("fields").raw(R"({"type": "array", "items": {"$ref": "#/components/schemas/Feature"}})");
  json.end_object().end_object();
  json.key("Feature").raw(R"({"type": "object",
    "required": ["name", "type", "role", "required", "minimum", "maximum", "unit", "description"], "properties": {
      "name": {"type": "string"}, "type": {"type": "string", "enum": ["number", "integer", "boolean", "string"]},
      "role": {"type": "string", "enum": ["offset", "raw", "input", "engineered"],
        "description": "offset: no input; raw: an input through its transforms; engineered: computed by the server"},
      "required": {"type": "boolean"},
      "minimum": {"type": ["number", "null"]}, "maximum": {"type": ["number", "null"]}, "unit": {"type": "string"},
      "description": {"type": "string", "description": "in French where Accept-Language prefers it"}}})");
}

void write_health(JsonWriter& json) {
  json.key("Health").raw(R"({"type": "object", "required": ["status", "model_loaded", "version", "services"],
    "properties": {"status": {"enum": ["ok", "degraded"]}, "model_loaded": {"type": "boolean"},
      "version": {"type": "string", "description": "the server's"},
      "services": {"type": "object", "properties": {"predict": {"type": "object",
        "required": ["model", "version"],
        "properties": {"model": {"type": "string"}, "version": {"type": "string"}}},
        "fraude": {"type": "object", "required": ["model", "version", "ruleset", "history"], "properties": {
          "model": {"type": ["string", "null"]}, "version": {"type": ["string", "null"]}, "ruleset": {"type": "string"},
          "history": {"enum": ["ok", "failing"], "description": "failing: POST /fraude is a 503"}}},
        "score": {"type": "object", "required": ["model", "version"],
          "properties": {"model": {"type": "string"}, "version": {"type": "string"}}}}}}})");
  for (const auto& [name, status] : {std::pair{"Live", "live"}, std::pair{"Ready", "ready"}}) {
    json.key(name).begin_object().member("type", "object").key("required").raw(R"(["status"])");
    json.key("properties").begin_object().key("status").begin_object().member("const", status);
    json.end_object().end_object().end_object();
  }
}

void write_metrics(JsonWriter& json) {
  json.key("Metrics").begin_object().member("type", "object").member("additionalProperties", true);
  json.member("description", "More members may come. docs/http.md says what each of them counts.");
  const auto counts = {"total_requests", "fraud_predictions", "legitimate_predictions", "auth_failures_count",
                       "forbidden_count"};
  const auto numbers = {"uptime_seconds", "average_latency_ms", "p50_latency_ms", "p90_latency_ms",
                        "p99_latency_ms", "p999_latency_ms",    "error_rate"};
  json.key("required").begin_array();
  for (const char* const name : counts) json.value(name);
  for (const char* const name : numbers) json.value(name);
  json.end_array().key("properties").begin_object();
  for (const char* const name : counts) json.key(name).raw(R"({"type": "integer", "minimum": 0})");
  for (const char* const name : numbers) json.key(name).raw(R"({"type": "number", "minimum": 0})");
  json.end_object().end_object();
  json.key("MetricsText").raw(R"({"type": "string", "description": "the exposition format of Prometheus"})");
}

}  // namespace

void write_card_schemas(JsonWriter& json) {
  write_transaction(json);
  write_batch_request(json);
  write_decisions(json);
  json.key("PredictAnswer").raw(R"({"anyOf": [{"$ref": "#/components/schemas/ExplainedDecision"},
    {"$ref": "#/components/schemas/Decision"}]})");
  write_batch_answers(json);
  write_features(json);
}

void write_schemas(JsonWriter& json) {
  write_health(json);
  write_metrics(json);
  write_problem_schemas(json);
  json.key("Page").raw(R"({"type": "string", "description": "HTML"})");
  json.key("OpenApi").raw(R"({"type": "object", "required": ["openapi", "info"], "additionalProperties": true,
    "properties": {"openapi": {"type": "string"}, "info": {"type": "object", "additionalProperties": true}}})");
}

}  // namespace vigie::api
