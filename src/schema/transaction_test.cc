#include "schema/transaction.h"

#include <gtest/gtest.h>

namespace vigie::schema {
namespace {

const Field& field(TransactionField which) { return transaction_fields()[which]; }

TEST(TransactionFields, StandWhereTheirPlacesSay) {
  const std::pair<TransactionField, std::string_view> places[] = {{kTransactionId, "transaction_id"},
                                                                  {kClientId, "client_id"},
                                                                  {kMontant, "montant"},
                                                                  {kType, "type"},
                                                                  {kDevise, "devise"},
                                                                  {kDate, "date_transaction"},
                                                                  {kPays, "pays"},
                                                                  {kTerminalId, "terminal_id"},
                                                                  {kHistoriqueImpaye, "historique_impaye"},
                                                                  {kCanal, "canal"}};
  for (const auto& [place, name] : places) EXPECT_EQ(field(place).name, name);
  EXPECT_EQ(std::size(places), kTransactionFields);
}

TEST(TransactionFields, FourMustBeGiven) {
  std::string required;
  for (const Field& candidate : transaction_fields()) {
    if (!candidate.optional) required += std::string(candidate.name) + " ";
  }
  EXPECT_EQ(required, "transaction_id client_id montant type ");
}

TEST(TransactionFields, AnAmountIsMoreThanNothing) {
  EXPECT_FALSE(accepts(field(kMontant), 0));
  EXPECT_TRUE(accepts(field(kMontant), 0.01));
  EXPECT_FALSE(accepts(field(kMontant), 1.1e12));
  EXPECT_EQ(expectation(field(kMontant)), "a finite number, more than 0, at most 1e+12");
}

TEST(TransactionFields, TypesAreTakenWhateverTheirCaseAndAccents) {
  EXPECT_EQ(choice_of(field(kType), "virement"), 0U);
  EXPECT_EQ(choice_of(field(kType), "DÉPÔT"), 3U);
  EXPECT_EQ(choice_of(field(kType), "depot"), 3U);
  EXPECT_EQ(choice_of(field(kType), "Achat_En_Ligne"), 4U);
  EXPECT_FALSE(choice_of(field(kType), "achat en ligne"));
  EXPECT_FALSE(choice_of(field(kType), ""));
  EXPECT_FALSE(choice_of(field(kType), "d\xE9p\xF4t"));
  EXPECT_FALSE(choice_of(field(kType), std::string(100, 'a')));
  EXPECT_EQ(expectation(field(kType), true), "virement, paiement, retrait, dépôt ou achat_en_ligne");
}

TEST(TransactionFields, IdentifiersAreShortAndPlain) {
  for (const std::string_view good : {"TX12345", "a", "A-b_c.d:9"}) {
    EXPECT_TRUE(accepts_text(field(kTransactionId), good)) << good;
  }
  EXPECT_TRUE(accepts_text(field(kClientId), std::string(64, 'x')));
  EXPECT_FALSE(accepts_text(field(kClientId), std::string(65, 'x')));
  for (const std::string_view bad : {"", "a b", "é", "a/b", "<script>", "a\n"}) {
    EXPECT_FALSE(accepts_text(field(kClientId), bad)) << bad;
  }
}

TEST(TransactionFields, MomentsCountriesAndCurrenciesHaveTheirForm) {
  for (const std::string_view good :
       {"2026-11-21", "2026-11-21T10:15:00Z", "2026-11-21T10:15:00.5+01:00", "1970-01-01"}) {
    EXPECT_TRUE(accepts_text(field(kDate), good)) << good;
  }
  for (const std::string_view bad : {"", "1969-12-31", "2106-02-08", "2026-13-01", "hier", "1732183200"}) {
    EXPECT_FALSE(accepts_text(field(kDate), bad)) << bad;
  }
  EXPECT_TRUE(accepts_text(field(kPays), "FR"));
  EXPECT_FALSE(accepts_text(field(kPays), "fr"));
  EXPECT_FALSE(accepts_text(field(kPays), "FRA"));
  EXPECT_TRUE(accepts_text(field(kDevise), "EUR"));
  EXPECT_FALSE(accepts_text(field(kDevise), "EU"));
}

}  // namespace
}  // namespace vigie::schema
