#include "decision/credit_service.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace vigie::decision {
namespace {

constexpr double kAbsent = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kCheckedRows = 32;

CreditReason::Kind kind_of(const model::ScorecardField& field, const scoring::PointsLost& lost) {
  if (lost.bin == field.missing_bin()) return CreditReason::Kind::kMissing;
  if (lost.bin > field.edges.size()) return CreditReason::Kind::kSpecial;
  if (lost.enough) return lost.enough->above ? CreditReason::Kind::kLow : CreditReason::Kind::kHigh;
  return CreditReason::Kind::kUnfavourable;
}

// What is wrong with a value where all that is known is how the risk goes along the field, if the scorecard has it.
CreditReason::Kind kind_of(const model::ScorecardField* field, double value) {
  if (std::isnan(value)) return CreditReason::Kind::kMissing;
  if (field == nullptr) return CreditReason::Kind::kUnfavourable;
  if (field->bin_of(value) > field->edges.size()) return CreditReason::Kind::kSpecial;
  if (field->edges.empty()) return CreditReason::Kind::kUnfavourable;  // it has no trend
  if (field->trend == model::Trend::kRising) return CreditReason::Kind::kHigh;
  return field->trend == model::Trend::kFalling ? CreditReason::Kind::kLow : CreditReason::Kind::kUnfavourable;
}

// Better values are where the reason says they are: nobody who earns too little is told to earn less, even where the
// risk turns.
Side side_of(CreditReason::Kind kind) {
  if (kind == CreditReason::Kind::kLow) return Side::kAbove;
  return kind == CreditReason::Kind::kHigh ? Side::kBelow : Side::kEither;
}

// A value in each range of a field in turn, its special ones and none at all: what the members are checked on.
double checked_value(const model::ScorecardField* field, std::size_t turn) {
  if (field == nullptr) return turn % 5 == 0 ? kAbsent : static_cast<double>(turn);
  const std::size_t edges = field->edges.size();
  const std::size_t at = turn % (edges + 2 + field->special.size());
  if (at < edges) return field->edges[at];
  if (at == edges) return edges == 0 ? 0 : field->edges.back() + 1;
  if (at <= edges + field->special.size()) return field->special[at - edges - 1];
  return kAbsent;
}

// The scorecard as its definition reads: range after range.
double slow_margin(const model::Scorecard& scorecard, std::span<const double> row) {
  double sum = scorecard.intercept;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const model::ScorecardField& field = scorecard.fields[i];
    std::size_t bin = 0;
    const auto special = std::ranges::find(field.special, row[i]);
    if (std::isnan(row[i])) {
      bin = field.bins.size() - 1;
    } else if (special != field.special.end()) {
      bin = field.edges.size() + 1 + static_cast<std::size_t>(special - field.special.begin());
    } else {
      while (bin < field.edges.size() && row[i] > field.edges[bin]) ++bin;
    }
    sum += field.bins[bin].log_odds;
  }
  return sum;
}

}  // namespace

bool can_change(schema::ApplicantField field) {
  return field != schema::kAge && field != schema::kPersonnesACharge && field != schema::kApplicantId;
}

CreditService::CreditService(model::LoadedCreditModel loaded, model::CreditThresholds thresholds)
    : loaded_(std::move(loaded)), thresholds_(thresholds), places_(model::scorecard_places(loaded_.model)) {
  for (const model::CreditField& field : loaded_.model.fields) {
    const auto found = schema::find(schema::applicant_fields(), field.name);
    const bool number = found && schema::applicant_fields()[*found].type != schema::FieldType::kText;
    if (!number || !field.categories.empty()) unasked_.push_back(field.name);
    asked_.push_back(number && field.categories.empty() ? std::optional(static_cast<schema::ApplicantField>(*found))
                                                        : std::nullopt);
  }
}

Result<std::shared_ptr<const CreditService>> CreditService::load(const std::filesystem::path& package,
                                                                 const GivenThresholds& given) {
  return make(VIGIE_TRY(model::read_credit_package(package)), given);
}

Result<std::shared_ptr<const CreditService>> CreditService::make(model::LoadedCreditModel loaded,
                                                                 const GivenThresholds& given) {
  VIGIE_TRY(model::validate(loaded.model));
  const model::CreditThresholds chosen = given.over(loaded.model.thresholds);
  VIGIE_TRY(model::validate(chosen, loaded.model.scorecard.scale));
  std::shared_ptr<CreditService> service(new CreditService(std::move(loaded), chosen));
  if (service->unasked_.size() == service->asked_.size()) {
    return fail(Code::kUnsupported, "the model has no field that a request has", {.field = "fields"},
                "train it with --map, so that columns play the fields of an applicant");
  }
  service->challenger_ = VIGIE_TRY(scoring::make_boosted_scorer(service->loaded_.model.boosted));
  service->explainer_ = VIGIE_TRY(scoring::Explainer::boosted(service->loaded_.model.boosted));
  VIGIE_TRY(service->check_members());
  return service;
}

void CreditService::row_of(Applicant applicant, Row& row) const {
  for (std::size_t i = 0; i < asked_.size(); ++i) row[i] = asked_[i] ? applicant[*asked_[i]] : kAbsent;
}

std::span<const double> CreditService::scorecard_row(const Row& row, Row& out) const {
  for (std::size_t i = 0; i < places_.size(); ++i) out[i] = row[places_[i]];
  return std::span<const double>(out).first(places_.size());
}

