// POST /fraude and its alias: what they take and answer.
#include "api/openapi.h"
#include "schema/transaction.h"

namespace vigie::api {
namespace {

constexpr std::string_view kJson = "application/json";

std::vector<Example> examples(std::string_view first, std::string_view second) {
  const auto id = [](std::string_view name) { return R"({"transaction_id": ")" + std::string(name) + "\""; };
  return {{"plain", "what has to be there, and no more",
           id(first) + R"(, "montant": 2000, "type": "virement", "client_id": "C1001"})"},
          {"full", "a high amount in a country that is suspicious by the settings",
           id(second) + R"(, "montant": 12500.5, "type": "dépôt", "client_id": "C1002", "devise": "EUR",
             "date_transaction": "2026-11-21T23:15:00+01:00", "pays": "NG", "terminal_id": "T42",
             "historique_impaye": 1, "canal": "mobile"})"}};
}

Operation operation(std::string_view route, std::vector<Example> given) {
  return {
      .route = route,
      .tag = "transaction fraud",
      .description =
          "Rules, the client's history and, where there is one, a model decide together; the transaction "
          "then counts in the history. The same transaction_id again gets the recorded answer, with "
          "Idempotent-Replay: true, and does not count twice; another transaction under it is a 409. "
          "/fraude and /fraud are the same. With explain=true the features and what moved the model's score come too; "
          "an answer that is repeated is the first one as it was, whatever is asked for then.",
      .parameters = {"explain"},
      .request = {{.media_type = std::string(kJson), .schema = "ClientTransaction", .examples = std::move(given)}},
      .answers = {
          {200, "The decision", {{.media_type = std::string(kJson), .schema = "FraudAnswer"}}},
          {409, "The transaction_id is another transaction's", {{.media_type = std::string(kJson), .schema = "Error"}}},
          {422,
           "It can be read, and is not what is asked for: all problems at once",
           {{.media_type = std::string(kJson), .schema = "Error"}}}}};
}

}  // namespace

std::vector<Operation> fraud_operations() {
  Operation labels = {
      .route = "labels",
      .tag = "transaction fraud",
      .description =
          "Says that a transaction was a fraud, or takes that back. It counts in its terminal's risk from when it is "
          "seven days old. The same again changes nothing.",
      .request = {{.media_type = std::string(kJson),
                   .schema = "Label",
                   .examples = {{"fraud", "what a client complained about",
                                 R"({"transaction_id": "TX12346", "terminal_id": "T42",
                                     "date_transaction": "2026-11-21T23:15:00+01:00", "fraude": true})"}}}},
      .answers = {{200, "What came of it", {{.media_type = std::string(kJson), .schema = "LabelAnswer"}}},
                  {422,
                   "It can be read, and is not what is asked for: all problems at once",
                   {{.media_type = std::string(kJson), .schema = "Error"}}}}};
  return {operation("fraude", examples("TX12345", "TX12346")), operation("fraud", examples("TX12347", "TX12348")),
          std::move(labels)};
}

void write_fraud_schemas(JsonWriter& json) {
  write_record_schema(json, "ClientTransaction", "A transaction of a client. Optional fields may be null.",
                      schema::transaction_fields());
  write_record_schema(json, "Label", "What became known of a transaction.", schema::label_fields());
  json.key("LabelAnswer")
      .raw(R"({"type": "object", "required": ["transaction_id", "fraude", "historique"], "properties": {
    "transaction_id": {"type": "string"}, "fraude": {"type": "boolean"},
    "historique": {"type": "string", "enum": ["taken", "too_old", "unknown"],
      "description": "too_old: in nobody's window any more; unknown: there was nothing at that terminal at that time"}}})");
  json.key("FraudAnswer").raw(R"({"type": "object", "required": ["decision_id", "transaction_id", "client_id",
    "date_transaction", "risque", "niveau", "alert", "decision", "message", "regles", "raisons", "score_modele", "historique", "ruleset", "seuils", "model",
    "latency_us"],
    "properties": {
      "decision_id": {"type": "string", "format": "uuid"},
      "transaction_id": {"type": "string"}, "client_id": {"type": "string"},
      "date_transaction": {"type": "string", "format": "date-time", "description": "in UTC: what was sent, or when it came in"},
      "risque": {"type": "number", "minimum": 0, "maximum": 1,
        "description": "noisy-or of score_modele and the weights of the rules that fired: 1 - (1 - a)(1 - b)..."},
      "niveau": {"type": "string", "enum": ["faible", "moyen", "eleve"]},
      "alert": {"type": "boolean", "description": "whether the decision is not accepter"},
      "decision": {"type": "string", "enum": ["accepter", "verifier", "refuser"],
        "description": "by the bands of the risk; a rule with verifier or refuser makes it that at least, and one with accepter, where no other says more, that whatever the risk"},
      "message": {"type": "string", "description": "in French where Accept-Language prefers it"},
      "regles": {"type": "array", "description": "the rules that fired", "items": {"type": "object",
        "required": ["nom", "texte", "poids", "issue"], "properties": {
          "nom": {"type": "string"}, "texte": {"type": "string"},
          "poids": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
          "issue": {"enum": ["accepter", "verifier", "refuser", null]},
          "erreur": {"const": true, "description": "it could not be evaluated, and fails closed"}}}},
      "raisons": {"type": "array", "items": {"type": "string"}, "description": "why, for analysts: reasons of the rules that fired and, of an alert, what raised the model's score"},
      "score_modele": {"type": ["number", "null"], "minimum": 0, "maximum": 1,
        "description": "the model's probability of fraud; null where there is no model"},
      "historique": {"type": "string", "enum": ["counted", "duplicate", "late", "ahead"],
        "description": "whether the transaction counts in the client's history, or why it does not"},
      "ruleset": {"type": "string", "description": "version of the rules, made from what they say"},
      "seuils": {"type": "object", "description": "the settings that rules read, and the bands of risks",
        "required": ["montant_eleve", "nb_transactions_24h", "pays_suspect", "moyen", "eleve", "refuser"], "properties": {
          "montant_eleve": {"type": "number"}, "nb_transactions_24h": {"type": "integer"},
          "pays_suspect": {"type": "array", "items": {"type": "string"}},
          "moyen": {"type": "number"}, "eleve": {"type": "number"}, "refuser": {"type": "number"}}},
      "model": {"type": ["object", "null"], "required": ["name", "version"], "properties": {
        "name": {"type": "string"}, "version": {"type": "string"}}, "description": "null where rules alone speak"},
      "latency_us": {"type": "number", "minimum": 0, "description": "microseconds, the history's included"},
      "base_score": {"type": "number", "description": "with explain=true and a model: what contributions add up from"},
      "reasons": {"type": "array", "items": {"type": "object", "additionalProperties": true},
        "description": "with explain=true and a model: the inputs that moved its score most"},
      "caracteristiques": {"type": "object", "additionalProperties": {"type": ["number", "null"]},
        "description": "with explain=true: what the decision was made of, as the model takes it; null: there is none"}}})");
}

}  // namespace vigie::api
