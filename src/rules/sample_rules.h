// The fields and the rules that tests, benches and fuzzing share: those of a transaction, about ten of each.
#pragma once

#include <string_view>
#include <vector>

#include "rules/type.h"

namespace vigie::rules {

inline VariableTable sample_variables() {
  const Type number{Kind::kDouble, 0};
  const Type count{Kind::kInt, 0};
  const Type text{Kind::kString, 0};
  auto made = VariableTable::make({{"montant", number},
                                   {"type", text},
                                   {"client_id", text},
                                   {"pays", text, true},
                                   {"pays_suspect", {Kind::kString, 1}},
                                   {"date_transaction", {Kind::kTimestamp, 0}},
                                   {"historique.n_24h", count},
                                   {"historique.moyenne", number, true},
                                   {"nouveau_terminal", {Kind::kBool, 0}},
                                   {"score_modele", number},
                                   {"delai", {Kind::kDuration, 0}, true},
                                   {"quelconque", {Kind::kDyn, 0}, true}});
  return std::move(*made);
}

// A transaction of 12,000 from NG at 02:30 UTC on Saturday, 2026-11-21, by a client of 7 transactions in 24 h.
inline std::vector<Value> sample_slots() {
  static const Value kSuspects[] = {Value::string("NG"), Value::string("RU"), Value::string("KP")};
  return {Value::number(12'000),
          Value::string("dépôt"),
          Value::string("C1001"),
          Value::string("NG"),
          Value::list(kSuspects),
          Value::timestamp(1'795'228'200, 0),
          Value::integer(7),
          Value::number(2'000),
          Value::boolean(true),
          Value::number(0.35),
          Value(),
          Value()};
}

inline constexpr std::string_view kSampleRules = R"(# Fraud rules
rules:
  - name: montant_eleve
    text: {fr: Montant élevé, en: High amount}
    when: montant > 10000.0
    weight: 0.4
  - name: pays_suspect
    text: {fr: Pays suspect, en: Suspicious country}
    when: has(pays) && pays in pays_suspect
    weight: 0.5
  - name: velocite
    text: {fr: Trop d'opérations en 24 heures, en: Too many transactions in 24 hours}
    when: historique.n_24h > 5
    weight: 0.3
  - name: nuit_et_montant
    text: {fr: Opération de nuit, en: At night}
    when: nuit(date_transaction) && montant > 1000.0
    weight: 0.1
  - name: week_end
    text: {fr: Opération du week-end, en: At the weekend}
    when: week_end(date_transaction, 'Europe/Paris') && montant > 5000.0
    weight: 0.05
    state: shadow
  - name: loin_de_la_moyenne
    text: {fr: Loin de la moyenne du client, en: Far from the client's mean}
    when: has(historique.moyenne) && montant > 5.0 * historique.moyenne
    weight: 0.35
  - name: depot_nouveau_terminal
    text: {fr: Dépôt sur un nouveau terminal, en: Deposit at a new terminal}
    when: fold(type) == "depot" && nouveau_terminal
    weight: 0.2
  - name: modele_sur
    text: {fr: Le modèle est sûr, en: The model is sure}
    when: score_modele >= 0.95
    outcome: refuser
    priority: 10
  - name: a_verifier
    text: {fr: Montant très élevé et pays suspect, en: Very high amount and suspicious country}
    when: >-
      montant > 11000.0
      && has(pays) && pays in ["NG", "KP"]
    outcome: verifier
    priority: 5
    reason: {fr: Votre opération doit être vérifiée, en: Your transaction has to be checked}
  - name: client_de_test
    text: {fr: Client de test, en: Test client}
    when: client_id.startsWith("TEST-")
    outcome: accepter
)";

}  // namespace vigie::rules
