#include "history/feature.h"

#include <algorithm>

namespace vigie::history {
namespace {

constexpr std::string_view kMoney = "unit of montant";

using enum Scope;

constexpr std::array<Feature, kFeatures> kTable = {{
    {"nb_transactions_1h", kWithCurrent, "", "transactions of the client in 1 hour",
     "transactions du client en 1 heure"},
    {"nb_transactions_24h", kWithCurrent, "", "transactions of the client in 24 hours",
     "transactions du client en 24 heures"},
    {"nb_transactions_7j", kWithCurrent, "", "transactions of the client in 7 days",
     "transactions du client en 7 jours"},
    {"nb_transactions_30j", kWithCurrent, "", "transactions of the client in 30 days",
     "transactions du client en 30 jours"},
    {"montant_total_1h", kWithCurrent, kMoney, "sum of the client's amounts in 1 hour",
     "somme des montants du client en 1 heure"},
    {"montant_total_24h", kWithCurrent, kMoney, "sum of the client's amounts in 24 hours",
     "somme des montants du client en 24 heures"},
    {"montant_total_7j", kWithCurrent, kMoney, "sum of the client's amounts in 7 days",
     "somme des montants du client en 7 jours"},
    {"montant_total_30j", kWithCurrent, kMoney, "sum of the client's amounts in 30 days",
     "somme des montants du client en 30 jours"},
    {"montant_moyen_1h", kWithCurrent, kMoney, "mean of the client's amounts in 1 hour",
     "moyenne des montants du client en 1 heure"},
    {"montant_moyen_24h", kWithCurrent, kMoney, "mean of the client's amounts in 24 hours",
     "moyenne des montants du client en 24 heures"},
    {"montant_moyen_7j", kWithCurrent, kMoney, "mean of the client's amounts in 7 days",
     "moyenne des montants du client en 7 jours"},
    {"montant_moyen_30j", kWithCurrent, kMoney, "mean of the client's amounts in 30 days",
     "moyenne des montants du client en 30 jours"},
    {"montant_max_1h", kWithCurrent, kMoney, "largest of the client's amounts in 1 hour",
     "plus grand montant du client en 1 heure"},
    {"montant_max_24h", kWithCurrent, kMoney, "largest of the client's amounts in 24 hours",
     "plus grand montant du client en 24 heures"},
    {"montant_max_7j", kWithCurrent, kMoney, "largest of the client's amounts in 7 days",
     "plus grand montant du client en 7 jours"},
    {"montant_max_30j", kWithCurrent, kMoney, "largest of the client's amounts in 30 days",
     "plus grand montant du client en 30 jours"},
    {"terminaux_distincts_1h", kWithCurrent, "", "different terminals of the client in 1 hour",
     "terminaux différents du client en 1 heure"},
    {"terminaux_distincts_24h", kWithCurrent, "", "different terminals of the client in 24 hours",
     "terminaux différents du client en 24 heures"},
    {"terminaux_distincts_7j", kWithCurrent, "", "different terminals of the client in 7 days",
     "terminaux différents du client en 7 jours"},
    {"terminaux_distincts_30j", kWithCurrent, "", "different terminals of the client in 30 days",
     "terminaux différents du client en 30 jours"},
    {"nb_type_24h", kWithCurrent, "", "transactions of the client of this type in 24 hours",
     "transactions du client de ce type en 24 heures"},
    {"montant_type_24h", kWithCurrent, kMoney, "sum of the client's amounts of this type in 24 hours",
     "somme des montants du client de ce type en 24 heures"},
    {"nb_type_30j", kWithCurrent, "", "transactions of the client of this type in 30 days",
     "transactions du client de ce type en 30 jours"},
    {"secondes_depuis_derniere", kPast, "s", "time since the client's last transaction; none in 30 days: NaN",
     "temps depuis la dernière transaction du client ; aucune en 30 jours : NaN"},
    {"montant_ratio_24h", kPast, "", "amount over the client's mean of the past 24 hours; no past: NaN",
     "montant sur la moyenne du client des dernières 24 heures ; sans passé : NaN"},
    {"montant_ratio_7j", kPast, "", "amount over the client's mean of the past 7 days; no past: NaN",
     "montant sur la moyenne du client des 7 derniers jours ; sans passé : NaN"},
    {"montant_ratio_30j", kPast, "", "amount over the client's mean of the past 30 days; no past: NaN",
     "montant sur la moyenne du client des 30 derniers jours ; sans passé : NaN"},
    {"montant_zscore_30j", kPast, "deviations",
     "distance of the amount from the client's mean of the past 30 days, in sample deviations of at least one cent; "
     "fewer than two past transactions: NaN",
     "écart du montant à la moyenne du client des 30 derniers jours, en écarts-types d'échantillon d'au moins un "
     "centime ; moins de deux transactions passées : NaN"},
    {"nuit", kCurrent, "", "whether it is before 7 o'clock, UTC", "s'il est avant 7 heures, UTC", true},
    {"week_end", kCurrent, "", "whether it is Saturday or Sunday, UTC", "si c'est samedi ou dimanche, UTC", true},
    {"nouveau_terminal", kPast, "", "whether the client was not at this terminal in 30 days; no terminal: 0",
     "si le client n'était pas à ce terminal en 30 jours ; sans terminal : 0", true},
    {"nb_client_terminal_30j", kPast, "", "transactions of the client at this terminal in the past 30 days",
     "transactions du client à ce terminal dans les 30 derniers jours"},
    {"nouveau_pays", kPast, "", "whether the client was not in this country in 30 days; no country: 0",
     "si le client n'était pas dans ce pays en 30 jours ; sans pays : 0", true},
    {"terminal_nb_1j", kDelayed, "", "transactions at the terminal in the day that ended 7 days ago; no terminal: NaN",
     "transactions au terminal dans le jour achevé il y a 7 jours ; sans terminal : NaN"},
    {"terminal_nb_7j", kDelayed, "",
     "transactions at the terminal in the 7 days that ended 7 days ago; no terminal: NaN",
     "transactions au terminal dans les 7 jours achevés il y a 7 jours ; sans terminal : NaN"},
    {"terminal_nb_30j", kDelayed, "",
     "transactions at the terminal in the 30 days that ended 7 days ago; no terminal: NaN",
     "transactions au terminal dans les 30 jours achevés il y a 7 jours ; sans terminal : NaN"},
    {"terminal_risque_1j", kDelayed, "", "share of frauds among terminal_nb_1j; 0 of 0 is 0",
     "part de fraudes parmi terminal_nb_1j ; 0 sur 0 vaut 0"},
    {"terminal_risque_7j", kDelayed, "", "share of frauds among terminal_nb_7j; 0 of 0 is 0",
     "part de fraudes parmi terminal_nb_7j ; 0 sur 0 vaut 0"},
    {"terminal_risque_30j", kDelayed, "", "share of frauds among terminal_nb_30j; 0 of 0 is 0",
     "part de fraudes parmi terminal_nb_30j ; 0 sur 0 vaut 0"},
    {"historique_incomplet", kPast, "", "whether some of the past 30 days of the client were not kept any more",
     "si une partie des 30 derniers jours du client n'était plus conservée", true},
}};

}  // namespace

std::string_view to_string(Scope scope) {
  switch (scope) {
    case kWithCurrent: return "with_current";
    case kPast: return "past";
    case kCurrent: return "current";
    case kDelayed: return "delayed";
  }
  return "";
}

std::span<const Feature, kFeatures> features() { return kTable; }

std::optional<std::size_t> find_feature(std::string_view name) {
  const auto found = std::ranges::find(kTable, name, &Feature::name);
  if (found == kTable.end()) return std::nullopt;
  return static_cast<std::size_t>(found - kTable.begin());
}

std::string feature_table() {
  std::string text = "| Feature | Of | Unit | What it is | Ce que c'est |\n|---|---|---|---|---|\n";
  for (const Feature& feature : kTable) {
    text += "| `" + std::string(feature.name) + "` ";
    for (const std::string_view cell : {to_string(feature.scope), feature.unit, feature.text_en, feature.text_fr}) {
      text += "| ";
      text += cell;
      text += cell.empty() ? "" : " ";
    }
    text += "|\n";
  }
  return text;
}

}  // namespace vigie::history
