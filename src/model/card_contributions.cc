// The section of the model card that says what moves the score: from the package's exact Shapley values.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "model/card_figures.h"
#include "model/card_sections.h"
#include "model/plots.h"

namespace vigie::model {
namespace {

std::vector<Bar> bars(const std::vector<std::string>& inputs, const std::vector<double>& means) {
  std::vector<Bar> out;
  for (std::size_t i = 0; i < std::min(inputs.size(), means.size()); ++i) {
    out.push_back({.name = inputs[i], .size = means[i], .words = in_both(fixed(means[i], 4))});
  }
  return out;
}

// One scale for all dependences, so that their heights compare; with 0 on it.
Scale contribution_scale(const std::vector<Dependence>& dependences) {
  double low = 0, high = 0;
  for (const Dependence& dependence : dependences) {
    for (const auto* values : {&dependence.low, &dependence.mean}) low = std::min(low, std::ranges::min(*values));
    for (const auto* values : {&dependence.high, &dependence.mean}) high = std::max(high, std::ranges::max(*values));
  }
  const double margin = (high - low) * 0.04;
  return {.low = low - margin, .high = high + margin};
}

std::string dependence_figure(const Dependence& dependence, const Scale& scale) {
  const double low = dependence.value.front(), high = dependence.value.back();
  const double margin = high > low ? (high - low) * 0.03 : 1;
  Plot plot(340, 220, {.low = low - margin, .high = high + margin}, scale);
  plot.axes(same(escape_html(dependence.feature)), {"Contribution", "Contribution"}).horizontal(0, "chance");
  plot.ribbon(dependence.value, dependence.low, dependence.high, "band");
  std::vector<CurvePoint> points;
  for (std::size_t b = 0; b < dependence.value.size(); ++b) points.push_back({dependence.value[b], dependence.mean[b]});
  plot.line(points, "ensemble");
  for (const CurvePoint& point : points) plot.dot(point.x, point.y, 3, "ensemble");
  std::string description = "Mean contribution to the score by value:";
  for (const CurvePoint& point : points) {
    description += fmt::format(" {} at {};", short_number(point.y), short_number(point.x));
  }
  return "<figure>" + plot.svg(dependence.feature + " dependence", description) + "</figure>\n";
}

}  // namespace

std::string card_contributions(const EnsembleModel& model) {
  if (!model.reference.contributions) return {};
  const Contributions& contributions = *model.reference.contributions;
  const std::string rows = count(static_cast<double>(contributions.rows));
  const std::string positives = count(static_cast<double>(contributions.positives));
  const std::string base = short_number(contributions.base_score);
  std::string out =
      "<section>\n<h2>" + say({"What moves the score", "Ce qui fait bouger le score"}) + "</h2>\n<p>" +
      say({"Exact Shapley values of both members, carried through the ensemble: with the base score of " + base +
               " they add up to a transaction's score. Measured on a sample of " + rows + " rows, " + positives +
               " of them frauds.",
           "Valeurs de Shapley exactes des deux membres, menées à travers l’ensemble : avec le score de "
           "base de " +
               with_comma(base) + ", leur somme est le score d’une transaction. Mesurées sur un échantillon de " +
               rows + " lignes, dont " + positives + " fraudes."}) +
      "</p>\n<div class=\"pair\">";
  out += bar_figure({"All transactions", "Toutes les transactions"},
                    bars(model.isolation.feature_names, contributions.mean_absolute), "ensemble",
                    {"Mean size of each input's contribution to the score, up or down, at the fraud rate of training: "
                     "the 20 largest. Bars that differ by less than a tenth may change places in another sample.",
                     "Taille moyenne de la contribution de chaque variable au score, en plus ou en moins, au taux de "
                     "fraude de l’apprentissage : les 20 premières. Des barres qui diffèrent de moins d’un dixième "
                     "peuvent changer de place sur un autre échantillon."});
  out += bar_figure({"Frauds alone", "Fraudes seules"},
                    bars(model.isolation.feature_names, contributions.positives_mean_absolute), "fraud",
                    {"The same among frauds: what tells them apart. The bars have a scale of their own.",
                     "La même chose parmi les fraudes : ce qui les distingue. Les barres ont leur propre échelle."});
  out += "</div>\n";
  if (contributions.dependence.empty()) return out + "</section>\n";
  out +=
      "<h3 style=\"margin-top:28px\">" +
      say({"How the contribution depends on the value", "Comment la contribution dépend de la valeur"}) + "</h3><p>" +
      say({"Here frauds and the rest count half each, so that both can be seen. The inputs are those with the largest "
           "contributions. Each dot is a bin of the input's quantiles, at its mean value (right) and mean contribution "
           "(up: speaks for fraud). The band holds 80 % of the bin's transactions; where it is wide, other inputs have "
           "a say.",
           "Ici fraudes et reste comptent chacun pour moitié, afin que l’on voie l’un et l’autre. Les variables sont "
           "celles aux plus grandes contributions. Chaque point est une classe de quantiles de la variable, à sa "
           "valeur moyenne (droite) et sa contribution moyenne (haut : parle pour la fraude). La bande contient 80 % "
           "des transactions de la classe ; là où elle est large, d’autres variables ont leur mot à dire."}) +
      "</p>\n<div class=\"trio\">\n";
  const Scale scale = contribution_scale(contributions.dependence);
  for (const Dependence& dependence : contributions.dependence) out += dependence_figure(dependence, scale);
  return out + "</div>\n</section>\n";
}

}  // namespace vigie::model
