#include "model/sample_credit_model.h"

#include "model/formats/xgboost.h"

namespace vigie::model {
namespace {

// One split: who earns less than 30,000 has a margin 0.5 higher, who earns more one 0.3 lower.
constexpr std::string_view kBoosted = R"({"learner": {"feature_names": [], "gradient_booster": {"model": {
  "gbtree_model_param": {"num_trees": "1"}, "tree_info": [0], "trees": [{"left_children": [1, -1, -1],
  "right_children": [2, -1, -1], "split_indices": [1, 0, 0], "default_left": [1, 0, 0],
  "split_conditions": [30000, 0.5, -0.3], "sum_hessian": [100, 40, 60], "loss_changes": [10, 0, 0]}]},
  "name": "gbtree"}, "learner_model_param": {"base_score": "5E-1", "num_feature": "3"},
  "objective": {"name": "binary:logistic"}}, "version": [1, 7, 4]})";

ScorerEvaluation figures(std::string_view scorer, double auc) {
  ScorerEvaluation out;
  out.scorer = scorer;
  out.threshold = 0.0476;
  for (const Metric& metric : kMetrics) out.*metric.field = {auc, auc - 0.01, auc + 0.01};
  out.confusion = {.tp = 30, .fp = 100, .fn = 20, .tn = 850};
  out.roc = {{0, 0}, {0.1, 0.6}, {1, 1}};
  out.precision_recall = {{0.6, 0.23}, {1, 0.05}};
  out.thresholds = {{.threshold = 0.0476, .precision = 0.23, .recall = 0.6, .f1 = 0.33, .alert_rate = 0.13}};
  out.calibration = {{.mean_score = 0.01, .observed = 0, .weight = 500},
                     {.mean_score = 0.1, .observed = 0.1, .weight = 500}};
  out.histogram = {.negatives = {900, 50}, .positives = {10, 40}};
  return out;
}

}  // namespace

CreditModel sample_credit_model() {
  CreditModel model;
  model.software_version = "0.1.0";
  model.seed = 7;
  model.data.sha256 = std::string(64, 'b');
  model.data.rows = 1000;
  model.data.positives = 50;
  model.data.rejected = 2;
  model.target = "defaut=1";
  model.fields = {{.name = "age", .column = "age"},
                  {.name = "revenu", .column = "MonthlyIncome", .factor = 12},
                  {.name = "logement", .column = "home", .categories = {"own", "rent", "free"}}};
  model.scorecard = {
      .fields = {{.name = "age",
                  .trend = Trend::kFalling,
                  .edges = {30, 50},
                  .bins = {{0.6, 200, 20, -0.6}, {0, 500, 25, 0}, {-0.7, 250, 5, 0.7}, {}},
                  .information_value = 0.2},
                 {.name = "logement",
                  .edges = {0, 1},
                  .categories = {"own", "rent", "free"},
                  .bins = {{-0.4, 500, 15, 0.4}, {0.2, 400, 25, -0.2}, {0.5, 40, 8, -0.5}, {0, 10, 2, 0}},
                  .information_value = 0.1}},
      .intercept = -3};
  model.boosted_source = kBoosted;
  if (auto parsed = parse_xgboost_json(kBoosted)) model.boosted = *std::move(parsed);
  model.forecast = {.low_slope = 1.1, .high_slope = 0.8, .intercept = 0.1};
  model.calibration = {.kind = Transform::Kind::kLogistic, .slope = 1.1, .intercept = -2.5};
  model.parameters = {{"folds", "5"}, {"xgboost.rounds", "1"}};
  model.evaluation = {.rows = 1000,
                      .positives = 50,
                      .prevalence = 0.05,
                      .split = "5 folds",
                      .scorers = {figures(kScorecard, 0.8), figures(kXgboost, 0.81)}};
  model.folds = {{.scorer = "scorecard", .metric = "roc_auc", .mean = 0.8, .deviation = 0.01, .values = {0.79, 0.81}}};
  model.fairness = {
      {.column = "age",
       .scorer = "scorecard",
       .reference = 1,
       .groups = {{.name = "under 30", .rows = 100, .good = 80, .approved = 40, .approved_good = 36},
                  {.name = "30 and over", .rows = 200, .good = 190, .approved = 160, .approved_good = 157}}}};
  model.reference = {.edges = {300, 600, 850}, .good = {100, 850}, .bad = {40, 10}};
  return model;
}

}  // namespace vigie::model
