// POST /score's engine: a loaded credit model that decides on one applicant and says why.
//
//   auto service = VIGIE_TRY(CreditService::load("models/credit"));
//   CreditDecision decision = service->decide(applicant);   // in schema::applicant_fields() order, NaN where absent
//   credit_message(decision, french)                        // credit_texts.h
//
// The scorecard decides; the boosted trees challenge it and change nothing. Fields of the model that no request has
// (columns of the training file beyond schema::applicant_fields()) count as missing and are no reasons.
// Reasons compare each field with what it gives on average to the rows that the scorecard learnt from
// (scoring/adverse_action.h); a reason's points are exactly what the sum, before it is cut off, gains when its field
// gives that average. Loading verifies every hash and compares both members with their slow definitions; after that
// nothing can fail. Immutable: any number of threads may share one.
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "decision/credit_counterfactual.h"
#include "model/credit_model.h"
#include "schema/applicant.h"
#include "scoring/adverse_action.h"
#include "scoring/scorer.h"
#include "scoring/shap.h"

namespace vigie::decision {

using Applicant = std::span<const double, schema::kApplicantFields>;  // the place of client_id is not looked at

inline constexpr std::size_t kMostReasons = 4;

struct CreditReason {
  enum class Kind : std::uint8_t { kLow, kHigh, kMissing, kSpecial, kUnfavourable };

  schema::ApplicantField field = schema::kAge;
  Kind kind = Kind::kUnfavourable;
  double points_lost = 0;  // > 0
  double value = 0;        // NaN where missing
  // The nearest values that reach a better class by themselves or, where none do, that lose nothing any more. Only of
  // what a person can change (can_change()).
  std::optional<WantedValues> wanted{};
  std::optional<model::CreditClass> reaches{};  // the class that each of `wanted` reaches by itself
};

struct CreditDecision {
  double score = 0;  // probability of repaying
  double default_probability = 0;
  double points = 0;  // whole ones, on the scale, cut off at its ends: class and outcome follow from them
  model::CreditClass credit_class = model::CreditClass::kE;
  model::CreditOutcome outcome = model::CreditOutcome::kRefused;
  std::array<CreditReason, kMostReasons> reasons{};  // worst first
  std::size_t reason_count = 0;

  std::span<const CreditReason> given() const { return std::span(reasons).first(reason_count); }
};

// What the boosted trees say of the same applicant. Points lost are exact Shapley values of the calibrated margin, as
// points: base_points - the sum over all fields is `points` before they are cut off and made whole.
struct CreditChallenge {
  double default_probability = 0;
  double points = 0;       // whole ones, on the scale
  double base_points = 0;  // of somebody of whom nothing is known
  std::array<CreditReason, kMostReasons> reasons{};
  std::size_t reason_count = 0;
};

// Whether to be told a better value is of use: all but age and the people who live on one's income.
bool can_change(schema::ApplicantField field);

// Thresholds that are given instead of the package's, each by itself.
struct GivenThresholds {
  std::optional<double> low{};
  std::optional<double> accepted{};
  std::optional<double> excellent{};

  model::CreditThresholds over(const model::CreditThresholds& package) const {
    return {low.value_or(package.low), accepted.value_or(package.accepted), excellent.value_or(package.excellent)};
  }
  bool any() const { return low || accepted || excellent; }
};

class CreditService {
 public:
  // Errors: as of read_credit_package(), model::validate() of the thresholds that come of it with the model's scale,
  // and kUnsupported for a model without a field that requests have.
  static Result<std::shared_ptr<const CreditService>> load(const std::filesystem::path& package,
                                                           const GivenThresholds& given = {});
  static Result<std::shared_ptr<const CreditService>> make(model::LoadedCreditModel loaded,
                                                           const GivenThresholds& given = {});

  // Values as schema::accepts() has them, NaN where absent.
  CreditDecision decide(Applicant applicant) const;
  CreditChallenge challenge(Applicant applicant) const;

  const std::string& name() const { return loaded_.model.name; }
  const std::string& version() const { return loaded_.info.version; }
  const model::CreditModel& model() const { return loaded_.model; }
  const model::PackageInfo& info() const { return loaded_.info; }
  const model::CreditThresholds& thresholds() const { return thresholds_; }
  // Fields of the model that no request has.
  std::span<const std::string> unasked() const { return unasked_; }

 private:
  using Row = std::array<double, model::kMostCreditFields>;

  CreditService(model::LoadedCreditModel loaded, model::CreditThresholds thresholds);
  void row_of(Applicant applicant, Row& row) const;  // the model's fields
  std::span<const double> scorecard_row(const Row& row, Row& out) const;
  CreditReason explain(const scoring::PointsLost& lost, double value, double margin) const;
  Status check_members() const;

  model::LoadedCreditModel loaded_;
  model::CreditThresholds thresholds_;
  std::vector<std::optional<schema::ApplicantField>> asked_{};  // of each field of the model
  std::vector<std::size_t> places_{};                           // of each field of the scorecard, in the model
  std::vector<std::string> unasked_{};
  std::unique_ptr<scoring::Scorer> challenger_{};
  std::optional<scoring::Explainer> explainer_{};
};

}  // namespace vigie::decision
