#include "schema/applicant.h"

#include <gtest/gtest.h>

namespace vigie::schema {
namespace {

TEST(ApplicantFields, StandWhereTheirPlacesSay) {
  const std::pair<ApplicantField, std::string_view> places[] = {{kApplicantId, "client_id"},
                                                                {kAge, "age"},
                                                                {kRevenu, "revenu"},
                                                                {kImpayes, "historique_impaye"},
                                                                {kMontantCredit, "montant_credit"},
                                                                {kTauxEndettement, "taux_endettement"},
                                                                {kCreditsOuverts, "credits_ouverts"},
                                                                {kPersonnesACharge, "personnes_a_charge"}};
  for (const auto& [place, name] : places) EXPECT_EQ(applicant_fields()[place].name, name);
  EXPECT_EQ(std::size(places), kApplicantFields);
}

TEST(ApplicantFields, ThreeMustBeGiven) {
  std::string required;
  for (const Field& candidate : applicant_fields()) {
    if (!candidate.optional) required += std::string(candidate.name) + " ";
  }
  EXPECT_EQ(required, "age revenu historique_impaye ");
}

TEST(ApplicantFields, HaveTheirRanges) {
  const auto fields = applicant_fields();
  EXPECT_FALSE(accepts(fields[kAge], 17));
  EXPECT_TRUE(accepts(fields[kAge], 18));
  EXPECT_FALSE(accepts(fields[kAge], 35.5));
  EXPECT_FALSE(accepts(fields[kAge], 121));
  EXPECT_FALSE(accepts(fields[kRevenu], 0));
  EXPECT_TRUE(accepts(fields[kRevenu], 0.5));
  EXPECT_FALSE(accepts(fields[kImpayes], -1));
  EXPECT_TRUE(accepts(fields[kTauxEndettement], 0));
}

}  // namespace
}  // namespace vigie::schema
