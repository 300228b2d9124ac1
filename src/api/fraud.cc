// POST /fraude, and /fraud: one transaction of a client, one decision by rules, history and model.
#include <chrono>
#include <cmath>
#include <memory>
#include <optional>

#include "api/answer_memory.h"
#include "api/api.h"
#include "api/card_answer.h"
#include "api/errors.h"
#include "api/reading.h"
#include "base/json_writer.h"
#include "base/number.h"
#include "base/timestamp.h"
#include "schema/transaction.h"

namespace vigie::api {
namespace {

// The transaction that a record is; it sees the record's texts.
domain::Transaction transaction_of(const Record& record, WallTime now) {
  const Record::Cell& unpaid = record[schema::kHistoriqueImpaye];
  const Record::Cell& date = record[schema::kDate];
  domain::Transaction transaction{
      .id = record[schema::kTransactionId].text,
      .client = record[schema::kClientId].text,
      .amount = record[schema::kMontant].number,
      .type = static_cast<std::uint8_t>(
          schema::choice_of(schema::transaction_fields()[schema::kType], record[schema::kType].text).value_or(0)),
      .time = now,
      .currency = record[schema::kDevise].text,
      .country = record[schema::kPays].text,
      .terminal = record[schema::kTerminalId].text,
      .channel = record[schema::kCanal].text};
  if (unpaid.given) transaction.unpaid = unpaid.number;
  if (date.given) transaction.time = WallTime(std::chrono::microseconds(parse_timestamp(date.text).value_or(0)));
  return transaction;
}

// What a record says, whatever the order and the form in which it was said.
std::string content_of(const Record& record) {
  const auto fields = schema::transaction_fields();
  std::string content;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Record::Cell& cell = record[i];
    content += cell.given ? '+' : '-';
    if (!cell.given) continue;
    if (fields[i].form == schema::TextForm::kChoice) {
      content += std::to_string(schema::choice_of(fields[i], cell.text).value_or(0));
    } else if (fields[i].form == schema::TextForm::kMoment) {
      content += std::to_string(parse_timestamp(cell.text).value_or(0));
    } else {
      content += cell.text;                       // no form of text has a line end
      append_double(content, cell.number + 0.0);  // -0 is 0
    }
    content += '\n';
  }
  return content;
}

// What settings say of a decision, beside the rules: with both it can be understood later on.
std::string settings_of(const decision::FraudOptions& options) {
  JsonWriter json;
  json.begin_object()
      .member("montant_eleve", options.thresholds.high_amount)
      .member("nb_transactions_24h", options.thresholds.transactions_a_day);
  json.key("pays_suspect").values(std::span<const std::string>(options.thresholds.suspicious_countries));
  json.member("moyen", options.bands.middle)
      .member("eleve", options.bands.high)
      .member("refuser", options.bands.refuse)
      .end_object();
  return std::move(json).text();
}

// Whoever waits for this answer is let go, whatever happens.
struct Unfinished {
  AnswerMemory& memory;
  const AnswerMemory::Digest& name;
  bool kept = false;

  ~Unfinished() {
    if (!kept) memory.drop(name);
  }
};

class Fraud {
 public:
  explicit Fraud(const Services& services)
      : service_(services.fraud),
        memory_(services.fraud_answers),
        hash_(services.fraud_hash),
        metrics_(services.fraud_metrics),
        watch_(services.fraud_watch),
        rules_(services.fraud_watch->rules_of(services.fraud->ruleset())),
        clock_(*services.clock),
        ids_(*services.clock, services.seed) {
    JsonWriter json;
    json.value(service_->ruleset().version());
    ruleset_ = std::move(json).text();
    JsonWriter model;
    if (const auto& scorer = service_->model().scorer) {
      model.begin_object().member("name", scorer->name()).member("version", scorer->version()).end_object();
    } else {
      model.null();
    }
    model_ = std::move(model).text();
    settings_ = settings_of(service_->options());
  }

  void operator()(const http::Request& request, http::Response& response) const {
    thread_local Record record;
    const bool french = in_french(request);
    bool explain = false;
    if (!read_explain(request, response, explain)) return;
    if (!read_body(request, schema::transaction_fields(), response, record)) return;

    const auto name = hash_.digest(record[schema::kTransactionId].text);
    const auto seen = memory_->begin(name, hash_.digest(content_of(record)));
    switch (seen.was) {
      case AnswerMemory::Was::kSame:
        response.add_header("Idempotent-Replay", "true");
        response.body = *seen.answer;
        return;
      case AnswerMemory::Was::kOther:
        return answer_rejection({409, "this transaction_id was given to another transaction: give this one its own"},
                                request.header("Accept-Language"), response);
      case AnswerMemory::Was::kNew: break;
    }
    Unfinished work{.memory = *memory_, .name = name};
    if (const Status decided = decide(record, explain, french, response.body); !decided) {
      watch_->failed(decided.error());
      response.add_header("Retry-After", "1");
      return answer_rejection({503, "the client's history cannot be reached or kept: send the same again"},
                              request.header("Accept-Language"), response);
    }
    memory_->keep(name, response.body);
    work.kept = true;
  }

 private:
  static constexpr std::size_t kReasons = 3;
  // Made once for a decision, where there is a model and somebody is told.
  using Explanation = std::optional<decision::TransactionExplanation>;

  // One for each thread, made anew where the service is another one.
  decision::FraudWork& work() const {
    struct Mine {
      std::shared_ptr<const decision::FraudService> service;
      std::unique_ptr<decision::FraudWork> work;
    };
    thread_local Mine mine;
    if (mine.service != service_) mine = {service_, std::make_unique<decision::FraudWork>(*service_)};
    return *mine.work;
  }

