// One credit decision by a model of seven fields and 300 trees: points, class and reasons, and the challenger's say.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <vector>

#include "decision/credit_service.h"
#include "decision/credit_texts.h"
#include "decision/random_credit_model.h"

namespace vigie::decision {
namespace {

const CreditService& service() {
  static const auto made = CreditService::make(random_credit_model(1)).value();
  return *made;
}

const std::vector<ApplicantRow>& applicants() {
  static const auto made = [] {
    Random random(2);
    std::vector<ApplicantRow> rows;
    for (int i = 0; i < 1024; ++i) rows.push_back(random_applicant(random));
    return rows;
  }();
  return made;
}

void decide(benchmark::State& state) {
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(service().decide(applicants()[i++ % 1024]));
}
BENCHMARK(decide);

void decide_in_words(benchmark::State& state) {
  std::size_t i = 0;
  for (auto _ : state) {
    const CreditDecision decision = service().decide(applicants()[i++ % 1024]);
    benchmark::DoNotOptimize(credit_message(decision, true));
    for (const CreditReason& reason : decision.given()) benchmark::DoNotOptimize(reason_text(reason, true));
  }
}
BENCHMARK(decide_in_words);

void challenge(benchmark::State& state) {
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(service().challenge(applicants()[i++ % 1024]));
}
BENCHMARK(challenge);

}  // namespace
}  // namespace vigie::decision
