#include "model/scorecard.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <unordered_set>

#include "model/usable_number.h"

namespace vigie::model {
namespace {

std::unexpected<Error> refuse(const std::string& field, std::string message) {
  return fail(Code::kInvalidData, std::move(message), {.field = field}, "make the package again");
}

Status validate(const ScorecardField& field, const std::string& place) {
  if (field.name.empty()) return refuse(place + ".name", "it is empty");
  for (std::size_t i = 0; i < field.edges.size(); ++i) {
    // A range may begin anywhere, but not at what no value can be compared with.
    if (!std::isfinite(field.edges[i])) return refuse(place + ".edges", "edge " + std::to_string(i) + " is not finite");
    if (i > 0 && field.edges[i] <= field.edges[i - 1]) {
      return refuse(place + ".edges", "edge " + std::to_string(i) + " is not above the one before");
    }
  }
  for (std::size_t i = 0; i < field.special.size(); ++i) {
    if (!std::isfinite(field.special[i])) return refuse(place + ".special", "a value is not finite");
    if (std::find(field.special.begin(), field.special.begin() + static_cast<std::ptrdiff_t>(i), field.special[i]) !=
        field.special.begin() + static_cast<std::ptrdiff_t>(i)) {
      return refuse(place + ".special", "a value is there twice");
    }
  }
  if (!field.categories.empty()) {
    VIGIE_TRY(validate_categories(field.categories, place + ".categories"));
    if (!field.special.empty()) return refuse(place + ".special", "a text field has no special values");
    const double last = static_cast<double>(field.categories.size() - 1);
    if (!field.edges.empty() && (field.edges.front() < 0 || field.edges.back() >= last)) {
      return refuse(place + ".edges", "they are not between the first and the last category");
    }
  }
  const std::size_t wanted = field.edges.size() + 1 + field.special.size() + 1;
  if (field.bins.size() != wanted) {
    return refuse(place + ".bins", std::to_string(field.bins.size()) + " bins where edges, special values and the " +
                                       "missing one ask for " + std::to_string(wanted));
  }
  for (const ScorecardBin& bin : field.bins) {
    if (!usable(bin.log_odds) || !usable(bin.woe) || !(bin.good >= 0) || !(bin.bad >= 0) ||
        !std::isfinite(bin.good + bin.bad)) {
      return refuse(place + ".bins", "a number is not finite, or a weight negative");
    }
  }
  if (!usable(field.information_value)) return refuse(place + ".information_value", "it is not a finite number");
  return {};
}

}  // namespace

std::string_view to_string(Trend trend) {
  switch (trend) {
    case Trend::kRising: return "rising";
    case Trend::kFalling: return "falling";
    case Trend::kPeak: return "peak";
    case Trend::kValley: return "valley";
  }
  return "";
}

double category_value(std::span<const std::string> categories, std::string_view category) {
  const auto found = std::ranges::find(categories, category);
  return found == categories.end() ? std::numeric_limits<double>::quiet_NaN()
                                   : static_cast<double>(found - categories.begin());
}

Status validate_categories(std::span<const std::string> categories, const std::string& place) {
  if (categories.size() > kMostCategories) return refuse(place, "more than 10,000 categories");
  std::unordered_set<std::string_view> seen;
  for (const std::string& category : categories) {
    if (category.empty()) return refuse(place, "a category is empty");
    if (!seen.insert(category).second) return refuse(place, "\"" + category + "\" is there twice");
  }
  return {};
}

std::size_t ScorecardField::bin_of(double value) const {
  if (std::isnan(value)) return missing_bin();
  for (std::size_t i = 0; i < special.size(); ++i) {
    if (value == special[i]) return edges.size() + 1 + i;
  }
  return static_cast<std::size_t>(std::ranges::lower_bound(edges, value) - edges.begin());
}

double PointScale::factor() const { return doubling / std::log(2.0); }

double PointScale::points_of(double margin) const { return points - factor() * (margin + std::log(odds)); }

double PointScale::operator()(double margin) const { return std::clamp(points_of(margin), least, most); }

// A hair more, for the rounding of sums: 20 : 1 are 600 points and not 599.
double PointScale::whole(double margin) const { return std::floor((*this)(margin) + 1e-9); }

double PointScale::margin_at(double at) const { return (points - at) / factor() - std::log(odds); }

double Scorecard::margin(std::span<const double> row) const {
  assert(row.size() == fields.size());
  double sum = intercept;
  for (std::size_t i = 0; i < fields.size(); ++i) sum += fields[i].bins[fields[i].bin_of(row[i])].log_odds;
  return sum;
}

Status validate(const Scorecard& scorecard) {
  if (scorecard.fields.empty()) return refuse("fields", "there are none");
  for (std::size_t i = 0; i < scorecard.fields.size(); ++i) {
    const std::string place = "fields[" + std::to_string(i) + "]";
    VIGIE_TRY(validate(scorecard.fields[i], place));
    for (std::size_t j = 0; j < i; ++j) {
      if (scorecard.fields[j].name == scorecard.fields[i].name) {
        return refuse(place + ".name", "\"" + scorecard.fields[i].name + "\" is there twice");
      }
    }
  }
  if (!usable(scorecard.intercept)) return refuse("intercept", "it is not a finite number up to 1e9");
  const PointScale& scale = scorecard.scale;
  if (!usable(scale.points) || !(scale.odds > 0) || !usable(scale.odds) || !(scale.doubling > 0) ||
      !usable(scale.doubling)) {
    return refuse("scale", "points, odds and doubling must be finite, the last two above 0");
  }
  if (!usable(scale.least) || !usable(scale.most) || scale.least >= scale.most) {
    return refuse("scale", "least must be below most");
  }
  return {};
}

}  // namespace vigie::model
