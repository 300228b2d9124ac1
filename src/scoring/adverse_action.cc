#include "scoring/adverse_action.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace vigie::scoring {
namespace {

using model::Scorecard;
using model::ScorecardField;

// What a bin adds to the points; the intercept's share is in no field.
double points_of_bin(const Scorecard& scorecard, std::size_t field, std::size_t bin) {
  return -scorecard.scale.factor() * scorecard.fields[field].bins[bin].log_odds;
}

// The range of values nearest to `value`, which lies in range `bin`, whose points are `wanted` or more. Both sides are
// walked outwards; where both have one, the nearer limit wins, and the lower one at equal distance.
std::optional<Bound> nearest_range(const Scorecard& scorecard, std::size_t field, double value, std::size_t bin,
                                   double wanted) {
  const std::vector<double>& edges = scorecard.fields[field].edges;
  std::optional<Bound> below;
  for (std::size_t other = bin; other-- > 0;) {
    if (points_of_bin(scorecard, field, other) < wanted) continue;
    below = Bound{.limit = edges[other], .above = false};
    break;
  }
  for (std::size_t other = bin + 1; other <= edges.size(); ++other) {
    if (points_of_bin(scorecard, field, other) < wanted) continue;
    const Bound above{.limit = edges[other - 1], .above = true};
    return below && value - below->limit <= above.limit - value ? *below : above;
  }
  return below;
}

bool has_neighbours(const ScorecardField& field, std::size_t bin) { return bin <= field.edges.size(); }

}  // namespace

double baseline_points(const Scorecard& scorecard, std::size_t field) {
  double sum = 0;
  double rows = 0;
  double plain = 0;
  const auto& bins = scorecard.fields[field].bins;
  for (std::size_t bin = 0; bin < bins.size(); ++bin) {
    const double points = points_of_bin(scorecard, field, bin);
    const double weight = bins[bin].good + bins[bin].bad;
    sum += weight * points;
    rows += weight;
    plain += points;
  }
  return rows > 0 ? sum / rows : plain / static_cast<double>(bins.size());
}

std::vector<PointsLost> points_lost(const Scorecard& scorecard, std::span<const double> row, std::size_t most) {
  assert(row.size() == scorecard.fields.size());
  std::vector<PointsLost> lost;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const ScorecardField& field = scorecard.fields[i];
    const std::size_t bin = field.bin_of(row[i]);
    const double baseline = baseline_points(scorecard, i);
    const double points = baseline - points_of_bin(scorecard, i, bin);
    if (!(points > 0)) continue;
    PointsLost one{.field = i, .bin = bin, .points = points};
    if (has_neighbours(field, bin)) one.enough = nearest_range(scorecard, i, row[i], bin, baseline);
    lost.push_back(one);
  }
  std::ranges::stable_sort(lost, std::greater<>(), &PointsLost::points);
  if (lost.size() > most) lost.resize(most);
  return lost;
}

}  // namespace vigie::scoring
