// The section of the model card that says what the model is worth as time goes on.
#include <fmt/format.h>

#include "model/card_sections.h"
#include "model/card_text.h"

namespace vigie::model {

std::string card_prequential(const EnsembleModel& model) {
  if (!model.evaluation.prequential) return {};
  const Prequential& prequential = *model.evaluation.prequential;
  const auto folds = std::to_string(prequential.folds.size());
  const auto train = std::to_string(prequential.train_days), delay = std::to_string(prequential.delay_days),
             test = std::to_string(prequential.test_days), cards = std::to_string(prequential.cards);
  std::string out = "<section>\n<h2>" + say({"As time goes on", "Au fil du temps"}) + "</h2>\n<p>" +
                    say({"The same kind of model, fitted anew " + folds + " times: on " + train +
                             " days, tried on the " + test + " that begin " + delay +
                             " days after, without clients already known as compromised. Card precision is the share "
                             "of compromised clients among the " +
                             cards + " most suspicious ones of a day.",
                         "Le même type de modèle, réappris " + folds + " fois : sur " + train +
                             " jours, essayé sur les " + test + " qui commencent " + delay +
                             " jours après, sans les clients déjà connus comme compromis. La précision par carte est "
                             "la part de clients compromis parmi les " +
                             cards + " plus suspects d’un jour."}) +
                    "</p>\n<div class=\"sheet\"><table><thead><tr><th>" + say({"Model", "Modèle"}) + "</th><th>" +
                    say({"First day of the test", "Premier jour du test"}) + "</th>";
  for (const PrequentialMetric& metric : kPrequentialMetrics) {
    out += "<th class=\"number\">" + say({std::string(metric.title_en), std::string(metric.title_fr)}) + "</th>";
  }
  out += "</tr></thead><tbody>\n";
  for (const PrequentialScorer& scorer : prequential.scorers) {
    const std::string name = "<tr><th scope=\"row\">" + escape_html(scorer.name) + "</th><td>";
    out += name + say({"mean ± deviation", "moyenne ± écart-type"}) + "</td>";
    for (const PrequentialMetric& metric : kPrequentialMetrics) {
      out += fmt::format("<td class=\"number\"><b>{}</b> ± {}</td>", in_both(fixed(scorer.mean.*metric.field, 3)),
                         in_both(fixed(scorer.deviation.*metric.field, 3)));
    }
    out += "</tr>\n";
    for (std::size_t f = 0; f < scorer.folds.size(); ++f) {
      out += name + escape_html(prequential.folds[f].test_from) + "</td>";
      for (const PrequentialMetric& metric : kPrequentialMetrics) {
        out += "<td class=\"number\">" + in_both(fixed(scorer.folds[f].*metric.field, 3)) + "</td>";
      }
      out += "</tr>\n";
    }
  }
  return out + "</tbody></table></div>\n</section>\n";
}

}  // namespace vigie::model
