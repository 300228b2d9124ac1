#include "model/card.h"

#include "model/card_page.h"
#include "model/card_sections.h"

namespace vigie::model {

namespace {

std::string page(const EnsembleModel& model, const CardWording& wording, std::span<const PackageInfo::File> files) {
  std::string sections = card_purpose(wording) + card_results(model) + card_prequential(model);
  sections += card_threshold(model, wording) + card_understanding(model) + card_contributions(model);
  sections += card_seeds(model) + card_data(model) + card_making(model, wording) + card_caveats(model, wording);
  sections += card_checking(model, files);
  return card_page(model.name, model.software_version, card_header(model, wording), sections);
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
                    "entre eux n’a pas pu être mesurée ici. Mesurez-la là où les groupes sont connus."},
       .policy = {"POST /fraude joins the score with rules and goes by the bands of its settings instead.",
                  "POST /fraude joint le score aux règles et s’en tient aux seuils de ses réglages."}},
      files);
}

}  // namespace vigie::model
