#include "model/sample_model.h"

#include <algorithm>
#include <cmath>

#include "base/json_writer.h"
#include "base/random.h"
#include "model/formats/xgboost.h"
#include "schema/card.h"

namespace vigie::model {
namespace {

constexpr std::size_t kScored = 5'000;

// A full tree of two levels over random features.
Tree random_tree(Random& random, std::size_t inputs, bool isolation) {
  Tree tree;
  for (std::int32_t i = 0; i < 7; ++i) {
    Node node;
    node.cover = isolation ? static_cast<float>(i < 3 ? 256 >> i : 1 + random.below(80))
                           : static_cast<float>(random.uniform(1, 50));
    if (i < 3) {
      node.left = 2 * i + 1;
      node.right = 2 * i + 2;
      node.feature = static_cast<std::int32_t>(random.below(inputs));
      node.threshold = static_cast<float>(random.normal());
      node.missing_left = isolation || random.bernoulli(0.5);
      node.gain = isolation ? 0 : static_cast<float>(random.exponential(10));
    } else {
      node.value = isolation ? 0 : static_cast<float>(random.normal(0, 0.2));
    }
    tree.nodes.push_back(node);
  }
  return tree;
}

// XGBoost's JSON for trees whose nodes are in order already.
std::string xgboost_source(const std::vector<Tree>& trees, const std::vector<std::string>& inputs) {
  JsonWriter json;
  json.begin_object().key("learner").begin_object();
  json.key("feature_names").values(std::span<const std::string>(inputs));
  json.key("gradient_booster").begin_object().key("model").begin_object();
  json.key("gbtree_model_param").begin_object().member("num_trees", std::to_string(trees.size())).end_object();
  json.key("tree_info").values(std::span<const int>(std::vector<int>(trees.size(), 0)));
  json.key("trees").begin_array();
  for (const Tree& tree : trees) {
    std::vector<int> left, right, feature, default_left;
    std::vector<float> condition, cover, gain;
    for (const Node& node : tree.nodes) {
      left.push_back(node.left);
      right.push_back(node.right);
      feature.push_back(node.feature);
      default_left.push_back(node.missing_left ? 1 : 0);
      condition.push_back(node.is_leaf() ? node.value : node.threshold);
      cover.push_back(node.cover);
      gain.push_back(node.gain);
    }
    json.begin_object();
    json.key("left_children")
        .values(std::span<const int>(left))
        .key("right_children")
        .values(std::span<const int>(right));
    json.key("split_indices").values(std::span<const int>(feature));
    json.key("default_left").values(std::span<const int>(default_left));
    json.key("split_conditions").values(std::span<const float>(condition));
    json.key("sum_hessian").values(std::span<const float>(cover));
    json.key("loss_changes").values(std::span<const float>(gain)).end_object();
  }
  json.end_array().end_object().member("name", "gbtree").end_object();
  json.key("learner_model_param").begin_object().member("base_score", "5E-1");
  json.member("num_feature", std::to_string(inputs.size())).end_object();
  json.key("objective").begin_object().member("name", "binary:logistic").end_object().end_object();
  const int version[] = {1, 7, 4};
  json.key("version").values(std::span<const int>(version)).end_object();
  return std::move(json).text();
}

struct Scored {
  double score;
  bool fraud;
};

Measured around(double value) { return {value, std::max(0.0, value - 0.01), std::min(1.0, value + 0.01)}; }

// Curves and figures of a scorer that puts frauds `distance` deviations above the rest.
ScorerEvaluation measure(Random& random, std::string_view name, double distance) {
  std::vector<Scored> rows(kScored);
  double positives = 0;
  for (Scored& row : rows) {
    row.fraud = random.bernoulli(0.01);
    positives += row.fraud ? 1 : 0;
    row.score = 1 / (1 + std::exp(4.5 - random.normal(row.fraud ? distance : 0, 1.3)));
  }
  std::sort(rows.begin(), rows.end(), [](const Scored& a, const Scored& b) { return a.score > b.score; });
  const double negatives = static_cast<double>(kScored) - positives;

  ScorerEvaluation out;
  out.scorer = name;
  out.histogram.negatives.assign(50, 0);
  out.histogram.positives.assign(50, 0);
  double tp = 0, fp = 0, area = 0, precision_area = 0, best = -1;
  for (std::size_t i = 0; i < kScored; ++i) {
    auto& counts = rows[i].fraud ? out.histogram.positives : out.histogram.negatives;
    counts[std::min<std::size_t>(49, static_cast<std::size_t>(rows[i].score * 50))] += 1;
    (rows[i].fraud ? tp : fp) += 1;
    if (!rows[i].fraud) area += tp / positives / negatives;
    if (rows[i].fraud) precision_area += tp / (tp + fp) / positives;
    const double precision = tp / (tp + fp), recall = tp / positives;
    const double f1 = tp > 0 ? 2 * precision * recall / (precision + recall) : 0;
    if (f1 > best) {
      best = f1;
      out.threshold = rows[i].score - 1e-6;
      out.confusion = {.tp = tp, .fp = fp, .fn = positives - tp, .tn = negatives - fp};
      out.f1 = around(f1);
      out.precision = around(precision);
      out.recall = around(recall);
    }
    if (fp <= 0.01 * negatives) out.recall_at_1pct_fpr = around(recall);
    out.ks = around(std::max(out.ks.value, recall - fp / negatives));
    const bool sampled = i % (i < 500 ? 5 : 50) == 0 || i + 1 == kScored;
    if (!sampled) continue;
    out.roc.push_back({fp / negatives, recall});
    out.precision_recall.push_back({recall, precision});
    out.thresholds.push_back({rows[i].score, precision, recall, f1, (tp + fp) / static_cast<double>(kScored)});
  }
  for (int bin = 0; bin < 10; ++bin) {
    const std::size_t size = kScored / 10, from = static_cast<std::size_t>(9 - bin) * size;
    CalibrationBin& point = out.calibration.emplace_back();
    for (std::size_t i = from; i < from + size; ++i) {
      point.mean_score += rows[i].score / static_cast<double>(size);
      point.observed += (rows[i].fraud ? 1.0 : 0.0) / static_cast<double>(size);
    }
    point.weight = static_cast<double>(size);
  }
  out.roc_auc = around(area);
  out.average_precision = around(precision_area);
  out.brier = {0.0061, 0.0052, 0.0071};
  out.calibration_error = {0.0123, 0.0101, 0.0144};
  return out;
}

FeatureReference describe(Random& random, std::string_view name, double shift) {
  constexpr std::size_t kBins = 40;
  FeatureReference out;
  out.name = name;
  out.edges.resize(kBins + 1);
  for (std::size_t i = 0; i <= kBins; ++i) out.edges[i] = -4 + 8 * static_cast<double>(i) / kBins;
  out.counts.assign(kBins, 0);
  out.positive_counts.assign(kBins, 0);
  for (int i = 0; i < 4000; ++i) {
    const bool fraud = i % 20 == 0;
    const double value = random.normal(fraud ? shift : 0, 1);
    const auto bin = static_cast<std::size_t>(std::clamp((value + 4) / 8 * kBins, 0.0, kBins - 1.0));
    out.counts[bin] += 1;
    if (fraud) out.positive_counts[bin] += 1;
  }
  out.minimum = -5;
  out.maximum = 5;
  out.mean = 0.05 * shift;
  out.deviation = 1.02;
  out.quantiles = {-5, -2.3, -1.6, -0.7, 0, 0.7, 1.6, 2.3, 5};
  return out;
}

Contributions sample_contributions(Random& random, const std::vector<std::string>& inputs,
                                   const std::vector<std::string>& shown) {
  Contributions out;
  out.rows = 400;
  out.positives = 200;
  out.base_score = 0.0498;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    out.mean_absolute.push_back(random.exponential(0.003));
    out.positives_mean_absolute.push_back(random.exponential(0.03));
  }
  for (const std::string& feature : shown) {
    Dependence& dependence = out.dependence.emplace_back();
    dependence.feature = feature;
    for (int bin = 0; bin < 10; ++bin) {
      const double mean = 0.2 - 0.02 * bin + random.normal(0, 0.01);
      dependence.value.push_back(bin - 8);
      dependence.mean.push_back(mean);
      dependence.low.push_back(mean - 0.02);
      dependence.high.push_back(mean + 0.03);
    }
  }
  return out;
}

// All of a model but what its kind has of its own.
void fill(EnsembleModel& model, std::uint64_t seed, Random& random, const std::vector<std::string>& inputs,
          const std::vector<std::string>& fields, const std::vector<std::string>& shown) {
  model.software_version = "0.1.0";
  model.seed = seed;
  model.data = {.sha256 = std::string(64, 'a'),
                .rows = 227'845,
                .positives = 394,
                .dropped_duplicates = 1081,
                .rejected = 3,
                .prevalence = 0.00172749};
  model.isolation.feature_names = inputs;
  std::vector<Tree> boosted;
  for (int i = 0; i < 20; ++i) boosted.push_back(random_tree(random, inputs.size(), false));
  model.boosted_source = xgboost_source(boosted, inputs);
  if (auto parsed = parse_xgboost_json(model.boosted_source)) model.boosted = *std::move(parsed);
  model.isolation.forest = {
      .feature_count = static_cast<std::uint32_t>(inputs.size()), .comparison = Comparison::kLessEqual, .trees = {}};
  for (int i = 0; i < 20; ++i) model.isolation.forest.trees.push_back(random_tree(random, inputs.size(), true));
  model.isolation.contamination = 0.00172749;
  model.isolation.own_threshold = 0.6218;
  model.combination.terms = {{.member = std::string(kIsolationForest),
                              .weight = 0.4,
                              .transform = {.kind = Transform::Kind::kMinMax, .low = 0.37, .high = 0.81}},
                             {.member = std::string(kXgboost), .weight = 0.6, .transform = {}}};
  model.combination.calibration = {.kind = Transform::Kind::kPiecewiseLinear, .x = {0, 0.3, 0.9}, .y = {0, 0.1, 1}};

  model.evaluation = {
      .rows = kScored, .positives = 50, .prevalence = 0.00172749, .split = "random hold-out of 20 %", .scorers = {}};
  model.evaluation.scorers.push_back(measure(random, kIsolationForest, 3));
  model.evaluation.scorers.push_back(measure(random, kXgboost, 6.2));
  model.evaluation.scorers.push_back(measure(random, kEnsemble, 6.5));
  const ScorerEvaluation& ensemble = model.evaluation.scorers.back();
  model.threshold = {.value = ensemble.threshold,
                     .policy = "f1",
                     .target = 0,
                     .expected_precision = 0.91,
                     .expected_recall = 0.79,
                     .expected_f1 = 0.846,
                     .low = ensemble.threshold * 0.8,
                     .high = std::min(0.99, ensemble.threshold * 1.2)};
  for (const auto& [name, value] :
       {std::pair("xgboost.max_depth", "5"), std::pair("xgboost.learning_rate", "0.1"),
        std::pair("xgboost.rounds", "100"), std::pair("xgboost.tree_method", "hist"),
        std::pair("isolation_forest.trees", "100"), std::pair("isolation_forest.sample_size", "256"),
        std::pair("scaler", "standard"), std::pair("weights", "0.4,0.6")}) {
    model.parameters.push_back({name, value});
  }
  for (const std::string_view scorer : {kIsolationForest, kXgboost, kEnsemble}) {
    for (const char* metric : {"roc_auc", "average_precision", "f1", "threshold"}) {
      SeedSummary& summary = model.seeds.emplace_back();
      summary = {.scorer = std::string(scorer), .metric = metric, .mean = 0.85, .deviation = 0.007, .values = {}};
      for (int i = 0; i < 5; ++i) summary.values.push_back(random.normal(0.85, 0.007));
    }
  }
  double total = 0;
  for (const std::string& field : fields) {
    auto& feature = model.reference.features.emplace_back(describe(random, field, random.normal(0, 2)));
    feature.importance = std::pow(random.uniform(), 4);
    total += feature.importance;
  }
  for (auto& feature : model.reference.features) feature.importance /= total;
  model.reference.score = describe(random, "score", 2);
  model.reference.contributions = sample_contributions(random, inputs, shown);
}

Prequential sample_prequential() {
  Prequential out;
  PrequentialScorer& scorer = out.scorers.emplace_back();
  scorer.name = kXgboost;
  for (const char* day : {"2018-08-15", "2018-08-08"}) {
    out.folds.push_back({.train_from = day,
                         .test_from = day,
                         .train_rows = 67'000,
                         .train_positives = 560,
                         .test_rows = 58'000,
                         .test_positives = 370});
    scorer.folds.push_back({.roc_auc = 0.87, .average_precision = 0.71, .card_precision = 0.31});
  }
  scorer.mean = scorer.folds.front();
  return out;
}

std::vector<std::string> names_of(std::span<const schema::Field> fields) {
  std::vector<std::string> names;
  for (const schema::Field& field : fields) names.emplace_back(field.name);
  return names;
}

}  // namespace

CardModel sample_card_model(std::uint64_t seed) {
  Random random(seed);
  CardModel model;
  model.inputs.amount = {.mean = 88.35, .deviation = 250.12};
  model.inputs.scaler.kind = schema::ScalerKind::kStandard;
  for (std::size_t i = 0; i < schema::kCardInputs; ++i) {
    model.inputs.scaler.center.push_back(random.normal());
    model.inputs.scaler.scale.push_back(random.uniform(0.1, 3));
  }
  fill(model, seed, random, names_of(schema::card_input_fields()), names_of(schema::card_fields()),
       {"V14", "V17", "V4"});
  return model;
}

TransactionModel sample_transaction_model(std::vector<std::string> inputs, std::uint64_t seed) {
  Random random(seed);
  TransactionModel model;
  model.inputs = std::move(inputs);
  fill(model, seed, random, model.inputs, model.inputs, {model.inputs.front()});
  model.evaluation.prequential = sample_prequential();
  return model;
}

}  // namespace vigie::model
