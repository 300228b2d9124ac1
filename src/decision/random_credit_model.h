// Random credit models and applicants for tests and benches: every field of a request, and one that no request has.
#pragma once

#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "base/random.h"
#include "model/credit_model.h"
#include "schema/applicant.h"
#include "scoring/random_forest.h"

namespace vigie::decision {

using ApplicantRow = std::array<double, schema::kApplicantFields>;

inline ApplicantRow random_applicant(Random& random) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  const auto perhaps = [&](double value) { return random.bernoulli(0.2) ? kNan : value; };
  ApplicantRow row{};
  row[schema::kAge] = static_cast<double>(18 + random.below(60));
  row[schema::kRevenu] = std::round(random.exponential(40'000)) + 1;
  row[schema::kImpayes] = random.bernoulli(0.05) ? 98 : static_cast<double>(random.below(5));
  row[schema::kMontantCredit] = perhaps(std::round(random.exponential(10'000)) + 1);
  row[schema::kTauxEndettement] = perhaps(random.exponential(0.3));
  row[schema::kCreditsOuverts] = perhaps(static_cast<double>(random.below(10)));
  row[schema::kPersonnesACharge] = perhaps(static_cast<double>(random.below(5)));
  return row;
}

inline model::LoadedCreditModel random_credit_model(std::uint64_t seed, std::size_t trees = 300) {
  Random random(seed);
  model::LoadedCreditModel loaded;
  loaded.info.version = "0123456789ab";
  loaded.info.kind = "credit";
  model::CreditModel& model = loaded.model;
  for (const schema::Field& field : schema::applicant_fields()) {
    if (field.type == schema::FieldType::kText) continue;
    model.fields.push_back({.name = std::string(field.name), .column = std::string(field.name)});
  }
  model.fields.push_back({.name = "duration", .column = "duration"});
  model.scorecard.intercept = -2.5;
  for (const model::CreditField& field : model.fields) {
    model::ScorecardField card_field{.name = field.name};
    for (int i = 0; i < 6; ++i) {
      const ApplicantRow one = random_applicant(random);
      const auto place = schema::find(schema::applicant_fields(), field.name);
      const double edge = place ? one[*place] : random.normal();
      if (!std::isnan(edge) && (card_field.edges.empty() || edge > card_field.edges.back())) {
        card_field.edges.push_back(edge);
      }
    }
    if (field.name == "historique_impaye") card_field.special = {98};
    for (std::size_t bin = 0; bin < card_field.edges.size() + 2 + card_field.special.size(); ++bin) {
      card_field.bins.push_back({random.normal(0, 0.6), random.uniform(10, 100), random.uniform(1, 10), 0});
    }
    model.scorecard.fields.push_back(std::move(card_field));
  }
  model.boosted.forest = scoring::random_forest(
      {.features = static_cast<std::uint32_t>(model.fields.size()), .trees = trees, .depth = 4}, random);
  model.forecast = {.low_slope = 1.1, .high_slope = 0.8, .intercept = 0.1};
  model.calibration = {.kind = model::Transform::Kind::kLogistic, .slope = 1.1, .intercept = -0.5};
  return loaded;
}

}  // namespace vigie::decision
