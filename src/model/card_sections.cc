#include "model/card_sections.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "model/card_figures.h"
#include "model/card_page.h"
#include "model/card_text.h"

namespace vigie::model {
namespace {

std::string interval(const Measured& measured) {
  if (!(measured.low < measured.high)) return {};
  return fmt::format("<span class=\"interval\">{} – {}</span>", in_both(fixed(measured.low, 4)),
                     in_both(fixed(measured.high, 4)));
}

bool lower_is_better(const Metric& metric) {
  return metric.field == &ScorerEvaluation::brier || metric.field == &ScorerEvaluation::calibration_error;
}

std::string legend(const Evaluation& evaluation) {
  std::string out = "<ul class=\"legend\">";
  for (const auto& scorer : evaluation.scorers) {
    out += fmt::format(
        "<li><svg viewBox=\"0 0 30 10\" aria-hidden=\"true\"><path class=\"line {}\" d=\"M0 5H30\"/></svg>{}</li>",
        scorer_style(scorer.scorer), say(scorer_title(scorer.scorer)));
  }
  return out + "</ul>\n";
}

std::string metrics_table(const Evaluation& evaluation) {
  std::string out =
      "<div class=\"sheet\"><table><thead><tr><th>" + say({"Held-out figure", "Mesure sur le test"}) + "</th>";
  for (const auto& scorer : evaluation.scorers)
    out += "<th class=\"number\">" + say(scorer_title(scorer.scorer)) + "</th>";
  out += "</tr></thead><tbody>\n";
  for (const Metric& metric : kMetrics) {
    const double sign = lower_is_better(metric) ? -1 : 1;
    double best = -std::numeric_limits<double>::infinity();
    for (const auto& scorer : evaluation.scorers) best = std::max(best, sign * (scorer.*metric.field).value);
    out += "<tr><th scope=\"row\">" + say({std::string(metric.title_en), std::string(metric.title_fr)}) + "</th>";
    for (const auto& scorer : evaluation.scorers) {
      const Measured& measured = scorer.*metric.field;
      out += fmt::format("<td class=\"number{}\">{}{}</td>", sign * measured.value == best ? " best" : "",
                         in_both(fixed(measured.value, 4)), interval(measured));
    }
    out += "</tr>\n";
  }
  out += "<tr><th scope=\"row\">" + say({"Threshold", "Seuil"}) + "</th>";
  for (const auto& scorer : evaluation.scorers)
    out += "<td class=\"number\">" + in_both(fixed(scorer.threshold, 4)) + "</td>";
  return out + "</tr>\n</tbody></table></div>\n";
}

std::string confusion_matrix(const Confusion& c) {
  const auto cell = [](double weight, std::string_view style, const Text& words) {
    return fmt::format("<div{}><b>{}</b><small>{}</small></div>", style, count(weight), say(words));
  };
  constexpr std::string_view kWrong = " class=\"wrong\"";
  return "<div class=\"sheet\"><h3>" + say({"At the chosen threshold", "Au seuil choisi"}) +
         "</h3><div class=\"matrix\"><div class=\"head\"></div><div class=\"head\">" + say({"alarmed", "alertées"}) +
         "</div><div class=\"head\">" + say({"let pass", "acceptées"}) + "</div><div class=\"head\">" +
         say({"fraud", "fraudes"}) + "</div>" + cell(c.tp, "", {"caught", "détectées"}) +
         cell(c.fn, kWrong, {"missed", "manquées"}) + "<div class=\"head\">" + say({"legitimate", "légitimes"}) +
         "</div>" + cell(c.fp, kWrong, {"false alarms", "fausses alertes"}) + cell(c.tn, "", {"right", "justes"}) +
         "</div><p>" +
         say({"Ensemble on held-out rows, as weights where rows are weighted.",
              "Ensemble sur le test, en poids là où les lignes sont pondérées."}) +
         "</p></div>\n";
}

Text policy_text(const ThresholdChoice& choice) {
  const std::string target = short_number(choice.target);
  if (choice.policy == "f1") return {"the highest F1", "le F1 le plus élevé"};
  if (choice.policy == "precision") {
    return {"the highest recall with precision of at least " + target,
            "le rappel le plus élevé avec une précision d’au moins " + with_comma(target)};
  }
  if (choice.policy == "recall") {
    return {"the highest precision with recall of at least " + target,
            "la précision la plus élevée avec un rappel d’au moins " + with_comma(target)};
  }
  if (choice.policy == "alerts") {
    // Below 1 a share of all transactions, from 1 on a number of them.
    const std::string budget = choice.target < 1 ? percent(choice.target) : count(choice.target);
    return {"the best catch within a budget of " + budget + (choice.target < 1 ? " of transactions" : " alerts"),
            "la meilleure détection avec un budget de " + with_comma(budget) +
                (choice.target < 1 ? " des transactions" : " alertes")};
  }
  if (choice.policy == "cost") {
    // No ratio where each fraud costs its own amount.
    if (choice.target == 0) return {"the least cost", "le moindre coût"};
    return {"the least cost, a missed fraud costing " + target + " times a false alarm",
            "le moindre coût, une fraude manquée coûtant " + with_comma(target) + " fois une fausse alerte"};
  }
  return same(escape_html(choice.policy));
}

std::string transform_text(const Transform& transform, const std::string& inner) {
  switch (transform.kind) {
    case Transform::Kind::kIdentity: return inner;
    case Transform::Kind::kMinMax:
      return fmt::format("minmax<sub>{}…{}</sub>({})", short_number(transform.low), short_number(transform.high),
                         inner);
    case Transform::Kind::kLogistic:
      return fmt::format("σ({}·logit({}) + {})", short_number(transform.slope), inner,
                         short_number(transform.intercept));
    case Transform::Kind::kPiecewiseLinear:
      return fmt::format("isotonic<sub>{} points</sub>({})", transform.x.size(), inner);
  }
  return inner;
}

std::string formula(const Combination& combination) {
  const bool in_logit = combination.space == Combination::Space::kLogit;
  std::string sum = in_logit ? short_number(combination.intercept) : "";
  for (const auto& term : combination.terms) {
    const std::string member = transform_text(term.transform, escape_html(term.member));
    sum +=
        (sum.empty() ? "" : " + ") + short_number(term.weight) + " × " + (in_logit ? "logit(" + member + ")" : member);
  }
  return "score = " + transform_text(combination.calibration, in_logit ? "σ(" + sum + ")" : sum);
}

}  // namespace

std::string card_header(const EnsembleModel& model, const CardWording& wording) {
  std::string out = "<p class=\"lead\">";
  const std::string rows = count(static_cast<double>(model.data.rows));
  const std::string positives = count(static_cast<double>(model.data.positives));
  out += say({"Scores " + wording.transaction.en +
                  " between 0 and 1: an isolation forest and gradient-boosted trees, blended. Trained on " + rows +
                  " transactions, " + positives + " of them frauds.",
              "Note " + wording.transaction.fr +
                  " entre 0 et 1 : une forêt d’isolation et des arbres boostés, combinés. Entraîné sur " + rows +
                  " transactions, dont " + positives + " fraudes."});
  out += "</p>\n";
  const auto* ensemble = find_scorer(model.evaluation, kEnsemble);
  if (ensemble == nullptr) return card_page_header(wording.eyebrow, model.name, out);
  out += "<dl class=\"tiles\">\n";
  for (const Metric& metric : kMetrics) {
    const auto shown = {&ScorerEvaluation::roc_auc, &ScorerEvaluation::average_precision, &ScorerEvaluation::f1,
                        &ScorerEvaluation::precision, &ScorerEvaluation::recall};
    if (std::find(shown.begin(), shown.end(), metric.field) == shown.end()) continue;
    const Measured& measured = ensemble->*metric.field;
    out += fmt::format("<div class=\"tile\"><dt>{}</dt><dd>{}{}</dd></div>\n",
                       say({std::string(metric.title_en), std::string(metric.title_fr)}),
                       in_both(fixed(measured.value, 4)), interval(measured));
  }
  out += fmt::format("<div class=\"tile\"><dt>{}</dt><dd>{}</dd></div>\n</dl>\n", say({"Threshold", "Seuil"}),
                     in_both(fixed(model.threshold.value, 4)));
  return card_page_header(wording.eyebrow, model.name, out);
}

std::string card_purpose(const CardWording& wording) {
  std::string out = "<section>\n" + card_heading({"What it is for, and what not", "À quoi il sert, et à quoi non"});
  out += "<div class=\"pair\"><div class=\"sheet\"><h3>" + say({"Intended use", "Usage prévu"}) + "</h3>";
  out +=
      card_bullets({wording.ranks,
                    {"Decide together with rules and people: an alarm is a reason to look, not a verdict.",
                     "Décider avec des règles et des personnes : une alerte invite à regarder, elle ne condamne pas."},
                    wording.described_by});
  out += "</div>\n<div class=\"sheet\"><h3>" + say({"Out of scope", "Hors de propos"}) + "</h3>";
  out += card_bullets(
      {{"Creditworthiness, identity, or any judgement of a person rather than of a transaction.",
        "La solvabilité, l’identité ou tout jugement sur une personne plutôt que sur une transaction."},
       {"Refusing a customer for good without a human who can undo it.",
        "Exclure un client définitivement sans personne pour y revenir."},
       {"Other countries, channels or periods than those of the training data, before it is measured there.",
        "D’autres pays, canaux ou périodes que ceux de l’apprentissage, avant de l’y avoir mesuré."}});
  return out + "</div></div>\n</section>\n";
}

std::string card_results(const EnsembleModel& model) {
  const Evaluation& evaluation = model.evaluation;
  std::string out =
      "<section>\n" + card_heading({"Results on data it never saw", "Résultats sur des données jamais vues"});
  const std::string rows = count(static_cast<double>(evaluation.rows));
  const std::string positives = count(static_cast<double>(evaluation.positives));
  const std::string rate = percent(evaluation.prevalence), rate_fr = with_comma(rate);
  const Text split = split_text(evaluation.split);
  out +=
      "<p>" +
      say({"Measured on " + rows + " transactions with " + positives + " frauds (" + split.en + "), a fraud rate of " +
               rate + " after weighting. Small figures are 95 % bootstrap intervals; the best of a row is in bold.",
           "Mesuré sur " + rows + " transactions dont " + positives + " fraudes (" + split.fr +
               "), soit un taux de fraude de " + rate_fr +
               " après pondération. En petit, les intervalles bootstrap à 95 % ; le meilleur de chaque ligne est en "
               "gras."}) +
      "</p>\n<div class=\"pair results\">" + metrics_table(evaluation);
  if (const auto* ensemble = find_scorer(evaluation, kEnsemble)) out += confusion_matrix(ensemble->confusion);
  return out + "</div>\n" + legend(evaluation) + "<div class=\"pair\">" + roc_figure(evaluation) +
         precision_recall_figure(evaluation) + "</div>\n</section>\n";
}

std::string card_threshold(const EnsembleModel& model, const CardWording& wording) {
  const auto* ensemble = find_scorer(model.evaluation, kEnsemble);
  if (ensemble == nullptr) return {};
  const ThresholdChoice& choice = model.threshold;
  const bool given = choice.policy == "given";
  const Text policy = policy_text(choice);
  const std::string value = fixed(choice.value, 4);
  std::string en = "A transaction is alarmed when its score is above <b>" + value + "</b>, " +
                   (given ? "a value that was given" : "chosen for " + policy.en);
  std::string fr = "Une transaction est alertée quand son score dépasse <b>" + with_comma(value) + "</b>, " +
                   (given ? "une valeur imposée" : "choisi pour " + policy.fr);
  if (given) {
    en += ".";
    fr += ".";
  } else {
    const std::string p = fixed(choice.expected_precision, 3), r = fixed(choice.expected_recall, 3),
                      f = fixed(choice.expected_f1, 3);
    en += " on " + wording.chosen_on.en + ", where it gave precision " + p + ", recall " + r + " and F1 " + f + ".";
    fr += " sur " + wording.chosen_on.fr + ", où il donnait une précision de " + with_comma(p) + ", un rappel de " +
          with_comma(r) + " et un F1 de " + with_comma(f) + ".";
  }
  if (!wording.policy.en.empty()) {
    en += " " + wording.policy.en;
    fr += " " + wording.policy.fr;
  }
  return "<section>\n" + card_heading({"The threshold", "Le seuil"}) + "<p>" + say({en, fr}) +
         "</p>\n<div class=\"pair\">" + threshold_figure(*ensemble, choice) + score_figure(*ensemble) +
         "</div>\n</section>\n";
}

std::string card_understanding(const EnsembleModel& model) {
  return "<section>\n" +
         card_heading(
             {"What it leans on, and how far to believe a score", "Sur quoi il s’appuie, et que croire d’un score"}) +
         "<div class=\"pair\">" + calibration_figure(model.evaluation) + importance_figure(model.reference) +
         "</div>\n</section>\n";
}

std::string card_seeds(const EnsembleModel& model) {
  if (model.seeds.empty()) return {};
  std::string out = "<section>\n" +
                    card_heading({"How much chance there is in these figures", "La part du hasard dans ces chiffres"});
  out += "<p>" +
         say({"The same training and split, repeated with other seeds.",
              "Le même apprentissage et la même séparation, répétés avec d’autres graines."}) +
         "</p>\n<div class=\"sheet\"><table><thead><tr><th>" + say({"Scorer", "Modèle"}) + "</th><th>" +
         say({"Figure", "Mesure"}) + "</th><th class=\"number\">" + say({"Mean ± deviation", "Moyenne ± écart-type"}) +
         "</th><th>" + say({"Each seed", "Chaque graine"}) + "</th></tr></thead><tbody>\n";
  for (const SeedSummary& seed : model.seeds) {
    Text title = seed.metric == "threshold" ? Text{"Threshold", "Seuil"} : same(escape_html(seed.metric));
    for (const Metric& metric : kMetrics) {
      if (metric.name == seed.metric) title = {std::string(metric.title_en), std::string(metric.title_fr)};
    }
    std::string values;
    for (const double value : seed.values) values += (values.empty() ? "" : "&ensp;") + in_both(fixed(value, 4));
    out += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"number\">{} ± {}</td><td>{}</td></tr>\n",
                       say(scorer_title(seed.scorer)), say(title), in_both(fixed(seed.mean, 4)),
                       in_both(fixed(seed.deviation, 4)), values);
  }
  return out + "</tbody></table></div>\n</section>\n";
}

