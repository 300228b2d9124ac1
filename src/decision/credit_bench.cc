// One credit decision by a model of seven fields and 300 trees: points, class and reasons, and the challenger's say,
// beside the floor: the scorecard's sum alone. Decisions are compared with that sum before any time is taken.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <limits>
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

// The model has the fields of a request in their order, then one that no request has.
double margin_of(const ApplicantRow& applicant) {
  std::array<double, schema::kApplicantFields> row{};
  std::copy(applicant.begin() + 1, applicant.end(), row.begin());
  row.back() = std::numeric_limits<double>::quiet_NaN();
  return service().model().scorecard.margin(row);
}

void sum_alone(benchmark::State& state) {
  for (const ApplicantRow& applicant : applicants()) {
    if (service().decide(applicant).points == service().model().scorecard.scale.whole(margin_of(applicant))) continue;
    state.SkipWithError("a decision differs from the scorecard's sum");
    return;
  }
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(margin_of(applicants()[i++ % 1024]));
}
BENCHMARK(sum_alone);

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
