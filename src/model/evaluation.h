// What was measured on rows that the model had not seen: figures, and the curves that the model card draws.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "model/prequential.h"

namespace vigie::model {

// A figure with its 95 % bootstrap interval; low == high == value where none was asked for.
struct Measured {
  double value = 0;
  double low = 0;
  double high = 0;
};

// Weighted counts at a threshold (score > threshold is an alarm).
struct Confusion {
  double tp = 0;
  double fp = 0;
  double fn = 0;
  double tn = 0;
};

struct CurvePoint {
  double x = 0;
  double y = 0;
};

// One threshold of the sweep that the card draws.
struct ThresholdPoint {
  double threshold = 0;
  double precision = 0;
  double recall = 0;
  double f1 = 0;
  double alert_rate = 0;  // share of all weight that is alarmed
};

// One bin of the reliability diagram.
struct CalibrationBin {
  double mean_score = 0;
  double observed = 0;  // share of positives
  double weight = 0;
};

struct ScoreHistogram {           // 50 equal bins over [0, 1]
  std::vector<double> negatives;  // weight a bin
  std::vector<double> positives;
};

// One scorer: "isolation_forest", "xgboost" or "ensemble".
struct ScorerEvaluation {
  std::string scorer;
  double threshold = 0;
  Measured roc_auc;
  Measured average_precision;
  Measured f1;
  Measured precision;
  Measured recall;
  Measured recall_at_1pct_fpr;
  Measured ks;
  Measured brier;
  Measured calibration_error;  // expected calibration error, 10 bins of equal weight
  Confusion confusion;
  std::vector<CurvePoint> roc;               // x: false positive rate, y: recall; at most 200 points
  std::vector<CurvePoint> precision_recall;  // x: recall, y: precision; at most 200 points
  std::vector<ThresholdPoint> thresholds;    // at most 200 points
  std::vector<CalibrationBin> calibration;
  ScoreHistogram histogram;
};

// A Measured's field in the struct above and its name in JSON, tables and the card: one list for all of them.
struct Metric {
  std::string_view name;
  std::string_view title_en;
  std::string_view title_fr;
  Measured ScorerEvaluation::* field;
};
inline constexpr Metric kMetrics[] = {
    {"roc_auc", "ROC-AUC", "ROC-AUC", &ScorerEvaluation::roc_auc},
    {"average_precision", "Average precision", "Précision moyenne", &ScorerEvaluation::average_precision},
    {"f1", "F1", "F1", &ScorerEvaluation::f1},
    {"precision", "Precision", "Précision", &ScorerEvaluation::precision},
    {"recall", "Recall", "Rappel", &ScorerEvaluation::recall},
    {"recall_at_1pct_fpr", "Recall at 1 % FPR", "Rappel à 1 % de FPR", &ScorerEvaluation::recall_at_1pct_fpr},
    {"ks", "KS", "KS", &ScorerEvaluation::ks},
    {"brier", "Brier", "Brier", &ScorerEvaluation::brier},
    {"calibration_error", "Calibration error", "Erreur de calibration", &ScorerEvaluation::calibration_error},
};

struct Evaluation {
  std::uint64_t rows = 0;
  std::uint64_t positives = 0;
  double prevalence = 0;                  // weighted share of positives
  std::string split;                      // "random hold-out of 20 %", "last 20 % by Time", "file ..."
  std::vector<ScorerEvaluation> scorers;  // members in the model's order, then "ensemble"
  std::optional<Prequential> prequential{};
};

// nullptr where there is none.
const ScorerEvaluation* find_scorer(const Evaluation& evaluation, std::string_view scorer);

// {"rows", "positives", "prevalence", "threshold", "<scorer>": {"roc_auc": ..., "confusion": {...}, "interval":
// {...}}}; `threshold` is the ensemble's.
void write_summary(JsonWriter& json, const Evaluation& evaluation);

}  // namespace vigie::model
