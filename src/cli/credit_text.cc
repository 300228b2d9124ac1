#include "cli/credit_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/number.h"

namespace vigie::cli {
namespace {

using model::CreditModel;

double metric_of(const model::ScorerEvaluation& scorer, std::string_view name) {
  for (const model::Metric& metric : model::kMetrics) {
    if (metric.name == name) return (scorer.*metric.field).value;
  }
  return 0;
}

std::string folds_text(const CreditModel& model) {
  if (model.folds.empty()) return {};
  std::string out = fmt::format("mean ± deviation over {} folds\n", model.folds.front().values.size());
  for (const model::SeedSummary& folds : model.folds) {
    out += fmt::format("{:<12}{:<20}{:.4f} ± {:.4f}\n", folds.scorer, folds.metric, folds.mean, folds.deviation);
  }
  return out;
}

std::string fairness_text(const CreditModel& model) {
  std::string out;
  for (const model::FairnessTable& table : model.fairness) {
    out += fmt::format("{} by {}, accepted from {:.6g} points on; * is the group compared with\n", table.scorer,
                       table.column, model.thresholds.accepted);
    out +=
        fmt::format("  {:<24}{:>10}{:>10}{:>14}{:>14}\n", "group", "people", "accepted", "impact ratio", "opportunity");
    for (std::size_t i = 0; i < table.groups.size(); ++i) {
      const model::FairnessGroup& group = table.groups[i];
      out += fmt::format("  {:<24}{:>10.0f}{:>9.1f}%{:>14.3f}{:>+14.3f}\n",
                         group.name + (i == table.reference ? " *" : ""), group.rows, 100 * group.approval_rate(),
                         table.impact_ratio(i), table.opportunity_difference(i));
    }
  }
  return out;
}

}  // namespace

std::string credit_figures_text(const CreditModel& model) {
  const model::Evaluation& evaluation = model.evaluation;
  std::string out =
      fmt::format("{} rows, {} defaults, base rate {:.4g} %, {}\n{:<12}", with_thousands(evaluation.rows),
                  with_thousands(evaluation.positives), 100 * evaluation.prevalence, evaluation.split, "");
  constexpr std::string_view kShown[] = {"roc_auc", "ks", "brier", "calibration_error", "average_precision"};
  for (const std::string_view name : kShown) out += fmt::format("{:>20}", name);
  out += "\n";
  for (const model::ScorerEvaluation& scorer : evaluation.scorers) {
    out += fmt::format("{:<12}", scorer.scorer);
    for (const std::string_view name : kShown) out += fmt::format("{:>20.4f}", metric_of(scorer, name));
    out += "\n";
  }
  return out + folds_text(model) + fairness_text(model);
}

void write_folds(JsonWriter& json, const CreditModel& model) {
  json.begin_object();
  for (const std::string_view scorer : {model::kScorecard, model::kXgboost}) {
    json.key(scorer).begin_object();
    for (const model::SeedSummary& folds : model.folds) {
      if (folds.scorer != scorer) continue;
      json.key(folds.metric).begin_object().member("mean", folds.mean).member("deviation", folds.deviation);
      json.key("values").values(std::span<const double>(folds.values)).end_object();
    }
    json.end_object();
  }
  json.end_object();
}

void write_fairness(JsonWriter& json, const CreditModel& model) {
  json.begin_array();
  for (const model::FairnessTable& table : model.fairness) {
    json.begin_object().member("column", table.column).member("scorer", table.scorer);
    json.member("reference", table.groups[table.reference].name).key("groups").begin_array();
    for (std::size_t i = 0; i < table.groups.size(); ++i) {
      const model::FairnessGroup& group = table.groups[i];
      json.begin_object().member("name", group.name).member("rows", group.rows);
      json.member("approval_rate", group.approval_rate()).member("impact_ratio", table.impact_ratio(i));
      json.member("opportunity_difference", table.opportunity_difference(i)).end_object();
    }
    json.end_array().end_object();
  }
  json.end_array();
}

}  // namespace vigie::cli
