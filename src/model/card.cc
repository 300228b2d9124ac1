#include "model/card.h"

#include "model/card_sections.h"
#include "model/card_style.h"
#include "model/card_text.h"

namespace vigie::model {

namespace {

std::string page(const EnsembleModel& model, const CardWording& wording, std::span<const PackageInfo::File> files) {
  std::string out =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>";
  out += escape_html(model.name) + " · model card · Vigie</title>\n<style>";
  out += kCardStyle;
  out +=
      "</style>\n</head>\n<body>\n"
      "<input class=\"pick\" type=\"radio\" name=\"lang\" id=\"lang-en\" aria-label=\"English\" checked>"
      "<input class=\"pick\" type=\"radio\" name=\"lang\" id=\"lang-fr\" aria-label=\"Français\">\n<div "
      "class=\"page\">\n";
  out += card_header(model, wording) + "<main>\n" + card_purpose(wording);
  out += card_results(model) + card_prequential(model) + card_threshold(model, wording) + card_understanding(model);
  out += card_contributions(model) + card_seeds(model) + card_data(model) + card_making(model, wording);
  out += card_caveats(model, wording);
  out += card_checking(model, files);
  out += "</main>\n<footer>";
  out += say({"Made by vigie " + escape_html(model.software_version) + " from the model's own files, as " +
                  "“Model Cards for Model Reporting” (Mitchell et al., 2019) asks.",
              "Produite par vigie " + escape_html(model.software_version) + " à partir des fichiers du modèle, selon " +
                  "« Model Cards for Model Reporting » (Mitchell et al., 2019)."});
  out += "</footer>\n</div>\n</body>\n</html>\n";
  return out;
}

}  // namespace

std::string card_html(const CardModel& model, std::span<const PackageInfo::File> files) {
  return page(
      model,
      {.eyebrow = {"Model card · card fraud", "Fiche de modèle · fraude à la carte"},
       .transaction = {"a card transaction", "une transaction par carte"},
       .ranks = {"Rank and alarm card transactions for a bank's fraud team, in real time or in batches.",
                 "Classer les transactions par carte et alerter l’équipe fraude d’une banque, en temps réel ou par "
                 "lots."},
       .described_by = {"Transactions described by the same 30 fields, made the same way, as the training data.",
                        "Des transactions décrites par les mêmes 30 champs, produits de la même façon qu’à "
                        "l’apprentissage."},
       .chosen_on = {"out-of-fold scores of the training data", "les scores hors pli de l’apprentissage"},
       .fairness = {"V1..V28 are anonymous components, so fairness across groups of people could not be measured here. "
                    "Measure it where the groups are known.",
                    "V1..V28 sont des composantes anonymes : l’équité entre groupes de personnes n’a pas pu être "
                    "mesurée ici. Mesurez-la là où les groupes sont connus."},
       .scaler = std::string(schema::to_string(model.inputs.scaler.kind))},
      files);
}

std::string card_html(const TransactionModel& model, std::span<const PackageInfo::File> files) {
  return page(
      model,
      {.eyebrow = {"Model card · transaction fraud", "Fiche de modèle · fraude à la transaction"},
       .transaction = {"a transaction, with what its client did until then,",
                       "une transaction, avec ce que son client a fait jusque-là,"},
       .ranks = {"Rank and alarm transactions for a bank's fraud team, in real time.",
                 "Classer les transactions et alerter l’équipe fraude d’une banque, en temps réel."},
       .described_by = {"Transactions of clients whose past is kept from 30 days before the first decision on: a "
                        "history that is younger says less than the one the model learnt from.",
                        "Des transactions de clients dont le passé est conservé depuis 30 jours avant la première "
                        "décision : un historique plus jeune en dit moins que celui de l’apprentissage."},
       .chosen_on = {"scores of later days that the members had not learnt from",
                     "les scores de jours ultérieurs, inconnus des membres"},
       .fairness = {"Nothing in the data says which groups of people clients belong to, so fairness across them could "
                    "not be measured here. Measure it where the groups are known.",
                    "Rien dans les données ne dit à quels groupes de personnes les clients appartiennent : l’équité "
                    "entre eux n’a pas pu être mesurée ici. Mesurez-la là où les groupes sont connus."}},
      files);
}

}  // namespace vigie::model
