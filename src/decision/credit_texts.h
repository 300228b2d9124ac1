// A credit decision in words, English and French, as an answer to the applicant has them.
#pragma once

#include <string>
#include <string_view>

#include "decision/credit_service.h"

namespace vigie::decision {

// "revenu_bas", "historique_impaye_eleve", "taux_endettement_absent", ...: the field, and what is wrong with its value.
// The same for ever: programs may compare it.
std::string_view reason_code(const CreditReason& reason);

// "Income in a year: 12,000, that is low; from 24,001 to 30,000, class B would be reached."
std::string reason_text(const CreditReason& reason, bool french);

// One plain sentence: what was decided, points, class, and how likely repayment is.
std::string credit_message(const CreditDecision& decision, bool french);

}  // namespace vigie::decision
