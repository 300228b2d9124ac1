#include "model/credit_card.h"

#include <fmt/format.h>

#include "base/number.h"
#include "model/card_page.h"
#include "model/credit_figures.h"

namespace vigie::model {
namespace {

Text scorer_text(std::string_view scorer) {
  if (scorer == kScorecard) return {"Scorecard", "Grille de score"};
  return same(scorer == kXgboost ? "XGBoost" : escape_html(scorer));
}

// Age bands (training/fairness.h) are known in both languages, other groups by the name that the file has.
Text group_text(std::string_view name) {
  constexpr std::pair<std::string_view, std::string_view> kBands[] = {
      {"under 25", "moins de 25 ans"}, {"25 to 34", "25 à 34 ans"}, {"35 to 44", "35 à 44 ans"},
      {"45 to 54", "45 à 54 ans"},     {"55 to 61", "55 à 61 ans"}, {"62 and over", "62 ans et plus"}};
  for (const auto& [en, fr] : kBands) {
    if (name == en) return {std::string(en), std::string(fr)};
  }
  return same(escape_html(name));
}

std::string header(const CreditModel& model) {
  const std::string rows = count(static_cast<double>(model.data.rows));
  const std::string bad = count(static_cast<double>(model.data.positives));
  std::string out = "<p class=\"lead\">" +
                    say({"Says how likely a credit is to be repaid, in points and as a probability: a scorecard that "
                         "people can read, and boosted trees that challenge it. Trained on " +
                             rows + " credits, " + bad + " of them in default.",
                         "Dit si un crédit a des chances d’être remboursé, en points et en probabilité : une grille de "
                         "score lisible et des arbres boostés qui la mettent à l’épreuve. Entraîné sur " +
                             rows + " crédits, dont " + bad + " en défaut."}) +
                    "</p>\n<dl class=\"tiles\">\n";
  for (const auto& scorer : model.evaluation.scorers) {
    for (const auto& [title, measured] : {std::pair{"AUC", scorer.roc_auc.value}, std::pair{"KS", scorer.ks.value}}) {
      const Text name = scorer_text(scorer.scorer);
      out += fmt::format("<div class=\"tile\"><dt>{}</dt><dd>{}</dd></div>\n",
                         say({name.en + " · " + title, name.fr + " · " + title}), in_both(fixed(measured, 4)));
    }
  }
  return card_page_header({"Model card · credit", "Fiche de modèle · crédit"}, model.name, out + "</dl>\n");
}

std::string purpose() {
  std::string out = "<section>\n" + card_heading({"What it is for, and what not", "À quoi il sert, et à quoi non"}) +
                    "<div class=\"pair\"><div class=\"sheet\"><h3>" + say({"Intended use", "Usage prévu"}) + "</h3>";
  out += card_bullets(
      {{"Help a lender answer an application for credit: points, class, and the reasons for points that are missing.",
        "Aider un prêteur à répondre à une demande de crédit : points, classe et raisons des points perdus."},
       {"Send the cases in between to a person; give whoever is refused the reasons and what would change them.",
        "Confier les cas intermédiaires à une personne ; donner à qui est refusé les raisons et ce qui les "
        "changerait."}});
  out += "</div>\n<div class=\"sheet\"><h3>" + say({"Out of scope", "Hors de propos"}) + "</h3>";
  out +=
      card_bullets({{"Hiring, insurance, housing, or any judgement of a person other than of this credit.",
                     "L’embauche, l’assurance, le logement, ou tout jugement d’une personne autre que sur ce crédit."},
                    {"Other countries, products or years than those of the training data, before it is measured there.",
                     "D’autres pays, produits ou années que ceux de l’apprentissage, avant de l’y avoir mesuré."},
                    {"Where age may not be used at all: train without it.",
                     "Là où l’âge ne peut pas du tout être utilisé : entraîner sans lui."}});
  return out + "</div></div>\n</section>\n";
}

std::string results(const CreditModel& model) {
  const Evaluation& evaluation = model.evaluation;
  const std::string rows = count(static_cast<double>(evaluation.rows));
  const Text split = split_text(evaluation.split);
  const std::string rate = percent(evaluation.prevalence);
  std::string out = "<section>\n" +
                    card_heading({"Results on people it never saw", "Résultats sur des personnes jamais vues"}) +
                    "<p>" +
                    say({"Measured on " + rows + " credits (" + split.en + "), " + rate + " in default.",
                         "Mesuré sur " + rows + " crédits (" + split.fr + "), " + with_comma(rate) + " en défaut."}) +
                    "</p>\n<div class=\"sheet\"><table><thead><tr><th>" + say({"Figure", "Mesure"}) + "</th>";
  for (const auto& scorer : evaluation.scorers)
    out += "<th class=\"number\">" + say(scorer_text(scorer.scorer)) + "</th>";
  out += "</tr></thead><tbody>\n";
  for (const Metric& metric : kMetrics) {
    out += "<tr><th scope=\"row\">" + say({std::string(metric.title_en), std::string(metric.title_fr)}) + "</th>";
    for (const auto& scorer : evaluation.scorers) {
      out += "<td class=\"number\">" + in_both(fixed((scorer.*metric.field).value, 4)) + "</td>";
    }
    out += "</tr>\n";
  }
  for (const SeedSummary& folds : model.folds) {
    const Text name = scorer_text(folds.scorer);
    out += fmt::format("<tr><th scope=\"row\">{} · {}</th><td class=\"number\" colspan=\"2\">{} ± {}</td></tr>\n",
                       say({name.en + ", mean of folds", name.fr + ", moyenne des plis"}), escape_html(folds.metric),
                       in_both(fixed(folds.mean, 4)), in_both(fixed(folds.deviation, 4)));
  }
  out += "</tbody></table></div>\n<div class=\"pair\" style=\"margin-top:16px\">" + credit_roc_figure(evaluation) +
         credit_calibration_figure(evaluation) + points_figure(model.reference, model.thresholds) + "</div>\n";
  return out + "</section>\n";
}

std::string points(const CreditModel& model) {
  const PointScale& scale = model.scorecard.scale;
  const double base = scale.points_of(model.scorecard.intercept);
  const std::string start = fixed(base, 1), at = short_number(scale.points), odds = short_number(scale.odds),
                    more = short_number(scale.doubling);
  return "<section>\n" + card_heading({"The scorecard", "La grille de score"}) + "<p>" +
         say({"Points start at " + start + "; every field adds those of its value's row. " + at + " points stand for " +
                  odds + " repaid to 1 in default, and " + more + " more for twice those odds; the sum is cut off at " +
                  short_number(scale.least) + " and " + short_number(scale.most) +
                  ". WoE: ln(share of the repaid / share of the defaults). IV: information value.",
              "Les points partent de " + with_comma(start) + " ; chaque champ ajoute ceux de la ligne de sa valeur. " +
                  at + " points valent " + odds + " remboursés pour 1 défaut, et " + more +
                  " de plus doublent ce rapport ; la somme est bornée à " + short_number(scale.least) + " et " +
                  short_number(scale.most) +
                  ". WoE : ln(part des remboursés / part des défauts). IV : valeur d’information."}) +
         "</p>\n" + points_tables(model.scorecard) + "</section>\n";
}

std::string fairness(const CreditModel& model) {
  const std::string accepted = format_double(model.thresholds.accepted);
  std::string out =
      "<section>\n" + card_heading({"How groups of people fare", "Comment s’en sortent les groupes"}) + "<p>" +
      say({"Approved: " + accepted +
               " points or more. The adverse impact ratio compares approval rates with the group that is "
               "marked *; below 0.8 is a reason to look closer. The equal-opportunity difference compares "
               "how many of those who repaid were approved.",
           "Accepté : " + with_comma(accepted) +
               " points ou plus. Le rapport d’impact compare les taux d’acceptation à ceux du groupe "
               "marqué * ; en dessous de 0,8, il faut y regarder de plus près. L’écart d’égalité des "
               "chances compare la part acceptée parmi ceux qui ont remboursé."}) +
      "</p>\n<div class=\"pair\">\n";
  for (const FairnessTable& table : model.fairness) {
    out += "<div class=\"sheet\"><h3>" + escape_html(table.column) + " · " + say(scorer_text(table.scorer)) +
           "</h3><table><thead><tr><th>" + say({"Group", "Groupe"}) + "</th>";
    for (const Text& title : {Text{"People", "Personnes"}, Text{"Approved", "Acceptés"},
                              Text{"Impact ratio", "Rapport d’impact"}, Text{"Opportunity", "Chances"}}) {
      out += "<th class=\"number\">" + say(title) + "</th>";
    }
    out += "</tr></thead><tbody>\n";
    for (std::size_t i = 0; i < table.groups.size(); ++i) {
      const FairnessGroup& group = table.groups[i];
      out += fmt::format(
          "<tr><th scope=\"row\">{}{}</th><td class=\"number\">{}</td><td class=\"number\">{}</td>"
          "<td class=\"number\">{}</td><td class=\"number\">{}</td></tr>\n",
          say(group_text(group.name)), i == table.reference ? " *" : "", count(group.rows),
          in_both(percent(group.approval_rate())), in_both(fixed(table.impact_ratio(i), 3)),
          in_both(fixed(table.opportunity_difference(i), 3)));
    }
    out += "</tbody></table></div>\n";
  }
  return out + "</div>\n</section>\n";
}

std::string making(const CreditModel& model) {
  std::string out = "<section>\n" + card_heading({"How it was made", "Comment il a été fait"}) +
                    "<div class=\"pair\"><div class=\"sheet\"><h3>" + say({"Data", "Données"}) + "</h3><table>\n";
  out += card_row({"Credits", "Crédits"}, count(static_cast<double>(model.data.rows)));
  out += card_row({"In default", "En défaut"}, count(static_cast<double>(model.data.positives)) + " (<code>" +
                                                   escape_html(model.target) + "</code>)");
  out += card_row({"Rows rejected", "Lignes rejetées"}, count(static_cast<double>(model.data.rejected)));
  for (const CreditField& field : model.fields) {
    std::string source = escape_html(field.column);
    if (field.factor != 1) source += " × " + in_both(short_number(field.factor));
    out += card_row(same("<code>" + escape_html(field.name) + "</code>"), source);
  }
  out += "</table></div>\n<div class=\"sheet\"><h3>" + say({"Training parameters", "Paramètres d’apprentissage"}) +
         "</h3><table>\n" + card_row({"Seed", "Graine"}, std::to_string(model.seed));
  if (!model.created_at.empty()) out += card_row({"Made at", "Fait le"}, escape_html(model.created_at));
  for (const Parameter& parameter : model.parameters) {
    out += card_row(same("<code>" + escape_html(parameter.name) + "</code>"),
                    "<code>" + escape_html(parameter.value) + "</code>");
  }
  return out + "</table></div></div>\n</section>\n";
}

std::string caveats() {
  return "<section>\n" + card_heading({"Caveats", "Réserves"}) + "<div class=\"sheet\">" +
         card_bullets(
             {{"It learnt from credits that were granted: nobody knows how those who were refused would have paid.",
               "Il a appris de crédits accordés : nul ne sait comment auraient payé ceux qu’on a refusés."},
              {"Reasons compare an applicant with the average of the training data; they are no causes.",
               "Les raisons comparent un demandeur à la moyenne de l’apprentissage ; ce ne sont pas des causes."},
              {"The economy changes who defaults. Watch the share of applicants in each range of points and each bin.",
               "L’économie change qui fait défaut. Surveillez la part des demandeurs par tranche de points et par "
               "classe de valeurs."}}) +
         "</div>\n</section>\n";
}

std::string checking(const CreditModel& model, std::span<const PackageInfo::File> files) {
  return "<section>\n" + card_heading({"Check it", "Le vérifier"}) +
         "<pre>vigie model verify DIR\nvigie model show DIR</pre>\n<div class=\"sheet\" "
         "style=\"margin-top:16px\"><table>"
         "<thead><tr><th>" +
         say({"File", "Fichier"}) + "</th><th>SHA-256</th></tr></thead><tbody>\n" +
         card_file_rows(model.data.sha256, files) + "</tbody></table></div>\n</section>\n";
}

}  // namespace

std::string credit_card_html(const CreditModel& model, std::span<const PackageInfo::File> files) {
  return card_page(model.name, model.software_version, header(model),
                   purpose() + results(model) + points(model) + fairness(model) + making(model) + caveats() +
                       checking(model, files));
}

}  // namespace vigie::model
