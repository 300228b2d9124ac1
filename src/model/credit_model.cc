#include "model/credit_model.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/number.h"
#include "model/credit_contents.h"
#include "model/package_store.h"
#include "model/usable_number.h"

namespace vigie::model {
namespace {

std::unexpected<Error> refuse(std::string field, std::string message) {
  return fail(Code::kInvalidData, std::move(message), {.field = std::move(field)}, "make the package again");
}

Status validate_fields(const CreditModel& model) {
  if (model.fields.empty()) return refuse("fields", "there are none");
  if (model.fields.size() > kMostCreditFields) return refuse("fields", "more than 64");
  for (std::size_t i = 0; i < model.fields.size(); ++i) {
    const CreditField& field = model.fields[i];
    const std::string place = "fields[" + std::to_string(i) + "]";
    if (field.name.empty()) return refuse(place + ".name", "it is empty");
    if (!(field.factor > 0) || !usable(field.factor)) return refuse(place + ".factor", "it is not above 0");
    VIGIE_TRY(validate_categories(field.categories, place + ".categories"));
    for (std::size_t j = 0; j < i; ++j) {
      if (model.fields[j].name == field.name) return refuse(place + ".name", "\"" + field.name + "\" is there twice");
    }
  }
  for (const ScorecardField& field : model.scorecard.fields) {
    const auto found = std::ranges::find(model.fields, field.name, &CreditField::name);
    if (found == model.fields.end()) return refuse("scorecard", "\"" + field.name + "\" is none of the model's fields");
    if (found->categories != field.categories) return refuse("scorecard", "\"" + field.name + "\": other categories");
  }
  return {};
}

}  // namespace

std::string_view to_string(CreditClass credit_class) {
  constexpr std::string_view kNames[] = {"A", "B", "C", "D", "E"};
  return kNames[static_cast<std::size_t>(credit_class)];
}

std::string_view to_string(CreditOutcome outcome) {
  switch (outcome) {
    case CreditOutcome::kAccepted: return "accepté";
    case CreditOutcome::kStudied: return "étude";
    case CreditOutcome::kRefused: return "refusé";
  }
  return "";
}

CreditClass CreditThresholds::class_of(double points) const {
  const auto from = bounds();
  std::size_t at = 0;
  while (at < from.size() && points < from[at]) ++at;
  return static_cast<CreditClass>(at);
}

CreditOutcome outcome_of(CreditClass credit_class) {
  if (credit_class == CreditClass::kE) return CreditOutcome::kRefused;
  return credit_class == CreditClass::kD ? CreditOutcome::kStudied : CreditOutcome::kAccepted;
}

Status validate(const CreditThresholds& thresholds) {
  if (usable(thresholds.low) && usable(thresholds.accepted) && usable(thresholds.excellent) &&
      thresholds.low < thresholds.accepted && thresholds.accepted < thresholds.excellent) {
    return {};
  }
  return fail(Code::kInvalidArgument, "they must rise: low, accepted, excellent", {.field = "thresholds"},
              "give points such as 300, 600 and 800");
}

Status validate(const CreditThresholds& thresholds, const PointScale& scale) {
  const std::pair<const char*, double> members[] = {
      {"refuse", thresholds.low}, {"accepte", thresholds.accepted}, {"excellent", thresholds.excellent}};
  for (const auto& [name, points] : members) {
    if (points >= scale.least && points <= scale.most) continue;
    const std::string range = format_double(scale.least) + " to " + format_double(scale.most);
    return fail(Code::kInvalidArgument, format_double(points) + " is beyond the scale of points, which is " + range,
                {.field = std::string("thresholds.") + name}, "give points from " + range);
  }
  return validate(thresholds);
}

double ForecastCurve::operator()(double margin) const {
  // ln(1 + e^x), whose x may be large.
  const auto softplus = [](double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); };
  return high_slope * softplus(margin) - low_slope * softplus(-margin) + intercept;
}

double FairnessTable::impact_ratio(std::size_t group) const {
  const double best = groups[reference].approval_rate();
  return best > 0 ? groups[group].approval_rate() / best : 0;
}

double FairnessTable::opportunity_difference(std::size_t group) const {
  return groups[group].opportunity() - groups[reference].opportunity();
}

std::vector<std::size_t> scorecard_places(const CreditModel& model) {
  std::vector<std::size_t> places;
  for (const ScorecardField& field : model.scorecard.fields) {
    const auto found = std::ranges::find(model.fields, field.name, &CreditField::name);
    places.push_back(static_cast<std::size_t>(found - model.fields.begin()));
  }
  return places;
}

Status validate(const CreditModel& model) {
  VIGIE_TRY(validate(model.scorecard));
  VIGIE_TRY(validate_fields(model));
  VIGIE_TRY(validate(model.thresholds));
  if (model.boosted.forest.feature_count != model.fields.size()) {
    return refuse("xgboost", "it takes " + std::to_string(model.boosted.forest.feature_count) + " features where the " +
                                 "model has " + std::to_string(model.fields.size()) + " fields");
  }
  const Transform& line = model.calibration;
  if (line.kind != Transform::Kind::kLogistic || !(line.slope >= 0) || !usable(line.slope) || !usable(line.intercept)) {
    return refuse("calibration", "it is not a line that rises");
  }
  const ForecastCurve& curve = model.forecast;
  if (!usable(curve.low_slope) || !usable(curve.high_slope) || !usable(curve.intercept) || !(curve.low_slope >= 0) ||
      !(curve.high_slope >= 0) || curve.low_slope + curve.high_slope == 0) {
    return refuse("forecast", "it is not a curve that rises");
  }
  return {};
}

Result<PackageInfo> write_package(const std::filesystem::path& path, const CreditModel& model) {
  return write_contents(path, VIGIE_TRY(make_contents(model)));
}

Result<LoadedCreditModel> read_credit_package(const std::filesystem::path& path) {
  return under(path, read_credit_contents(VIGIE_TRY(read_contents(path))));
}

}  // namespace vigie::model
