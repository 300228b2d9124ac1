// What rules cost: loading 10,000 of them, and a decision by a set of the size that a deployment has.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <iostream>

#include "rules/ruleset.h"
#include "rules/sample_rules.h"

namespace vigie::rules {
namespace {

std::string many_rules(int count) {
  std::string yaml = "rules:\n";
  for (int i = 0; i < count; ++i) {
    const std::string n = std::to_string(i);
    yaml += "  - name: regle_" + n + "\n    text: {fr: Règle " + n + ", en: Rule " + n + "}\n    when: montant > " + n +
            ".5 && has(pays) && pays in ['NG', 'RU', 'P" + n +
            "'] && nuit(date_transaction, 'Europe/Paris')\n    weight: 0.01\n" + "    reason: {fr: Raison " + n +
            ", en: Reason " + n + "}\n    priority: " + std::to_string(i % 7) + "\n";
  }
  return yaml;
}

// Benches check what they time.
void require(bool condition, const char* what) {
  if (condition) return;
  std::cerr << "ruleset_bench: " << what << '\n';
  std::abort();
}

void load(benchmark::State& state) {
  const VariableTable variables = sample_variables();
  const std::string yaml = many_rules(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    const auto set = Ruleset::parse(yaml, "rules.yaml", variables);
    require(set.has_value() && set->rules().size() == static_cast<std::size_t>(state.range(0)),
            "the rules do not load");
  }
  state.counters["bytes"] = static_cast<double>(yaml.size());
}
BENCHMARK(load)->Arg(10'000)->Unit(benchmark::kMillisecond);

void decide(benchmark::State& state) {
  const VariableTable variables = sample_variables();
  const auto set = Ruleset::parse(kSampleRules, "rules.yaml", variables);
  require(set.has_value(), "the sample does not load");
  // Every other transaction is one at which nothing fires.
  std::vector<Value> suspicious = sample_slots();
  std::vector<Value> harmless = sample_slots();
  harmless[0] = Value::number(20);
  harmless[1] = Value::string("paiement");
  harmless[3] = Value::string("FR");
  harmless[6] = Value::integer(1);
  Scratch scratch;
  Verdict verdict;
  const WallTime now{};
  std::size_t hits = 0;
  std::size_t i = 0;
  for (auto _ : state) {
    set->evaluate(i++ % 2 == 0 ? suspicious : harmless, now, scratch, verdict);
    hits += verdict.hits.size();
  }
  require(hits == (i + 1) / 2 * 8, "other rules fire than should");
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(decide);

}  // namespace
}  // namespace vigie::rules
