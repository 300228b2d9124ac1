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
  std::string_view missing_fr = "non communiqué";  // agreeing with `fr`
  std::string_view unit_fr{};
};

constexpr FieldWords kWords[schema::kApplicantFields] = {
    {{"", "", "", "", ""}, "", ""},
    {{"age_bas", "age_eleve", "age_absent", "age_particulier", "age_defavorable"},
     "Age",
     "Âge",
     "non communiqué",
     "\u00A0ans"},
    {{"revenu_bas", "revenu_eleve", "revenu_absent", "revenu_particulier", "revenu_defavorable"},
     "Income in a year",
     "Revenu annuel"},
    {{"historique_impaye_bas", "historique_impaye_eleve", "historique_impaye_absent", "historique_impaye_particulier",
      "historique_impaye_defavorable"},
     "Unpaid debts until now",
     "Impayés jusqu’ici",
     "non communiqués"},
    {{"montant_credit_bas", "montant_credit_eleve", "montant_credit_absent", "montant_credit_particulier",
      "montant_credit_defavorable"},
     "Amount that is asked for",
     "Montant demandé"},
    {{"taux_endettement_bas", "taux_endettement_eleve", "taux_endettement_absent", "taux_endettement_particulier",
      "taux_endettement_defavorable"},
     "Monthly debt payments as a share of income",
     "Charges de dette rapportées au revenu",
     "non communiquées"},
    {{"credits_ouverts_bas", "credits_ouverts_eleve", "credits_ouverts_absent", "credits_ouverts_particulier",
      "credits_ouverts_defavorable"},
     "Open credits",
     "Crédits en cours",
     "non communiqués"},
    {{"personnes_a_charge_bas", "personnes_a_charge_eleve", "personnes_a_charge_absent",
      "personnes_a_charge_particulier", "personnes_a_charge_defavorable"},
     "Dependants",
     "Personnes à charge",
     "non communiquées"},
};

struct KindWords {
  std::string_view en;
  std::string_view fr;
};
constexpr KindWords kKindWords[kKinds] = {{"that is low", "valeur basse, moins favorable"},
                                          {"that is high", "valeur élevée, moins favorable"},
                                          {"not given", ""},
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

// "at 0", "up to 2", "from 24,001 on", "from 1 to 6".
std::string wanted_text(const WantedValues& wanted, bool french) {
  const std::string nearest = number_text(wanted.nearest, french);
  if (wanted.furthest == wanted.nearest) return (french ? "avec " : "at ") + nearest;
  if (std::isinf(wanted.furthest)) {
    if (wanted.furthest < 0) return (french ? "jusqu’à " : "up to ") + nearest;
    return french ? "à partir de " + nearest : "from " + nearest + " on";
  }
  const std::string furthest = number_text(wanted.furthest, french);
  const bool rises = wanted.nearest < wanted.furthest;
  return (french ? "de " : "from ") + (rises ? nearest : furthest) + (french ? " à " : " to ") +
         (rises ? furthest : nearest);
}

}  // namespace

std::string_view reason_code(const CreditReason& reason) {
  return kWords[reason.field].codes[static_cast<std::size_t>(reason.kind)];
}

std::string reason_text(const CreditReason& reason, bool french) {
  const FieldWords& field = kWords[reason.field];
  const KindWords& kind = kKindWords[static_cast<std::size_t>(reason.kind)];
  std::string out(french ? field.fr : field.en);
  const bool given = !std::isnan(reason.value);
  if (french) {
    if (given) out += " (" + number_text(reason.value, true) + std::string(field.unit_fr) + ")";
    out += "\u00A0: " + std::string(reason.kind == Kind::kMissing ? field.missing_fr : kind.fr);
  } else {
    out += ": " + (given ? number_text(reason.value, false) + ", " : "") + std::string(kind.en);
  }
  if (reason.wanted) {
    out += (french ? "\u00A0; " : "; ") + wanted_text(*reason.wanted, french) + ", ";
    if (reason.reaches) {
      const std::string letter(to_string(*reason.reaches));
      out += french ? "la classe " + letter + " serait atteinte" : "class " + letter + " would be reached";
    } else {
      out += french ? "aucun point ne serait perdu" : "no points would be lost";
    }
  }
  return out + ".";
}

std::string credit_message(const CreditDecision& decision, bool french) {
  std::string out;
  switch (decision.outcome) {
    case model::CreditOutcome::kAccepted: out = french ? "Crédit accepté" : "Credit accepted"; break;
    case model::CreditOutcome::kStudied:
      out = french ? "Dossier à étudier par une personne" : "Referred for manual review";
      break;
    case model::CreditOutcome::kRefused: out = french ? "Crédit refusé" : "Credit refused"; break;
  }
  const std::string points = number_text(decision.points, french);
  const std::string letter(to_string(decision.credit_class));
  if (french) {
    return out + "\u00A0: " + points + " points, classe " + letter + ", probabilité de remboursement de " +
           percent_text(decision.score, true) + ".";
  }
  return out + ": " + points + " points, class " + letter + ", a probability of repayment of " +
         percent_text(decision.score, false) + ".";
}

}  // namespace vigie::decision
