#include "decision/credit_texts.h"

#include <algorithm>
#include <cmath>

#include "base/number.h"

namespace vigie::decision {
namespace {

using Kind = CreditReason::Kind;
constexpr std::size_t kKinds = 5;

struct FieldWords {
  std::string_view codes[kKinds];  // in the order of Kind
  std::string_view en;
  std::string_view fr;
};

constexpr FieldWords kWords[schema::kApplicantFields] = {
    {{"", "", "", "", ""}, "", ""},
    {{"age_bas", "age_eleve", "age_absent", "age_particulier", "age_defavorable"}, "Age", "Âge"},
    {{"revenu_bas", "revenu_eleve", "revenu_absent", "revenu_particulier", "revenu_defavorable"},
     "Income in a year",
     "Revenu annuel"},
    {{"historique_impaye_bas", "historique_impaye_eleve", "historique_impaye_absent", "historique_impaye_particulier",
      "historique_impaye_defavorable"},
     "Unpaid debts until now",
     "Impayés jusqu’ici"},
    {{"montant_credit_bas", "montant_credit_eleve", "montant_credit_absent", "montant_credit_particulier",
      "montant_credit_defavorable"},
     "Amount that is asked for",
     "Montant demandé"},
    {{"taux_endettement_bas", "taux_endettement_eleve", "taux_endettement_absent", "taux_endettement_particulier",
      "taux_endettement_defavorable"},
     "Monthly debt payments as a share of income",
     "Charges de dette rapportées au revenu"},
    {{"credits_ouverts_bas", "credits_ouverts_eleve", "credits_ouverts_absent", "credits_ouverts_particulier",
      "credits_ouverts_defavorable"},
     "Credits that run already",
     "Crédits en cours"},
    {{"personnes_a_charge_bas", "personnes_a_charge_eleve", "personnes_a_charge_absent",
      "personnes_a_charge_particulier", "personnes_a_charge_defavorable"},
     "People who live on the income",
     "Personnes à charge"},
};

struct KindWords {
  std::string_view en;
  std::string_view fr;
};
constexpr KindWords kKindWords[kKinds] = {{"that is low", "c’est peu"},
                                          {"that is high", "c’est élevé"},
                                          {"not given", "non communiqué"},
                                          {"a value for special cases", "valeur de cas particulier"},
                                          {"less favourable than most", "moins favorable que la plupart"}};

// 1,234.5 and 1 234,5; at most four digits behind the point.
std::string number_text(double value, bool french) {
  const double rounded = std::round(value * 1e4) / 1e4;
  std::string text = format_double(rounded);
  if (!(rounded >= 0) || rounded >= 1e15) return text;
  const auto point = text.find('.');
  const std::string whole = with_thousands(static_cast<std::uint64_t>(rounded));
  const std::string rest = point == std::string::npos ? "" : text.substr(point + 1);
  if (!french) return rest.empty() ? whole : whole + "." + rest;
  std::string out;
  for (const char c : whole) out += c == ',' ? "\u202F" : std::string(1, c);
  return rest.empty() ? out : out + "," + rest;
}

// Never "100 %" of what is not certain.
std::string percent_text(double share, bool french) {
  const double shown = std::clamp(std::round(share * 1000) / 10, 0.1, 99.9);
  return number_text(shown, french) + (french ? "\u00A0%" : "%");
}

}  // namespace

std::string_view reason_code(const CreditReason& reason) {
  return kWords[reason.field].codes[static_cast<std::size_t>(reason.kind)];
}

std::string reason_text(const CreditReason& reason, bool french) {
  const FieldWords& field = kWords[reason.field];
  const KindWords& kind = kKindWords[static_cast<std::size_t>(reason.kind)];
  std::string out(french ? field.fr : field.en);
  out += french ? "\u00A0: " : ": ";
  if (!std::isnan(reason.value)) out += number_text(reason.value, french) + ", ";
  out += french ? kind.fr : kind.en;
  if (reason.wanted) {
    const bool more = *reason.wanted > reason.value;
    const std::string wanted = number_text(*reason.wanted, french);
    if (french) {
      out += more ? "\u00A0; à partir de " + wanted + ", " : "\u00A0; jusqu’à " + wanted + ", ";
      out += reason.reaches ? "la classe " + std::string(to_string(*reason.reaches)) + " serait atteinte"
                            : "aucun point ne serait perdu";
    } else {
      out += more ? "; from " + wanted + " on, " : "; up to " + wanted + ", ";
      out += reason.reaches ? "class " + std::string(to_string(*reason.reaches)) + " would be reached"
                            : "no points would be lost";
    }
  }
  return out + ".";
}

std::string credit_message(const CreditDecision& decision, bool french) {
  std::string out;
  switch (decision.outcome) {
    case model::CreditOutcome::kAccepted: out = french ? "Crédit accepté" : "Credit accepted"; break;
    case model::CreditOutcome::kStudied:
      out = french ? "Dossier à étudier par une personne" : "For a person to study";
      break;
    case model::CreditOutcome::kRefused: out = french ? "Crédit refusé" : "Credit refused"; break;
  }
  const std::string points = number_text(std::round(decision.points), french);
  const std::string letter(to_string(decision.credit_class));
  if (french) {
    return out + "\u00A0: " + points + " points, classe " + letter + ", probabilité de remboursement de " +
           percent_text(decision.score, true) + ".";
  }
  return out + ": " + points + " points, class " + letter + ", a probability of repayment of " +
         percent_text(decision.score, false) + ".";
}

}  // namespace vigie::decision