std::string card_data(const EnsembleModel& model) {
  const DataOrigin& data = model.data;
  std::string out = "<section>\n" + card_heading({"The data", "Les données"}) +
                    "<div class=\"pair\"><div class=\"sheet\"><h3>" + say({"Training", "Apprentissage"}) +
                    "</h3><table>\n";
  out += card_row({"Transactions", "Transactions"}, count(static_cast<double>(data.rows)));
  out += card_row(
      {"Frauds", "Fraudes"},
      count(static_cast<double>(data.positives)) + " (" +
          in_both(percent(data.rows == 0 ? 0 : static_cast<double>(data.positives) / static_cast<double>(data.rows))) +
          ")");
  out += card_row({"Exact duplicates dropped", "Doublons exacts retirés"},
                  count(static_cast<double>(data.dropped_duplicates)));
  out += card_row({"Rows rejected", "Lignes rejetées"}, count(static_cast<double>(data.rejected)));
  if (data.prevalence)
    out += card_row({"Weighted to a fraud rate of", "Pondérées à un taux de fraude de"},
                    in_both(percent(*data.prevalence)));
  out += "</table></div>\n<div class=\"sheet\"><h3>" + say({"Evaluation", "Évaluation"}) + "</h3><table>\n";
  out += card_row({"Held out", "Mis de côté"}, say(split_text(model.evaluation.split)));
  out += card_row({"Transactions", "Transactions"}, count(static_cast<double>(model.evaluation.rows)));
  out += card_row({"Frauds", "Fraudes"}, count(static_cast<double>(model.evaluation.positives)));
  out += card_row({"Fraud rate, weighted", "Taux de fraude, pondéré"}, in_both(percent(model.evaluation.prevalence)));
  out += "</table></div></div>\n<h3 style=\"margin-top:28px\">" +
         say({"Every field, by class", "Chaque champ, par classe"}) + "</h3><p>" +
         say({"<i class=\"key legit\"></i>legitimate <i class=\"key fraud\"></i>fraud, training rows before scaling, "
              "each class "
              "scaled to its own highest bin. Fields where the two shapes differ carry the signal.",
              "<i class=\"key legit\"></i>légitimes <i class=\"key fraud\"></i>fraudes, apprentissage avant mise à "
              "l’échelle, "
              "chaque classe ramenée à sa plus haute barre. Là où les formes diffèrent est le signal."}) +
         "</p>\n" + feature_figures(model.reference);
  return out + "</section>\n";
}

