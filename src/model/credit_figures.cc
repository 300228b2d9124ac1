#include "model/credit_figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "model/card_figures.h"
#include "model/card_page.h"
#include "model/plots.h"

namespace vigie::model {
namespace {

constexpr double kWidth = 440;
constexpr double kHeight = 300;
constexpr std::size_t kMostNamed = 12;  // categories in a bin's name

std::vector<double> shares(const std::vector<double>& counts) {
  double sum = 0;
  for (const double count : counts) sum += count;
  std::vector<double> out(counts.size(), 0);
  if (sum > 0) std::ranges::transform(counts, out.begin(), [=](double count) { return count / sum; });
  return out;
}

Text range_text(const ScorecardField& field, std::size_t bin) {
  if (bin == field.missing_bin()) return {"missing or unknown", "absent ou inconnu"};
  if (bin > field.edges.size()) {
    const std::string value = short_number(field.special[bin - field.edges.size() - 1]);
    return {"special value " + value, "valeur particulière " + with_comma(value)};
  }
  if (!field.categories.empty()) {
    const auto place = [&](std::size_t edge) { return static_cast<std::size_t>(std::floor(field.edges[edge])) + 1; };
    const std::size_t from = bin == 0 ? 0 : place(bin - 1);
    const std::size_t to = bin == field.edges.size() ? field.categories.size() : place(bin);
    std::string names;
    for (std::size_t i = from; i < to && i < from + kMostNamed; ++i) {
      names += (i > from ? ", " : "") + escape_html(field.categories[i]);
    }
    return same(to > from + kMostNamed ? names + fmt::format(" … ({})", to - from) : names);
  }
  const auto edge = [&](std::size_t i) { return escape_html(fmt::format("{:.6g}", field.edges[i])); };
  if (field.edges.empty()) return {"any value", "toute valeur"};
  const auto fr = [&](std::size_t i) { return with_comma(edge(i)); };
  if (bin == 0) return {"up to " + edge(0), "jusqu’à " + fr(0)};
  if (bin == field.edges.size()) return {"above " + edge(bin - 1), "au-dessus de " + fr(bin - 1)};
  return {"above " + edge(bin - 1) + " up to " + edge(bin), "au-dessus de " + fr(bin - 1) + " jusqu’à " + fr(bin)};
}

std::string points_table(const Scorecard& scorecard, const ScorecardField& field) {
  std::string out = "<div class=\"sheet\"><h3>" + escape_html(field.name) + " · IV " +
                    in_both(fixed(field.information_value, 3)) + "</h3><table><thead><tr><th>" +
                    say({"Value", "Valeur"}) + "</th>";
  for (const Text& title :
       {Text{"Applicants", "Demandeurs"}, Text{"Defaults", "Défauts"}, same("WoE"), Text{"Points", "Points"}}) {
    out += "<th class=\"number\">" + say(title) + "</th>";
  }
  out += "</tr></thead><tbody>\n";
  for (std::size_t i = 0; i < field.bins.size(); ++i) {
    const ScorecardBin& bin = field.bins[i];
    const double rows = bin.good + bin.bad;
    out += fmt::format(
        "<tr><th scope=\"row\">{}</th><td class=\"number\">{}</td><td class=\"number\">{}</td>"
        "<td class=\"number\">{}</td><td class=\"number\">{}</td></tr>\n",
        say(range_text(field, i)), count(rows), rows > 0 ? in_both(percent(bin.bad / rows)) : "–",
        in_both(fixed(bin.woe, 3)), in_both(fixed(-scorecard.scale.factor() * bin.log_odds, 1)));
  }
  return out + "</tbody></table></div>\n";
}

}  // namespace

std::string credit_roc_figure(const Evaluation& evaluation) {
  Plot plot(kWidth, kHeight, {}, {});
  plot.axes({"Share of the good that would be refused", "Part des bons qui seraient refusés"},
            {"Share of defaults avoided", "Part des défauts évités"});
  const CurvePoint chance[] = {{0, 0}, {1, 1}};
  plot.line(chance, "chance");
  std::string description = "Defaults avoided against good applicants refused. Area:";
  for (const auto& scorer : evaluation.scorers) {
    plot.line(scorer.roc, scorer_style(scorer.scorer));
    description += " " + scorer.scorer + " " + fixed(scorer.roc_auc.value, 4) + ";";
  }
  return card_figure(
      plot.svg("ROC curve", description), {"ROC curve", "Courbe ROC"},
      {"<i class=\"key f1\"></i>scorecard <i class=\"key precision\"></i>XGBoost. The dotted diagonal is "
       "chance.",
       "<i class=\"key f1\"></i>grille de score <i class=\"key precision\"></i>XGBoost. La diagonale "
       "pointillée est le hasard."});
}

std::string credit_calibration_figure(const Evaluation& evaluation) {
  return calibration_figure(
      evaluation,
      {.across = {"Forecast probability of default", "Probabilité de défaut annoncée"},
       .up = {"Observed share of defaults", "Part de défauts observée"},
       .description = "Observed against forecast share of defaults in bins of equal weight.",
       .caption = {"Where points lie on the diagonal, one of n applicants with a forecast of 1/n defaults.",
                   "Là où les points sont sur la diagonale, un demandeur sur n à qui l’on annonce 1/n fait défaut."}});
}

std::string points_figure(const PointsReference& reference, const CreditThresholds& thresholds) {
  if (reference.edges.size() < 2) return {};
  const std::vector<double> good = shares(reference.good);
  const std::vector<double> bad = shares(reference.bad);
  double most = 1e-9;
  for (const auto* heights : {&good, &bad}) {
    for (const double height : *heights) most = std::max(most, height);
  }
  Plot plot(kWidth, kHeight, {.low = reference.edges.front(), .high = reference.edges.back()},
            {.low = 0, .high = most * 1.05});
  plot.axes({"Points", "Points"}, {"Share of the class", "Part de la classe"});
  plot.steps(reference.edges, good, "legit").steps(reference.edges, bad, "fraud");
  for (const double bound : thresholds.bounds()) {
    if (bound > reference.edges.front() && bound < reference.edges.back()) plot.vertical(bound, "chance");
  }
  plot.vertical(thresholds.accepted, "chosen");
  return card_figure(
      plot.svg("Distribution of points", "Share of repaid and defaulted credits in each range of points"),
      {"Distribution of points", "Distribution des points"},
      {"<i class=\"key legit\"></i>repaid <i class=\"key fraud\"></i>defaulted, people whom the model had not seen. "
       "Lines are where classes begin; from the full one on credit is accepted.",
       "<i class=\"key legit\"></i>remboursés <i class=\"key fraud\"></i>en défaut, personnes que le modèle n’avait "
       "jamais vues. Les lignes sont les débuts de classe ; à partir de la pleine, le crédit est accepté."});
}

std::string points_tables(const Scorecard& scorecard) {
  std::string out = "<div class=\"pair\">\n";
  for (const ScorecardField& field : scorecard.fields) out += points_table(scorecard, field);
  return out + "</div>\n";
}

}  // namespace vigie::model
