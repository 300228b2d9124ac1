#include "decision/credit_counterfactual.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace vigie::decision {
namespace {

using model::ScorecardField;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kFine = 1e4;    // values a unit: as fine as texts are
constexpr double kExact = 9e15;  // whole numbers up to here are exact

// Values, and what every one of them keeps.
template <typename T>
struct Found {
  WantedValues values{};
  T promise{};
};

// Values above `low`, up to and with `high`.
struct Interval {
  double low = -kInfinity;
  double high = kInfinity;
};

// The first and the last value of a request in the interval, of those that are `per_unit` to one.
std::optional<std::pair<double, double>> values_in(const Interval& interval, const schema::Field& asked,
                                                   double per_unit) {
  double first = std::ceil(asked.minimum * per_unit);
  if (asked.above) first = std::floor(asked.minimum * per_unit) + 1;
  if (interval.low >= asked.minimum) {
    first = std::floor(interval.low * per_unit) + 1;
    if (first / per_unit <= interval.low) ++first;
  }
  const double end = std::min(interval.high, asked.maximum);
  double last = std::floor(end * per_unit);
  if (last / per_unit > end) --last;
  // Where a request may go on for longer than digits are exact, only the near end matters.
  if (std::abs(first) > kExact || first > last) return std::nullopt;
  return std::pair(first / per_unit, last / per_unit);
}

// Those values without special ones, from the end that is nearest to the present value.
std::optional<WantedValues> values_of(Interval interval, const schema::Field& asked, const ScorecardField& field,
                                      bool above, double per_unit) {
  for (std::size_t cut = 0; cut <= field.special.size(); ++cut) {
    const auto found = values_in(interval, asked, per_unit);
    if (!found) return std::nullopt;
    const auto [first, last] = *found;
    const double nearest = above ? first : last;
    // A special value among them has points of its own: the values stop before it.
    const auto special =
        std::ranges::find_if(field.special, [&](double value) { return value >= first && value <= last; });
    if (special != field.special.end()) {
      const bool keep_below = above ? *special > nearest : *special == nearest;
      (keep_below ? interval.high : interval.low) = keep_below ? std::nextafter(*special, -kInfinity) : *special;
      continue;
    }
    if (above) return WantedValues{first, interval.high >= asked.maximum ? kInfinity : last};
    const bool open = interval.low < asked.minimum && first < last;
    return WantedValues{last, open ? -kInfinity : first};
  }
  return std::nullopt;
}

std::optional<WantedValues> values_of(const Interval& interval, schema::ApplicantField place,
                                      const ScorecardField& field, bool above) {
  const schema::Field& asked = schema::applicant_fields()[place];
  if (place != schema::kTauxEndettement) {
    if (const auto whole = values_of(interval, asked, field, above, 1)) return whole;
  }
  return asked.type == schema::FieldType::kNumber ? values_of(interval, asked, field, above, kFine) : std::nullopt;
}

// One side of the present value's range, walked outwards, up to and with the first ranges that promise something.
// `promise_of(bin)`: what a range promises, an optional that can be compared.
template <typename Promise>
auto nearest_on(const ChangeSearch& search, bool above, const Promise& promise_of)
    -> std::optional<Found<typename decltype(promise_of(std::size_t{}))::value_type>> {
  const ScorecardField& field = search.scorecard.fields[search.field];
  const std::size_t ranges = field.edges.size() + 1;
  const std::size_t now = field.bin_of(search.present);
  const std::size_t count = above ? ranges - 1 - now : now;
  const auto bin_at = [&](std::size_t step) { return above ? now + 1 + step : now - 1 - step; };
  for (std::size_t step = 0; step < count; ++step) {
    const auto promise = promise_of(bin_at(step));
    if (!promise) continue;
    const std::size_t begin = bin_at(step);
    while (step + 1 < count && promise_of(bin_at(step + 1)) == promise) ++step;
    const std::size_t end = bin_at(step);
    const std::size_t lowest = std::min(begin, end);
    const std::size_t highest = std::max(begin, end);
    const Interval interval{.low = lowest == 0 ? -kInfinity : field.edges[lowest - 1],
                            .high = highest + 1 == ranges ? kInfinity : field.edges[highest]};
    if (const auto values = values_of(interval, search.asked, field, above)) return {{*values, *promise}};
  }
  return std::nullopt;
}

template <typename Promise>
auto nearest(const ChangeSearch& search, const Promise& promise_of) {
  decltype(nearest_on(search, false, promise_of)) below;
  decltype(below) above;
  if (search.side != Side::kAbove) below = nearest_on(search, false, promise_of);
  if (search.side != Side::kBelow) above = nearest_on(search, true, promise_of);
  if (!below || !above) return below ? below : above;
  return search.present - below->values.nearest <= above->values.nearest - search.present ? below : above;
}

}  // namespace

std::optional<BetterClass> nearest_better_class(const ChangeSearch& search, const model::CreditThresholds& thresholds) {
  const model::PointScale& scale = search.scorecard.scale;
  const ScorecardField& field = search.scorecard.fields[search.field];
  const double others = search.margin - field.bins[field.bin_of(search.present)].log_odds;
  const model::CreditClass now = thresholds.class_of(scale.whole(search.margin));
  const auto found = nearest(search, [&](std::size_t bin) -> std::optional<model::CreditClass> {
    const model::CreditClass then = thresholds.class_of(scale.whole(others + field.bins[bin].log_odds));
    return then < now ? std::optional(then) : std::nullopt;  // A is the least
  });
  return found ? std::optional(BetterClass{found->values, found->promise}) : std::nullopt;
}

std::optional<WantedValues> nearest_without_loss(const ChangeSearch& search, double baseline) {
  const double factor = search.scorecard.scale.factor();
  const ScorecardField& field = search.scorecard.fields[search.field];
  const auto found = nearest(search, [&](std::size_t bin) {
    const bool loses = baseline - -factor * field.bins[bin].log_odds > 0;
    return loses ? std::nullopt : std::optional(true);
  });
  return found ? std::optional(found->values) : std::nullopt;
}

}  // namespace vigie::decision