std::string card_making(const EnsembleModel& model, const CardWording& wording) {
  std::string out = "<section>\n" + card_heading({"How it was made", "Comment il a été fait"}) +
                    "<div class=\"pair\"><div class=\"sheet\"><h3>" +
                    say({"From member scores to one", "Des scores membres à un seul"}) + "</h3><p class=\"mono\">" +
                    formula(model.combination) + "</p><table>\n";
  out +=
      card_row({"Weights chosen", "Poids choisis"},
               model.combination.method == "auto" ? say({"on " + wording.chosen_on.en, "sur " + wording.chosen_on.fr})
                                                  : escape_html(model.combination.method));
  out += card_row({"Isolation trees", "Arbres d’isolation"},
                  count(static_cast<double>(model.isolation.forest.trees.size())));
  out += card_row({"Rows per isolation tree", "Lignes par arbre d’isolation"}, count(model.isolation.sample_size));
  out += card_row({"Boosted trees", "Arbres boostés"}, count(static_cast<double>(model.boosted.forest.trees.size())));
  if (!wording.scaler.empty()) out += card_row({"Scaler", "Mise à l’échelle"}, wording.scaler);
  out += card_row({"Seed", "Graine"}, std::to_string(model.seed));
  if (!model.created_at.empty()) out += card_row({"Made at", "Fait le"}, escape_html(model.created_at));
  out += "</table></div>\n";
  if (!model.parameters.empty()) {
    out += "<div class=\"sheet\"><h3>" + say({"Training parameters", "Paramètres d’apprentissage"}) + "</h3><table>\n";
    for (const Parameter& parameter : model.parameters) {
      out += card_row(same("<code>" + escape_html(parameter.name) + "</code>"),
                      "<code>" + escape_html(parameter.value) + "</code>");
    }
    out += "</table></div>\n";
  }
  return out + "</div>\n</section>\n";
}

