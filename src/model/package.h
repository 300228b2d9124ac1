// A model package: everything that a decision needs, as a folder (or one .tar.zst) named by content.
//
//   model.json              what it is, how it was made, how scores combine, the threshold, held-out metrics
//   xgboost.json            members, each in its own form
//   isolation_forest.json
//   reference.json          histograms of features and score on training data, for drift
//   evaluation.json         held-out figures and the curves that the card draws
//   card.html               the model card, self-contained
//   PACKAGE                 the final marker: format version, model version, and every file's SHA-256
//
// A folder without PACKAGE is no package: readers never see a half-written one. docs/model-package.md is the format.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/combination.h"
#include "model/evaluation.h"
#include "model/forest.h"
#include "schema/fitted.h"

namespace vigie::model {

inline constexpr int kPackageFormat = 1;

// Each kind of model has its own files.
inline constexpr std::string_view kCardKind = "card";
inline constexpr std::string_view kTransactionKind = "transaction";
inline constexpr std::string_view kCreditKind = "credit";

// The names that members have in files, metrics and answers.
inline constexpr std::string_view kIsolationForest = "isolation_forest";
inline constexpr std::string_view kXgboost = "xgboost";
inline constexpr std::string_view kEnsemble = "ensemble";

struct DataOrigin {
  std::string sha256;      // of the training file's bytes as they were on disk
  std::uint64_t rows = 0;  // after cleaning
  std::uint64_t positives = 0;
  std::uint64_t dropped_duplicates = 0;
  std::uint64_t rejected = 0;
  std::optional<double> prevalence;  // the true base rate that training was weighted to, where given
};

struct ThresholdChoice {
  double value = 0.5;
  std::string policy = "f1";      // "f1", "precision", "recall", "alerts", "cost", "given"
  double target = 0;              // the floor, budget or cost ratio that the policy was given
  double expected_precision = 0;  // on the out-of-fold scores it was chosen on
  double expected_recall = 0;
  double expected_f1 = 0;
  double low = 0;  // 5 % and 95 % of the choice over bootstrap samples of those scores
  double high = 0;
};

struct Parameter {  // of training, as given or defaulted: "xgboost.max_depth" = "5"
  std::string name;
  std::string value;
};

// Equal-width bins between the 0.1 % and 99.9 % quantiles, the outer ones open.
struct FeatureReference {
  std::string name;
  double minimum = 0;
  double maximum = 0;
  double mean = 0;
  double deviation = 0;
  std::vector<double> quantiles;        // at 0, 1, 5, 25, 50, 75, 95, 99, 100 %
  std::vector<double> edges;            // bins + 1
  std::vector<double> counts;           // weight a bin, all rows
  std::vector<double> positive_counts;  // weight a bin, positives only
  double importance = 0;                // share of the boosted trees' total gain; 0 for the score
};

// How an input's value goes with its contribution to the score. Bins are those of the input's quantiles, from low to
// high, frauds and the rest counting half each, so that both have bins; equal values share one. One item a bin in all.
struct Dependence {
  std::string feature;
  std::vector<double> value;  // the bin's mean, unscaled, strictly rising
  std::vector<double> mean;   // of the contributions; they are means and quantiles of the same halves
  std::vector<double> low;    // 10 %
  std::vector<double> high;   // 90 %
};

// How much each input moves the ensemble's score: exact Shapley values carried through the ensemble, on a sample of all
// rows. It says what the model leans on, not how good it is.
struct Contributions {
  std::uint64_t rows = 0;  // of the sample
  std::uint64_t positives = 0;
  double base_score = 0;  // what contributions add up from: the score of a row that nothing is known about
  // Mean |contribution|, one an input in the members' order. Over all rows, by their weights: the share of
  // frauds is that of training and not of the sample.
  std::vector<double> mean_absolute;
  std::vector<double> positives_mean_absolute;  // over frauds alone
  // Of at most six inputs: those with the largest mean |contribution| where frauds and the rest count half each,
  // largest first.
  std::vector<Dependence> dependence;
};

struct Reference {
  std::vector<FeatureReference> features;      // a card model's: the 30 raw fields, then the seven engineered, unscaled
  FeatureReference score;                      // the ensemble's score on training rows (out-of-fold)
  std::optional<Contributions> contributions;  // none in packages made before there were any
};

// The mean and deviation of a figure over several seeds; scorer and metric as in Evaluation.
struct SeedSummary {
  std::string scorer;
  std::string metric;  // one of kMetrics, or "threshold"
  double mean = 0;
  double deviation = 0;
  std::vector<double> values;  // one a seed
};

// What every kind of model here is: two members, what they were made of, and what was measured.
struct EnsembleModel {
  std::string name;
  std::string software_version;
  std::string created_at;  // RFC 3339, or empty: wall-clock time would make equal trainings differ
  std::uint64_t seed = 0;
  DataOrigin data;
  BoostedForest boosted;
  std::string boosted_source;  // XGBoost's own JSON, kept as it came
  IsolationForest isolation;
  Combination combination;  // terms in member order: isolation_forest, xgboost
  ThresholdChoice threshold;
  std::vector<Parameter> parameters;
  Evaluation evaluation;
  std::vector<SeedSummary> seeds;  // empty for a single seed
  Reference reference;
};

struct CardModel : EnsembleModel {
  CardModel() { name = "card"; }
  schema::CardInputs inputs;
};

struct PackageInfo {
  int format = 0;
  std::string version;  // first 12 hex digits of the SHA-256 over all files' hashes
  std::string kind;     // "card", "transaction" or "credit"
  struct File {
    std::string name;
    std::uint64_t bytes = 0;
    std::string sha256;
  };
  std::vector<File> files;  // by name
};

struct LoadedCardModel {
  PackageInfo info;
  CardModel model;
};

// Writes the package: into a temporary folder beside `path`, synced, renamed, the marker last. `path` may be absent, an
// empty folder, or a package (replaced); anything else is refused. A path ending in .tar.zst gives one file.
// Equal models give equal bytes.
Result<PackageInfo> write_package(const std::filesystem::path& path, const CardModel& model);

// Reads and checks everything: marker, format, every hash, no file missing or added, every member valid. Of a package
// of another kind: kInvalidArgument.
Result<LoadedCardModel> read_package(const std::filesystem::path& path);

// Only the marker and the hashes (`vigie model verify`).
Result<PackageInfo> verify_package(const std::filesystem::path& path);

}  // namespace vigie::model
