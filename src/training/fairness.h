// How groups of people fare: who was approved, and who of those that repaid.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "model/credit_model.h"

namespace vigie::training {

struct PeopleGroups {
  std::string column{};  // what divides people
  std::vector<std::string> names{};
  std::vector<std::int32_t> of{};  // a group a row; -1: in none
};

// "under 25", "25 to 34", "35 to 44", "45 to 54", "55 to 61", "62 and over" (62: where Regulation B begins to call an
// applicant elderly, 12 CFR 1002.2(o)); NaN is in none.
PeopleGroups age_bands(std::string column, std::span<const double> ages);

// `approved`: 0 or 1 a row. The group of reference is the one approved most often of those with at least kLeastGroup
// people, or of all where none has; groups of nobody are left out.
inline constexpr double kLeastGroup = 30;
model::FairnessTable measure_fairness(const PeopleGroups& groups, std::string scorer,
                                      std::span<const std::uint8_t> approved, std::span<const std::uint8_t> labels);

}  // namespace vigie::training