CreditDecision CreditService::decide(Applicant applicant) const {
  const model::Scorecard& scorecard = loaded_.model.scorecard;
  Row fields;
  Row memory;
  row_of(applicant, fields);
  const std::span<const double> row = scorecard_row(fields, memory);
  const double margin = scorecard.margin(row);
  CreditDecision decision;
  const double forecast = loaded_.model.forecast(margin);
  decision.default_probability = model::sigmoid(forecast);
  decision.score = model::sigmoid(-forecast);
  decision.points = scorecard.scale.whole(margin);
  decision.credit_class = thresholds_.class_of(decision.points);
  decision.outcome = model::outcome_of(decision.credit_class);
  for (const scoring::PointsLost& lost : scoring::points_lost(scorecard, row, row.size())) {
    if (!asked_[places_[lost.field]]) continue;
    decision.reasons[decision.reason_count++] = explain(lost, row[lost.field], margin);
    if (decision.reason_count == kMostReasons) break;
  }
  return decision;
}

CreditReason CreditService::explain(const scoring::PointsLost& lost, double value, double margin) const {
  const model::Scorecard& scorecard = loaded_.model.scorecard;
  const model::ScorecardField& field = scorecard.fields[lost.field];
  CreditReason reason{
      .field = *asked_[places_[lost.field]], .kind = kind_of(field, lost), .points_lost = lost.points, .value = value};
  if (!can_change(reason.field) || lost.bin > field.edges.size()) return reason;
  const ChangeSearch search{.scorecard = scorecard,
                            .field = lost.field,
                            .asked = reason.field,
                            .present = value,
                            .margin = margin,
                            .side = side_of(reason.kind)};
  if (const auto better = nearest_better_class(search, thresholds_)) {
    reason.wanted = better->values;
    reason.reaches = better->reaches;
  } else {
    reason.wanted = nearest_without_loss(search, scoring::baseline_points(scorecard, lost.field));
  }
  return reason;
}

CreditChallenge CreditService::challenge(Applicant applicant) const {
  const model::CreditModel& model = loaded_.model;
  const model::PointScale& scale = model.scorecard.scale;
  Row fields;
  row_of(applicant, fields);
  std::array<float, model::kMostCreditFields> inputs;
  std::ranges::transform(fields, inputs.begin(), [](double value) { return static_cast<float>(value); });
  const auto row = std::span<const float>(inputs).first(asked_.size());
  std::array<double, model::kMostCreditFields> shares;
  explainer_->contributions(row, std::span(shares).first(row.size()));
  double score = 0;
  challenger_->score(row, std::span(&score, 1));
  const double margin = model.calibration.slope * model::logit(score) + model.calibration.intercept;

  CreditChallenge out;
  out.default_probability = model::sigmoid(margin);
  out.points = scale.whole(margin);
  out.base_points = scale.points_of(model.calibration.slope * explainer_->base() + model.calibration.intercept);
  std::array<std::size_t, model::kMostCreditFields> order;
  std::size_t count = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (asked_[i] && shares[i] > 0) order[count++] = i;
  }
  std::ranges::stable_sort(std::span(order).first(count), std::greater<>(), [&](std::size_t i) { return shares[i]; });
  for (; out.reason_count < std::min(count, kMostReasons); ++out.reason_count) {
    const std::size_t i = order[out.reason_count];
    CreditReason& reason = out.reasons[out.reason_count];
    reason.field = *asked_[i];
    reason.value = fields[i];
    reason.points_lost = scale.factor() * model.calibration.slope * shares[i];
    const auto place = std::ranges::find(places_, i);
    const bool in_scorecard = place != places_.end();
    reason.kind = kind_of(in_scorecard ? &model.scorecard.fields[place - places_.begin()] : nullptr, fields[i]);
  }
  return out;
}

// A member that this machine computes differently from its definition must not go live.
Status CreditService::check_members() const {
  const model::CreditModel& model = loaded_.model;
  const auto disagrees = [](std::string_view member) {
    return fail(Code::kInternal, "\"" + std::string(member) + "\" disagrees with its reference on this machine",
                {.field = std::string(member)}, "please report this with the output of `lscpu` and `vigie --version`");
  };
  std::vector<const model::ScorecardField*> card_fields(model.fields.size(), nullptr);
  for (std::size_t i = 0; i < places_.size(); ++i) card_fields[places_[i]] = &model.scorecard.fields[i];
  for (std::size_t r = 0; r < kCheckedRows; ++r) {
    Row row;
    Row memory;
    std::array<float, model::kMostCreditFields> inputs;
    for (std::size_t i = 0; i < card_fields.size(); ++i) {
      row[i] = checked_value(card_fields[i], r + i);
      inputs[i] = static_cast<float>(row[i]);
    }
    const auto scorecard = scorecard_row(row, memory);
    if (model.scorecard.margin(scorecard) != slow_margin(model.scorecard, scorecard)) return disagrees("scorecard");
    const auto given = std::span<const float>(inputs).first(card_fields.size());
    double score = 0;
    challenger_->score(given, std::span(&score, 1));
    if (score != scoring::reference_score(model.boosted, given)) return disagrees("xgboost");
  }
  return {};
}

}  // namespace vigie::decision