std::string card_caveats(const EnsembleModel& model, const CardWording& wording) {
  std::string out = "<section>\n" + card_heading({"Caveats", "Réserves"}) + "<div class=\"sheet\">";
  out += card_bullets(
      {{"Fraud changes because it is fought. Watch drift against reference.json and retrain; the figures above are "
        "those "
        "of one period.",
        "La fraude change parce qu’on la combat. Surveillez la dérive par rapport à reference.json et réentraînez ; "
        "ces "
        "chiffres sont ceux d’une période."},
       {"Only " + count(static_cast<double>(model.evaluation.positives)) +
            " frauds were held out: differences smaller than the intervals are noise.",
        "Seules " + count(static_cast<double>(model.evaluation.positives)) +
            " fraudes ont servi au test : des écarts plus petits que les intervalles sont du bruit."},
       {"Labels are known frauds. What nobody reported counts as legitimate.",
        "Les étiquettes sont les fraudes connues. Ce que personne n’a signalé compte comme légitime."},
       wording.fairness,
       {"The score is a rank first. Read it as a probability only as far as the calibration plot allows.",
        "Le score est d’abord un rang. Ne le lisez comme une probabilité que dans la mesure où la calibration le "
        "permet."}});
  return out + "</div>\n</section>\n";
}

std::string card_checking(const EnsembleModel& model, std::span<const PackageInfo::File> files) {
  std::string out =
      "<section>\n" + card_heading({"Check it, make it again", "Le vérifier, le refaire"}) + "<p>" +
      say({"The package's version is in its PACKAGE file and follows from the hashes of all files, this card "
           "included. The same data, seed and software give the same bytes.",
           "La version du paquet est dans son fichier PACKAGE et découle des empreintes de tous les fichiers, y "
           "compris cette fiche. Mêmes données, graine et logiciel donnent les mêmes octets."}) +
      "</p>\n<pre>vigie model verify DIR\nvigie model show DIR\nvigie evaluate --model DIR --data FILE</pre>\n"
      "<div class=\"sheet\" style=\"margin-top:16px\"><table><thead><tr><th>" +
      say({"File", "Fichier"}) + "</th><th>SHA-256</th></tr></thead><tbody>\n";
  out += card_file_rows(model.data.sha256, files);
  return out + "</tbody></table></div>\n</section>\n";
}

}  // namespace vigie::model
