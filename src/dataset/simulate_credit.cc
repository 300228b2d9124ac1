#include "dataset/simulate_credit.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "base/number.h"
#include "base/random.h"
#include "schema/applicant.h"

namespace vigie::dataset {
namespace {

constexpr std::uint64_t kMostRows = 100'000'000;

struct Applicant {
  double age;
  double income;
  double unpaid;
  double amount;
  double debt_ratio;
  double credits;
  double dependants;
  bool bad;
};

double rounded(double value, double step) { return std::round(value / step) * step; }

// Every applicant has a stream of his own: more rows do not change the ones before.
Applicant apply(std::uint64_t seed, std::uint64_t index) {
  Random random(seed, index);
  Applicant one{};
  one.age = std::clamp(std::round(18 + 62 * std::pow(random.uniform(), 1.3)), 18.0, 95.0);
  // Incomes are log-normal, highest in the middle of life.
  const double career = 1 - std::pow((one.age - 48) / 60, 2);
  one.income = std::max(6'000.0, rounded(28'000 * std::exp(0.55 * career + 0.5 * random.normal()), 100));
  // Most people pay; a few have trouble, and trouble comes in numbers.
  const double trouble = random.exponential(1);
  one.unpaid = static_cast<double>(random.poisson(0.25 * trouble * std::pow(30'000 / one.income, 0.4)));
  one.credits = static_cast<double>(random.poisson(std::clamp((one.age - 18) / 5, 0.5, 6.0)));
  one.dependants = static_cast<double>(random.poisson(one.age < 60 ? 0.9 : 0.3));
  one.amount = std::max(500.0, rounded(one.income * 0.4 * std::exp(0.8 * random.normal()), 100));
  one.debt_ratio = std::round(1e4 * std::min(3.0, 0.05 * one.credits + 0.15 * random.exponential(1))) / 1e4;
  one.bad =
      random.bernoulli(1 / (1 + std::exp(-simulated_default_margin(one.age, one.income, one.unpaid, one.amount,
                                                                   one.debt_ratio, one.credits, one.dependants))));
  // What people leave out: rather where there is trouble.
  if (random.bernoulli(0.08)) one.amount = kMissingNumber;
  if (random.bernoulli(one.unpaid > 0 ? 0.2 : 0.1)) one.debt_ratio = kMissingNumber;
  if (random.bernoulli(0.05)) one.credits = kMissingNumber;
  if (random.bernoulli(0.05)) one.dependants = kMissingNumber;
  return one;
}

}  // namespace

double simulated_default_margin(double age, double income, double unpaid, double amount, double debt_ratio,
                                double credits, double dependants) {
  double margin = -3.7;
  margin -= 0.03 * (age - 45);
  margin -= 1.0 * std::log(income / 30'000);
  margin += 1.3 * std::min(unpaid, 4.0);
  if (!std::isnan(amount)) margin += 0.9 * std::log(std::max(amount / income, 0.01) / 0.4);
  if (!std::isnan(debt_ratio)) margin += 2.2 * (std::min(debt_ratio, 1.5) - 0.3);
  // Both no credit at all and very many are a worse sign than a few.
  if (!std::isnan(credits)) margin += credits == 0 ? 0.4 : 0.06 * std::max(credits - 5, 0.0);
  if (!std::isnan(dependants)) margin += 0.2 * (std::min(dependants, 5.0) - 0.8);
  return margin;
}

Result<Table> simulate_credit(const CreditSimulation& options) {
  if (options.rows < 1 || options.rows > kMostRows) {
    return fail(Code::kInvalidArgument, with_thousands(options.rows) + " rows", {.field = "rows"},
                "give a number of rows from 1 to " + with_thousands(kMostRows));
  }
  constexpr std::pair<schema::ApplicantField, double Applicant::*> kColumns[] = {
      {schema::kAge, &Applicant::age},
      {schema::kRevenu, &Applicant::income},
      {schema::kImpayes, &Applicant::unpaid},
      {schema::kMontantCredit, &Applicant::amount},
      {schema::kTauxEndettement, &Applicant::debt_ratio},
      {schema::kCreditsOuverts, &Applicant::credits},
      {schema::kPersonnesACharge, &Applicant::dependants}};
  std::vector<std::vector<double>> values(std::size(kColumns));
  std::vector<std::int64_t> labels;
  for (auto& column : values) column.reserve(options.rows);
  labels.reserve(options.rows);
  for (std::uint64_t row = 0; row < options.rows; ++row) {
    const Applicant one = apply(options.seed, row);
    for (std::size_t i = 0; i < values.size(); ++i) values[i].push_back(one.*kColumns[i].second);
    labels.push_back(one.bad ? 1 : 0);
  }
  Table table;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const schema::Field& field = schema::applicant_fields()[kColumns[i].first];
    table.add(Column(std::string(field.name), std::move(values[i])));
  }
  table.add(Column(std::string(schema::applicant_label().name), ColumnType::kInteger, std::move(labels)));
  return table;
}

}  // namespace vigie::dataset
