#include "schema/applicant.h"

#include <array>

namespace vigie::schema {
namespace {

constexpr double kMostMoney = 1e12;
constexpr double kMostCount = 1'000'000;

constexpr std::array<Field, kApplicantFields> kFields = {{
    {"client_id", FieldType::kText, Role::kOffset, 0, 0, "", "who asks; comes back in the answer",
     "le demandeur ; repris dans la réponse", true, false, TextForm::kIdentifier},
    {"age", FieldType::kInteger, Role::kInput, 18, 120, "years", "age of the applicant", "âge du demandeur"},
    {"revenu", FieldType::kNumber, Role::kInput, 0, kMostMoney, "a year", "income in a year", "revenu annuel", false,
     true},
    {"historique_impaye", FieldType::kInteger, Role::kInput, 0, kMostCount, "", "unpaid debts until now",
     "impayés jusqu'ici"},
    {"montant_credit", FieldType::kNumber, Role::kInput, 0, kMostMoney, "", "amount that is asked for",
     "montant demandé", true, true},
    {"taux_endettement", FieldType::kNumber, Role::kInput, 0, kMostMoney, "",
     "monthly debt payments as a share of monthly income", "charges de dette mensuelles rapportées au revenu mensuel",
     true},
    {"credits_ouverts", FieldType::kInteger, Role::kInput, 0, kMostCount, "", "open credits", "crédits en cours", true},
    {"personnes_a_charge", FieldType::kInteger, Role::kInput, 0, kMostCount, "", "dependants", "personnes à charge",
     true},
}};

constexpr Field kLabel = {"defaut",
                          FieldType::kFlag,
                          Role::kLabel,
                          0,
                          1,
                          "",
                          "1 where the credit was not repaid, 0 otherwise",
                          "1 si le crédit n'a pas été remboursé, 0 sinon"};

}  // namespace

std::span<const Field, kApplicantFields> applicant_fields() { return kFields; }
const Field& applicant_label() { return kLabel; }

}  // namespace vigie::schema
