// The fields of somebody who asks for credit: what POST /score takes and what credit models learn from.
#pragma once

#include <span>

#include "schema/field.h"

namespace vigie::schema {

// Places in applicant_fields().
enum ApplicantField : std::uint8_t {
  kApplicantId = 0,
  kAge,
  kRevenu,
  kImpayes,
  kMontantCredit,
  kTauxEndettement,
  kCreditsOuverts,
  kPersonnesACharge,
  kApplicantFields,
};

std::span<const Field, kApplicantFields> applicant_fields();
// "defaut": whether the credit was not repaid.
const Field& applicant_label();

}  // namespace vigie::schema
