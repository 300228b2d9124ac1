#include "decision/shipped_rules.h"

namespace vigie::decision {

std::string_view shipped_rules() {
  return R"(rules:
  - name: montant_eleve
    text: {fr: Montant élevé, en: High amount}
    when: montant > seuils.montant_eleve
    weight: 0.4
  - name: frequence_elevee
    text: {fr: Nombre inhabituel de transactions en 24 heures, en: Unusual number of transactions in 24 hours}
    when: historique.nb_transactions_24h > seuils.nb_transactions_24h
    weight: 0.3
  - name: pays_suspect
    text: {fr: Pays suspect, en: Suspicious country}
    when: has(pays) && pays in pays_suspect
    weight: 0.5
  - name: impayes
    text: {fr: Impayés dans le passé du client, en: Unpaid debts in the client's past}
    when: has(historique_impaye) && historique_impaye > 0
    weight: 0.2
  - name: montant_inhabituel
    text: {fr: Montant très supérieur aux habitudes du client, en: Amount far above the client's habits}
    when: historique.nb_transactions_30j > 5 && historique.montant_ratio_30j > 5.0
    weight: 0.35
  - name: montant_eleve_la_nuit
    text: {fr: Montant élevé en pleine nuit, en: High amount in the middle of the night}
    when: montant > seuils.montant_eleve && nuit(date_transaction)
    weight: 0.2
  - name: nouveau_pays
    text: {fr: Pays où le client n'a rien fait depuis 30 jours, en: Country in which the client did nothing for 30 days}
    when: has(pays) && historique.nb_transactions_30j > 1 && historique.nouveau_pays
    weight: 0.15
  - name: terminal_a_risque
    text: {fr: Terminal où des fraudes ont été constatées, en: Terminal at which there were frauds}
    when: has(terminal_id) && historique.terminal_risque_30j > 0.2
    weight: 0.4
)";
}

}  // namespace vigie::decision