  Status decide(const Record& record, bool explain, bool french, std::string& out) const {
    const WallTime now = clock_.now();
    const domain::Transaction transaction = transaction_of(record, now);
    decision::FraudWork& mine = work();
    const auto begin = std::chrono::steady_clock::now();
    const auto decision = VIGIE_TRY(service_->decide(transaction, now, mine));
    const std::chrono::nanoseconds latency = std::chrono::steady_clock::now() - begin;
    metrics_->record(1, decision.alert ? 1 : 0, latency);
    watch_->answered(decision.counted);
    watch_->saw(mine.verdict(), service_->ruleset(), rules_);
    Explanation explained;
    if (const auto& explainer = service_->model().explainer; explainer && (decision.alert || explain)) {
      explained = explainer->explain(mine.row());
    }
    JsonWriter json;
    json.begin_object();
    write(json, transaction, decision, mine, explained, latency, french);
    if (explain) write_explanation(json, mine.row(), explained, french);
    json.end_object();
    out += json.text();
    return {};
  }

  // What the decision was made of: absent ones are null.
  void write_explanation(JsonWriter& json, features::TransactionRow row, const Explanation& explained,
                         bool french) const {
    if (explained) service_->model().explainer->write(json, *explained, kReasons, french);
    const auto inputs = features::transaction_inputs();
    json.key("caracteristiques").begin_object();
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      json.key(inputs[i].name);
      std::isnan(row[i]) ? json.null() : json.value(row[i]);
    }
    json.end_object();
  }

  void write(JsonWriter& json, const domain::Transaction& transaction, const decision::FraudDecision& decision,
             const decision::FraudWork& work, const Explanation& explained, std::chrono::nanoseconds latency,
             bool french) const {
    const rules::Verdict& verdict = work.verdict();
    const UuidText id = ids_.next();
    json.member("decision_id", std::string_view(id.data(), id.size()));
    json.member("transaction_id", transaction.id).member("client_id", transaction.client);
    json.member("date_transaction", format_time(transaction.time));
    json.member("risque", std::round(decision.risk * 1e9) / 1e9)
        .member("niveau", to_string(decision.level))
        .member("alert", decision.alert);
    json.member("decision", rules::to_string(decision.outcome));
    json.member("message", message_of(decision, verdict, service_->ruleset(), french));
    write_rules(json, verdict, french);
    write_reasons(json, decision, verdict, explained, french);
    json.key("score_modele");
    decision.score ? json.value(*decision.score) : json.null();
    json.member("historique", history::to_string(decision.counted));
    json.key("ruleset").raw(ruleset_).key("seuils").raw(settings_).key("model").raw(model_);
    json.member("latency_us", std::chrono::duration<double, std::micro>(latency).count());
  }

  // Shadows are no business of whoever asks.
  void write_rules(JsonWriter& json, const rules::Verdict& verdict, bool french) const {
    const auto& all = service_->ruleset().rules();
    json.key("regles").begin_array();
    for (const rules::Hit& hit : verdict.hits) {
      if (hit.shadow) continue;
      const rules::Rule& rule = all[hit.rule];
      json.begin_object().member("nom", rule.name).member("texte", french ? rule.text.french : rule.text.english);
      json.key("poids");
      rule.weight ? json.value(*rule.weight) : json.null();
      json.key("issue");
      rule.outcome ? json.value(rules::to_string(*rule.outcome)) : json.null();
      if (hit.by_error) json.member("erreur", true);
      json.end_object();
    }
    json.end_array();
  }

  // Those of the rules that fired and, of an alert, what raised the model's score.
  void write_reasons(JsonWriter& json, const decision::FraudDecision& decision, const rules::Verdict& verdict,
                     const Explanation& explained, bool french) const {
    json.key("raisons").begin_array();
    for (const rules::Hit& hit : verdict.hits) {
      if (!hit.shadow) json.value(decision::reason_of(hit, service_->ruleset(), french));
    }
    if (explained && decision.alert) {
      for (const decision::TransactionReason& reason : service_->model().explainer->reasons(*explained, kReasons)) {
        if (reason.contribution > 0) json.value(decision::TransactionExplainer::text(reason, french));
      }
    }
    json.end_array();
  }

  std::shared_ptr<const decision::FraudService> service_;
  std::shared_ptr<AnswerMemory> memory_;
  KeyedHash hash_;
  std::shared_ptr<decision::DecisionMetrics> metrics_;
  std::shared_ptr<FraudWatch> watch_;
  FraudWatch::Rules rules_;
  const Clock& clock_;
  DecisionIds ids_;
  std::string ruleset_;   // JSON
  std::string model_;     // JSON
  std::string settings_;  // JSON
};

}  // namespace

void add_fraud_routes(http::Router& router, const Services& services) {
  const auto fraud = std::make_shared<const Fraud>(services);
  for (const auto& [path, name] : {std::pair{"/fraude", "fraude"}, std::pair{"/fraud", "fraud"}}) {
    router.add(
        {.method = http::Method::kPost,
         .path = path,
         .name = name,
         .summary = "transaction fraud: rules, the client's history and a model, one decision",
         .consumes = {"application/json"},
         .work = services.fraud_waits ? http::Work::kWait : http::Work::kInline,
         .handler = [fraud](const http::Request& request, http::Response& response) { (*fraud)(request, response); }});
  }
}

}  // namespace vigie::api
