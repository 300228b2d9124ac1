// A credit model: a scorecard that decides and gives reasons, and boosted trees held to the same directions that
// challenge it. Both learn from one row of fields; both say ln(P(default) / P(no default)), which points are a line of.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/combination.h"
#include "model/evaluation.h"
#include "model/forest.h"
#include "model/package.h"
#include "model/scorecard.h"

namespace vigie::model {

inline constexpr std::string_view kScorecard = "scorecard";
inline constexpr std::size_t kMostCreditFields = 64;  // so that a row needs no allocation

// One value of the row that both members take.
struct CreditField {
  std::string name{};                     // as in schema::applicant_fields(), or what else the training file had
  std::string column{};                   // of the training file
  double factor = 1;                      // what the column was multiplied by, above 0
  std::vector<std::string> categories{};  // of a text field, from the least risk to the most (scorecard.h)
};

enum class CreditClass : std::uint8_t { kA, kB, kC, kD, kE };
std::string_view to_string(CreditClass credit_class);  // "A", ...

enum class CreditOutcome : std::uint8_t { kAccepted, kStudied, kRefused };
std::string_view to_string(CreditOutcome outcome);  // the contract's words: "accepté", "étude", "refusé"

// Three places on the scale of points, low < accepted < excellent. Classes lie between them and halfway: A from
// `excellent` on, B from the middle of accepted and excellent, C from `accepted`, D from the middle of low and
// accepted, E below. A to C are accepted, D is for a person to study, E is refused.
struct CreditThresholds {
  double low = 300;
  double accepted = 600;
  double excellent = 800;

  // Of A, B, C and D: the points from which on a class is reached.
  std::array<double, 4> bounds() const {
    return {excellent, (accepted + excellent) / 2, accepted, (low + accepted) / 2};
  }
  CreditClass class_of(double points) const;
  bool operator==(const CreditThresholds&) const = default;
};
CreditOutcome outcome_of(CreditClass credit_class);
// Refuses numbers that are not finite or out of order and, with a scale, those beyond its ends, which nobody's points
// can reach. The error's field is "thresholds", or the one of "thresholds.refuse", ".accepte" and ".excellent".
Status validate(const CreditThresholds& thresholds);
Status validate(const CreditThresholds& thresholds, const PointScale& scale);

// Applicants of one kind, and what was decided on them: figures of people whom the model had not seen.
struct FairnessGroup {
  std::string name{};
  double rows = 0;
  double good = 0;  // did not default
  double approved = 0;
  double approved_good = 0;

  double approval_rate() const { return rows > 0 ? approved / rows : 0; }
  double opportunity() const { return good > 0 ? approved_good / good : 0; }  // of being approved when one would repay
};

// Approved is `points >= CreditThresholds::accepted`.
struct FairnessTable {
  std::string column{};  // what divides people into groups
  std::string scorer{};
  std::uint64_t reference = 0;  // the group that others are compared with
  std::vector<FairnessGroup> groups{};

  // Approval rate over that of the reference group: the adverse impact ratio, below 0.8 by the four-fifths rule of the
  // Uniform Guidelines (29 CFR 1607.4 D) evidence of adverse impact. 0 where the reference approves nobody.
  double impact_ratio(std::size_t group) const;
  // Opportunity less that of the reference group (Hardt, Price and Srebro, 2016): below 0 the good are approved less.
  double opportunity_difference(std::size_t group) const;
};

// Points of people whom the model had not seen, in ranges between `edges`: what drift is measured against. For fields
// the scorecard's own bins are that.
struct PointsReference {
  std::vector<double> edges{};  // ranges + 1, rising; the first and the last are the scale's ends
  std::vector<double> good{};   // rows a range
  std::vector<double> bad{};
};

// What a scorecard's margin means: a scorecard adds up, life does not quite, and where the sum is off is known from
// people whom it had not seen. Calibrated margin = low_slope ln(p) - high_slope ln(1 - p) + intercept with p the
// margin's probability: a line of slope low_slope where defaults are rare, of high_slope where they are the rule (beta
// calibration: Kull, Silva Filho and Flach, 2017). Points stay the sum.
struct ForecastCurve {
  double low_slope = 1;  // both >= 0, not both 0: more points never mean more risk
  double high_slope = 1;
  double intercept = 0;

  double operator()(double margin) const;
};

struct CreditModel {
  std::string name = "credit";
  std::string software_version{};
  std::string created_at{};  // RFC 3339, or empty: wall-clock time would make equal trainings differ
  std::uint64_t seed = 0;
  DataOrigin data{};
  std::string target{};  // the column that says who defaulted, and as what: "SeriousDlqin2yrs=1"
  std::vector<CreditField> fields{};
  Scorecard scorecard{};
  ForecastCurve forecast{};  // of the scorecard's margin
  BoostedForest boosted{};
  std::string boosted_source{};  // XGBoost's own JSON, kept as it came
  Transform calibration{};       // kLogistic, of the boosted trees' margin
  CreditThresholds thresholds{};
  std::vector<Parameter> parameters{};
  Evaluation evaluation{};           // of "scorecard" and "xgboost": default is the positive
  std::vector<SeedSummary> folds{};  // roc_auc and calibration_error of each, a value a fold
  std::vector<FairnessTable> fairness{};
  PointsReference reference{};
};

// The place among model.fields of each field of the scorecard.
std::vector<std::size_t> scorecard_places(const CreditModel& model);

// Refuses fields that are none, more than kMostCreditFields or there twice, a factor that is not above 0, a scorecard
// field that is none of them or has other categories, a forest with another number of features, a calibration or
// forecast that does not rise, and what the parts' own validate() refuses.
Status validate(const CreditModel& model);

struct LoadedCreditModel {
  PackageInfo info;
  CreditModel model;
};

// As write_package() and read_package() of a card model (package.h).
Result<PackageInfo> write_package(const std::filesystem::path& path, const CreditModel& model);
Result<LoadedCreditModel> read_credit_package(const std::filesystem::path& path);

}  // namespace vigie::model
