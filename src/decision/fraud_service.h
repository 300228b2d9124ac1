// POST /fraude's engine: a client's history, the rules and, where there is one, a model, joined into one decision.
//
//   FraudService service(history, keys, ruleset, model, options);
//   FraudWork work(service);                                  // one a thread, kept from one decision to the next
//   const FraudDecision decision = VIGIE_TRY(service.decide(transaction, now, work));
//
// Scored first, observed second: the features of a transaction are those of what came before it (and of itself), and
// then it counts. Immutable: any number of threads may share a service, each with its own FraudWork.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "decision/fraud_variables.h"
#include "decision/transaction_explainer.h"
#include "decision/transaction_scorer.h"
#include "domain/transaction.h"
#include "features/transaction.h"
#include "history/event_keys.h"
#include "history/history.h"
#include "rules/ruleset.h"

namespace vigie::decision {

enum class RiskLevel : std::uint8_t { kLow, kMiddle, kHigh };
std::string_view to_string(RiskLevel level);  // "faible", "moyen", "eleve"

// Where risks begin to mean something, rising, each in [0, 1].
struct RiskBands {
  double middle = 0.2;
  double high = 0.5;    // has to be looked at: `verifier`
  double refuse = 0.8;  // `refuser`, whatever a rule says but `accepter`

  bool operator==(const RiskBands&) const = default;
};

struct FraudOptions {
  FraudThresholds thresholds{};
  RiskBands bands{};
};

struct FraudDecision {
  double risk = 0;              // 1 - (1 - score)(1 - weight)
  std::optional<double> score;  // of the model
  double weight = 0;            // of the rules that fired
  RiskLevel level = RiskLevel::kLow;
  rules::Outcome outcome = rules::Outcome::kAccept;
  bool alert = false;    // whether it is to be looked at or refused
  bool by_rule = false;  // the outcome is a rule's: `accepter`, whatever the risk, or no less than the risk's
  history::Outcome counted = history::Outcome::kCounted;
};

// Both of the same model, or none: then the rules alone speak.
struct FraudModel {
  std::shared_ptr<const TransactionScorer> scorer{};
  std::shared_ptr<const TransactionExplainer> explainer{};
};

class FraudService;

// What a thread works with. Its row, verdict and slots are those of the last decision until the next one.
class FraudWork {
 public:
  explicit FraudWork(const FraudService& service);

  const rules::Verdict& verdict() const { return verdict_; }
  features::TransactionRow row() { return row_; }

 private:
  friend class FraudService;
  FraudSlots slots_;
  rules::Scratch scratch_;
  rules::Verdict verdict_;
  std::array<double, features::kTransactionInputs> row_{};
};

class FraudService {
 public:
  FraudService(std::shared_ptr<history::History> history, const history::EventKeys& keys,
               std::shared_ptr<const rules::Ruleset> ruleset, FraudModel model, FraudOptions options);

  // `now`: when it came in. Errors are those of the history, whose features there are none without.
  Result<FraudDecision> decide(const domain::Transaction& transaction, WallTime now, FraudWork& work) const;

  // The same of the features that work.row() has already, and nothing counts. `score`: a model's, where there is one.
  FraudDecision judge(const domain::Transaction& transaction, WallTime now, FraudWork& work,
                      std::optional<double> score = std::nullopt) const;

  // What became known of a transaction later on: from when it is old enough, it counts in its terminal's risk.
  Result<history::LabelOutcome> label(std::string_view transaction_id, std::string_view terminal_id, WallTime time,
                                      bool fraud) const {
    return history_->label(keys_.label(transaction_id, terminal_id, time, fraud));
  }

  // False from when this server alone cannot keep its history any more, until it is started again.
  bool history_is_kept() const { return history_->status().has_value(); }

  const rules::Ruleset& ruleset() const { return *ruleset_; }
  const FraudOptions& options() const { return options_; }
  const FraudModel& model() const { return model_; }

 private:
  std::shared_ptr<history::History> history_;
  history::EventKeys keys_;
  std::shared_ptr<const rules::Ruleset> ruleset_;
  FraudModel model_;
  FraudOptions options_;
};

// Why a rule fired: its reason, or that it could not be evaluated and fails closed.
std::string reason_of(const rules::Hit& hit, const rules::Ruleset& ruleset, bool french);

// One plain sentence: what was decided and the main reason.
std::string message_of(const FraudDecision& decision, const rules::Verdict& verdict, const rules::Ruleset& ruleset,
                       bool french);

}  // namespace vigie::decision
