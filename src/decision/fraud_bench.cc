// One /fraude decision, embedded: the history of a client who is in no cache, the rules that ship and a model of the
// size that `vigie train transaction` makes, beside the floor: the same history alone. Before any time is taken,
// decisions are compared with their parts, asked one by one.
#include <benchmark/benchmark.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "decision/fraud_service.h"
#include "decision/random_transaction_model.h"
#include "decision/shipped_rules.h"
#include "history/embedded_history.h"

namespace vigie::decision {
namespace {

constexpr std::size_t kClients = 200'000;
constexpr int kEvents = 20;  // of each
const WallTime kStart = std::chrono::sys_days(std::chrono::year(2026) / 11 / 1);
const std::vector<std::string> kInputs = {"montant",
                                          "nuit",
                                          "nb_transactions_24h",
                                          "nb_transactions_30j",
                                          "montant_moyen_7j",
                                          "montant_moyen_30j",
                                          "montant_ratio_7j",
                                          "montant_ratio_30j",
                                          "montant_zscore_30j",
                                          "terminal_risque_30j"};

// Transactions that go on in time, of clients at random.
class Stream {
 public:
  Stream() {
    for (std::size_t i = 0; i < kClients; ++i) clients_.push_back("C" + std::to_string(i));
    for (int i = 0; i < 10'000; ++i) terminals_.push_back("T" + std::to_string(i));
  }
  domain::Transaction next() {
    id_ = "TX" + std::to_string(++number_);
    return {.id = id_,
            .client = clients_[random_.below(clients_.size())],
            .amount = 1 + random_.exponential(80),
            .type = static_cast<std::uint8_t>(random_.below(5)),
            .time = kStart + std::chrono::milliseconds(300) * number_,
            .country = random_.below(50) == 0 ? "NG" : "FR",
            .terminal = terminals_[random_.below(terminals_.size())]};
  }

 private:
  Random random_{1};
  std::vector<std::string> clients_;
  std::vector<std::string> terminals_;
  std::string id_;
  int number_ = 0;
};

FraudModel make_model() {
  Random random(3);
  auto loaded = random_transaction_model(kInputs, 2);
  const auto inputs = static_cast<std::uint32_t>(kInputs.size());
  loaded.model.boosted.forest = scoring::random_forest({.features = inputs, .trees = 150, .depth = 4}, random);
  loaded.model.isolation.forest = scoring::random_forest(
      {.features = inputs, .trees = 100, .depth = 8, .comparison = model::Comparison::kLessEqual}, random);
  FraudModel model;
  model.scorer = TransactionScorer::make(std::move(loaded)).value();
  return model;
}

struct Bank {
  std::shared_ptr<history::History> history = history::EmbeddedHistory::make({}).value();
  history::EventKeys keys{KeyedHash({1, 2})};
  std::shared_ptr<const rules::Ruleset> rules = std::make_shared<const rules::Ruleset>(
      rules::Ruleset::parse(shipped_rules(), "shipped", fraud_variables()).value());
  FraudModel model = make_model();
  FraudService service{history, keys, rules, model, {}};
  Stream stream;

  Bank() {
    std::array<double, history::kFeatures> row;
    for (std::size_t i = 0; i < kClients * kEvents; ++i) {
      const domain::Event event = keys.event(stream.next());
      if (!history->observe(event, event.time, row)) std::abort();
    }
  }
};

Bank& bank() {
  static Bank made;
  return made;
}

// Whether a decision is what its parts say.
bool is_right(const domain::Transaction& transaction, FraudWork& work) {
  Bank& all = bank();
  std::array<double, features::kTransactionInputs> row{};
  features::fill_own_part(transaction, row);
  if (!all.history->read(all.keys.event(transaction), features::history_part(row))) return false;
  const double score = all.model.scorer->score(row);
  const auto decision = all.service.decide(transaction, transaction.time, work);
  if (!decision || decision->score != score) return false;
  FraudSlots slots({});
  rules::Scratch scratch;
  rules::Verdict verdict;
  all.rules->evaluate(slots.fill(transaction, features::history_part(row), score), transaction.time, scratch, verdict);
  return decision->weight == verdict.weight && decision->risk == rules::either(verdict.weight, score);
}

void fraud_history_alone(benchmark::State& state) {
  Bank& all = bank();
  std::array<double, history::kFeatures> row;
  for (auto _ : state) {
    const domain::Transaction transaction = all.stream.next();
    const domain::Event event = all.keys.event(transaction);
    benchmark::DoNotOptimize(all.history->observe(event, event.time, row));
  }
}
BENCHMARK(fraud_history_alone);

void fraud_decide(benchmark::State& state) {
  Bank& all = bank();
  FraudWork work(all.service);
  for (int i = 0; i < 1'000; ++i) {
    if (is_right(all.stream.next(), work)) continue;
    state.SkipWithError("a decision is not what its parts say");
    return;
  }
  for (auto _ : state) {
    const domain::Transaction transaction = all.stream.next();
    benchmark::DoNotOptimize(all.service.decide(transaction, transaction.time, work));
  }
}
BENCHMARK(fraud_decide);

}  // namespace
}  // namespace vigie::decision
