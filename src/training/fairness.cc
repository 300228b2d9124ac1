#include "training/fairness.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace vigie::training {

PeopleGroups age_bands(std::string column, std::span<const double> ages) {
  constexpr std::array kFrom = {25.0, 35.0, 45.0, 55.0, 62.0};
  PeopleGroups groups{.column = std::move(column),
                      .names = {"under 25", "25 to 34", "35 to 44", "45 to 54", "55 to 61", "62 and over"}};
  groups.of.reserve(ages.size());
  for (const double age : ages) {
    const auto band = std::ranges::upper_bound(kFrom, age) - kFrom.begin();
    groups.of.push_back(std::isnan(age) ? -1 : static_cast<std::int32_t>(band));
  }
  return groups;
}

model::FairnessTable measure_fairness(const PeopleGroups& groups, std::string scorer,
                                      std::span<const std::uint8_t> approved, std::span<const std::uint8_t> labels) {
  model::FairnessTable table{.column = groups.column, .scorer = std::move(scorer)};
  for (const std::string& name : groups.names) table.groups.push_back({.name = name});
  for (std::size_t row = 0; row < groups.of.size(); ++row) {
    if (groups.of[row] < 0) continue;
    model::FairnessGroup& group = table.groups[static_cast<std::size_t>(groups.of[row])];
    const bool good = labels[row] == 0;
    group.rows += 1;
    group.good += good ? 1 : 0;
    group.approved += approved[row];
    group.approved_good += good ? approved[row] : 0;
  }
  std::erase_if(table.groups, [](const model::FairnessGroup& group) { return group.rows == 0; });
  const bool any_large = std::ranges::any_of(table.groups, [](const auto& group) { return group.rows >= kLeastGroup; });
  double best = -1;
  for (std::size_t i = 0; i < table.groups.size(); ++i) {
    const model::FairnessGroup& group = table.groups[i];
    if ((any_large && group.rows < kLeastGroup) || group.approval_rate() <= best) continue;
    best = group.approval_rate();
    table.reference = i;
  }
  return table;
}

}  // namespace vigie::training
