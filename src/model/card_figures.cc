#include "model/card_figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "model/card_page.h"
#include "model/plots.h"

namespace vigie::model {
namespace {

constexpr double kWidth = 440;
constexpr double kHeight = 300;
constexpr std::size_t kMostBars = 20;

// Where the scorer's own threshold puts it on the two curves.
double share(double part, double rest) { return part + rest > 0 ? part / (part + rest) : 0; }

// Counts on a log axis need a floor: a weighted bin may hold less than one row.
Scale count_scale(const ScoreHistogram& histogram) {
  double smallest = 1, largest = 10;
  for (const auto* counts : {&histogram.negatives, &histogram.positives}) {
    for (const double weight : *counts) {
      if (weight > 0) smallest = std::min(smallest, weight);
      largest = std::max(largest, weight);
    }
  }
  const double low = std::max(std::pow(10.0, std::floor(std::log10(smallest)) - 0.3), largest * 1e-9);
  return {.low = low, .high = std::pow(10.0, std::ceil(std::log10(largest) - 1e-9)), .log = true};
}

std::vector<double> scaled(const std::vector<double>& counts) {
  const double largest = counts.empty() ? 0 : *std::max_element(counts.begin(), counts.end());
  std::vector<double> out(counts.size(), 0);
  if (largest > 0) std::transform(counts.begin(), counts.end(), out.begin(), [=](double c) { return c / largest; });
  return out;
}

std::string feature_figure(const FeatureReference& feature) {
  const double low = feature.edges.front(), high = feature.edges.back();
  Plot plot(190, 84, {.low = low, .high = high > low ? high : low + 1}, {.low = 0, .high = 1.05}, true);
  std::vector<double> edges = feature.edges;
  if (!(high > low)) {  // a constant feature: all its bins are one place
    for (std::size_t i = 0; i < edges.size(); ++i)
      edges[i] = low + static_cast<double>(i) / static_cast<double>(edges.size() - 1);
  }
  std::vector<double> negatives(feature.counts.size());
  for (std::size_t i = 0; i < negatives.size(); ++i) {
    negatives[i] = std::max(feature.counts[i] - feature.positive_counts[i], 0.0);
  }
  plot.steps(edges, scaled(negatives), "legit").steps(edges, scaled(feature.positive_counts), "fraud");
  const std::string name = escape_html(feature.name);
  const std::string description =
      fmt::format("{}: mean {}, deviation {}, 1 % {}, median {}, 99 % {}", feature.name, short_number(feature.mean),
                  short_number(feature.deviation), short_number(feature.quantiles[1]),
                  short_number(feature.quantiles[4]), short_number(feature.quantiles[7]));
  return fmt::format(
      "<figure class=\"small\"><figcaption><b>{}</b></figcaption>{}<div class=\"range\"><span>{}</span>"
      "<span>{}</span></div></figure>\n",
      name, plot.svg(feature.name + " histogram", description), in_both(short_number(low)),
      in_both(short_number(high)));
}

}  // namespace

Text scorer_title(std::string_view scorer) {
  if (scorer == kIsolationForest) return {"Isolation forest", "Forêt d’isolation"};
  if (scorer == kXgboost) return same("XGBoost");
  if (scorer == kEnsemble) return {"Ensemble", "Ensemble"};
  return same(escape_html(scorer));
}

std::string_view scorer_style(std::string_view scorer) {
  if (scorer == kIsolationForest) return "isolation";
  if (scorer == kXgboost) return "boosted";
  return "ensemble";
}

std::string bar_figure(const Text& heading, std::vector<Bar> bars, std::string_view style, const Text& caption) {
  std::erase_if(bars, [](const Bar& bar) { return !(bar.size > 0); });
  std::ranges::stable_sort(bars, std::ranges::greater(), &Bar::size);
  if (bars.size() > kMostBars) bars.resize(kMostBars);
  std::string rows;
  for (const Bar& bar : bars) {
    rows += fmt::format(
        "<tr><th scope=\"row\">{}</th><td class=\"bar {}\"><i style=\"width:{}%\"></i></td><td>{}</td></tr>\n",
        escape_html(bar.name), style, fixed(100 * bar.size / bars.front().size, 1), bar.words);
  }
  return "<figure class=\"importance\"><h3>" + say(heading) + "</h3><table>" + rows + "</table><figcaption>" +
         say(caption) + "</figcaption></figure>\n";
}

std::string roc_figure(const Evaluation& evaluation) {
  Plot plot(kWidth, kHeight, {}, {});
  plot.axes({"False positive rate", "Taux de faux positifs"}, {"Recall", "Rappel"});
  const CurvePoint chance[] = {{0, 0}, {1, 1}};
  plot.line(chance, "chance");
  std::string description = "Recall against false positive rate. Area:";
  for (const auto& scorer : evaluation.scorers) {
    plot.line(scorer.roc, scorer_style(scorer.scorer));
    description += " " + scorer.scorer + " " + fixed(scorer.roc_auc.value, 4) + ";";
  }
  if (const auto* ensemble = find_scorer(evaluation, kEnsemble)) {
    const Confusion& c = ensemble->confusion;
    plot.dot(share(c.fp, c.tn), share(c.tp, c.fn), 4.5, "ensemble");
  }
  return card_figure(
      plot.svg("ROC curve", description), {"ROC curve", "Courbe ROC"},
      {"How much fraud is caught for each share of false alarms. The dotted diagonal is chance; the dot is the "
       "chosen threshold.",
       "Fraude détectée pour chaque part de fausses alertes. La diagonale pointillée est le hasard ; le point "
       "est le seuil choisi."});
}

std::string precision_recall_figure(const Evaluation& evaluation) {
  Plot plot(kWidth, kHeight, {}, {});
  plot.axes({"Recall", "Rappel"}, {"Precision", "Précision"});
  plot.horizontal(evaluation.prevalence, "chance");
  std::string description = "Precision against recall. Average precision:";
  for (const auto& scorer : evaluation.scorers) {
    plot.line(scorer.precision_recall, scorer_style(scorer.scorer));
    description += " " + scorer.scorer + " " + fixed(scorer.average_precision.value, 4) + ";";
  }
  if (const auto* ensemble = find_scorer(evaluation, kEnsemble)) {
    const Confusion& c = ensemble->confusion;
    plot.dot(share(c.tp, c.fn), share(c.tp, c.fp), 4.5, "ensemble");
  }
  return card_figure(
      plot.svg("Precision-recall curve", description), {"Precision and recall", "Précision et rappel"},
      {"With fraud this rare, the curve that matters: how many alerts are fraud (up) at each share of fraud "
       "caught (right). The dot is the chosen threshold.",
       "La fraude étant si rare, la courbe qui compte : part des alertes qui sont des fraudes (haut) pour "
       "chaque part de fraude détectée (droite). Le point est le seuil choisi."});
}

std::string threshold_figure(const ScorerEvaluation& ensemble, const ThresholdChoice& choice) {
  Plot plot(kWidth, kHeight, {}, {});
  if (choice.low < choice.high) plot.band(choice.low, choice.high, "band");
  plot.axes({"Threshold", "Seuil"}, {"Share", "Part"});
  const auto curve = [&](double ThresholdPoint::* field, std::string_view style) {
    std::vector<CurvePoint> points;
    for (const ThresholdPoint& point : ensemble.thresholds) points.push_back({point.threshold, point.*field});
    std::sort(points.begin(), points.end(), [](const auto& a, const auto& b) { return a.x < b.x; });
    plot.line(points, style);
  };
  curve(&ThresholdPoint::precision, "precision");
  curve(&ThresholdPoint::recall, "recall");
  curve(&ThresholdPoint::f1, "f1");
  plot.vertical(choice.value, "chosen");
  plot.dot(choice.value, ensemble.f1.value, 4.5, "f1");
  const bool right_half = choice.value > 0.6;
  plot.label(choice.value, 0.06, {fixed(choice.value, 4), with_comma(fixed(choice.value, 4))},
             right_half ? "end" : "start", right_half ? -6 : 6);
  const std::string description =
      fmt::format("Precision, recall and F1 at every threshold; at the chosen {} precision {}, recall {}, F1 {}",
                  fixed(choice.value, 4), fixed(ensemble.precision.value, 3), fixed(ensemble.recall.value, 3),
                  fixed(ensemble.f1.value, 3));
  return card_figure(
      plot.svg("Threshold curve", description), {"Choice of the threshold", "Choix du seuil"},
      {"<i class=\"key precision\"></i>precision <i class=\"key recall\"></i>recall <i class=\"key f1\"></i>F1 of "
       "the ensemble. The line is the chosen threshold, the band where bootstrap samples of the training "
       "scores put it (5 % to 95 %).",
       "<i class=\"key precision\"></i>précision <i class=\"key recall\"></i>rappel <i class=\"key f1\"></i>F1 de "
       "l’ensemble. La ligne est le seuil choisi, la bande l’étendue (5 % à 95 %) qu’en donnent des "
       "rééchantillonnages des scores d’apprentissage."});
}

std::string score_figure(const ScorerEvaluation& ensemble) {
  const std::size_t bins = ensemble.histogram.negatives.size();
  Plot plot(kWidth, kHeight, {}, count_scale(ensemble.histogram));
  plot.axes({"Score", "Score"}, {"Transactions, log scale", "Transactions, échelle log"});
  if (bins > 0) {
    std::vector<double> edges(bins + 1);
    for (std::size_t i = 0; i <= bins; ++i) edges[i] = static_cast<double>(i) / static_cast<double>(bins);
    plot.steps(edges, ensemble.histogram.negatives, "legit").steps(edges, ensemble.histogram.positives, "fraud");
  }
  plot.vertical(ensemble.threshold, "chosen");
  return card_figure(
      plot.svg("Score distribution", "Number of held-out transactions by ensemble score and class, log scale"),
      {"Score distribution", "Distribution des scores"},
      {"<i class=\"key legit\"></i>legitimate <i class=\"key fraud\"></i>fraud, held-out rows. The line is the "
       "threshold: what lies right of it is alarmed.",
       "<i class=\"key legit\"></i>légitimes <i class=\"key fraud\"></i>fraudes, données de test. La ligne est le "
       "seuil : ce qui est à sa droite déclenche une alerte."});
}

std::string calibration_figure(const Evaluation& evaluation, const CalibrationWords& words) {
  double low = 0.1;
  for (const auto& scorer : evaluation.scorers) {
    for (const CalibrationBin& bin : scorer.calibration) {
      for (const double value : {bin.mean_score, bin.observed}) {
        if (value > 0) low = std::min(low, value);
      }
    }
  }
  low = std::max(std::pow(10.0, std::floor(std::log10(low))), 1e-6);
  const Scale scale{.low = low, .high = 1, .log = true};
  Plot plot(kWidth, kHeight, scale, scale);
  plot.axes(words.across, words.up);
  const CurvePoint diagonal[] = {{low, low}, {1, 1}};
  plot.line(diagonal, "chance");
  std::string description = words.description + " Calibration error:";
  for (const auto& scorer : evaluation.scorers) {
    std::vector<CurvePoint> points;
    for (const CalibrationBin& bin : scorer.calibration) points.push_back({bin.mean_score, bin.observed});
    plot.line(points, scorer_style(scorer.scorer));
    for (const CurvePoint& point : points) {
      // Log axes have no 0: a bin in which nothing happened is drawn hollow, at the bottom.
      plot.dot(point.x, point.y, 3, std::string(scorer_style(scorer.scorer)) + (point.y > 0 ? "" : " hollow"));
    }
    description += " " + scorer.scorer + " " + fixed(scorer.calibration_error.value, 4) + ";";
  }
  return card_figure(plot.svg("Calibration", description), {"Calibration", "Calibration"}, words.caption);
}

std::string calibration_figure(const Evaluation& evaluation) {
  return calibration_figure(
      evaluation,
      {.across = {"Mean score", "Score moyen"},
       .up = {"Observed share of fraud", "Part de fraude observée"},
       .description = "Observed share of fraud against mean score in bins of equal weight.",
       .caption = {"Where a score can be read as a probability, points lie on the diagonal. Hollow points at the "
                   "bottom are bins without any fraud.",
                   "Là où un score se lit comme une probabilité, les points sont sur la diagonale. Les points creux "
                   "en bas sont des classes sans aucune fraude."}});
}

std::string importance_figure(const Reference& reference) {
  std::vector<Bar> bars;
  for (const FeatureReference& feature : reference.features) {
    bars.push_back({.name = feature.name,
                    .size = feature.importance,
                    .words = in_both(fixed(100 * feature.importance, 1) + "\u00A0%")});
  }
  return bar_figure({"What the boosted trees use", "Ce qu’utilisent les arbres boostés"}, std::move(bars), "boosted",
                    {"Share of the total gain of all splits, the 20 largest. Importance is not influence on one "
                     "decision: ask for reasons there.",
                     "Part du gain total de toutes les coupures, les 20 premières. L’importance n’est pas l’influence "
                     "sur une décision donnée : demandez-en les raisons."});
}

std::string feature_figures(const Reference& reference) {
  std::string out = "<div class=\"multiples\">\n";
  for (const FeatureReference& feature : reference.features) out += feature_figure(feature);
  return out + "</div>\n";
}

}  // namespace vigie::model
