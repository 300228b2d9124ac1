// POST /score: what it takes and answers.
#include "api/openapi.h"
#include "schema/applicant.h"

namespace vigie::api {

std::vector<Operation> credit_operations() {
  const auto json = [](std::string_view schema, std::vector<Example> examples = {}) {
    return std::vector<Content>{{.media_type = "application/json", .schema = schema, .examples = std::move(examples)}};
  };
  std::vector<Example> examples = {
      {"core", "the three fields that suffice", R"({"age": 35, "revenu": 50000, "historique_impaye": 1})"},
      {"full", "all that sharpens the answer",
       R"({"client_id": "C1001", "age": 52, "revenu": 38000, "historique_impaye": 0, "montant_credit": 15000,
           "taux_endettement": 0.35, "credits_ouverts": 4, "personnes_a_charge": 2})"}};
  return {{.route = "score",
           .tag = "credit",
           .description =
               "A scorecard decides; with explain=true the boosted trees that challenge it say what they would "
               "have said. Fields that are left out count as missing.",
           .parameters = {"explain"},
           .request = json("Applicant", std::move(examples)),
           .answers = {{200, "The decision", json("ScoreAnswer")},
                       {422, "It can be read, and is not what is asked for: all problems at once", json("Error")}}}};
}

void write_credit_schemas(JsonWriter& json) {
  write_record_schema(json, "Applicant", "Somebody who asks for credit. Optional fields may be null.",
                      schema::applicant_fields());
  json.key("CreditReason").raw(R"({"type": "object",
    "required": ["code", "texte", "points_perdus", "valeur", "valeur_repere"], "properties": {
      "code": {"type": "string", "description": "the same for ever"},
      "texte": {"type": "string", "description": "in French where Accept-Language prefers it"},
      "points_perdus": {"type": "number", "description": "against what people of the training data have on average"},
      "valeur": {"type": ["number", "null"], "description": "null: it was left out"},
      "valeur_repere": {"type": ["number", "null"],
        "description": "the nearest value that would have mattered, as texte says; null where nobody can change it or none would"}}})");
  json.key("ScoreAnswer").raw(R"({"type": "object", "required": ["decision_id", "client_id", "score", "points",
    "probabilite_defaut", "classe", "decision", "seuils", "message", "raisons", "model", "latency_us"], "properties": {
      "decision_id": {"type": "string", "format": "uuid"},
      "client_id": {"type": ["string", "null"]},
      "score": {"type": "number", "minimum": 0, "maximum": 1, "description": "probability of repaying"},
      "points": {"type": "integer", "minimum": 300, "maximum": 850, "description": "classe and decision follow from them"},
      "probabilite_defaut": {"type": "number", "minimum": 0, "maximum": 1},
      "classe": {"type": "string", "enum": ["A", "B", "C", "D", "E"]},
      "decision": {"type": "string", "enum": ["accepté", "étude", "refusé"]},
      "seuils": {"type": "object", "required": ["refuse", "accepte", "excellent"],
        "description": "points that classe and decision followed from: A from excellent on, B from halfway between accepte and excellent, C from accepte, D from halfway between refuse and accepte, E below",
        "properties": {"refuse": {"type": "number"}, "accepte": {"type": "number"}, "excellent": {"type": "number"}}},
      "message": {"type": "string", "description": "in French where Accept-Language prefers it"},
      "raisons": {"type": "array", "maxItems": 4, "description": "what cost most points, worst first",
        "items": {"$ref": "#/components/schemas/CreditReason"}},
      "challenger": {"type": "object", "required": ["probabilite_defaut", "points", "raisons"],
        "description": "with explain=true", "properties": {
          "probabilite_defaut": {"type": "number", "minimum": 0, "maximum": 1},
          "points": {"type": "integer"},
          "raisons": {"type": "array", "items": {"$ref": "#/components/schemas/CreditReason"}}}},
      "model": {"type": "object", "required": ["name", "version"], "properties": {
        "name": {"type": "string"}, "version": {"type": "string"}}},
      "latency_us": {"type": "number", "minimum": 0}}})");
}

}  // namespace vigie::api
