// Forty mistakes that an analyst makes with the names that rules of /fraude have, all in one file: each is said, at its
// line and column of the file, with a hint that helps.
#include <gtest/gtest.h>

#include <string>

#include "decision/fraud_variables.h"
#include "rules/ruleset.h"

namespace vigie::decision {
namespace {

struct Refusal {
  std::string_view when;
  std::uint64_t column;  // in `when`
  std::string_view message;
  std::string_view remedy;
};

constexpr Refusal kRefusals[] = {
    {"montnat > 500", 1, "no field 'montnat'", "did you mean 'montant'?"},
    {"amount > 500", 1, "no field 'amount'", "list of fields"},
    {"has(payss)", 5, "no field 'payss'", "did you mean 'pays'?"},
    {"historique_impayes > 0", 1, "no field 'historique_impayes'", "did you mean 'historique_impaye'?"},
    {"historique.nb_transaction_24h > 5", 1, "no field 'historique.nb_transaction_24h'",
     "did you mean 'historique.nb_transactions_24h'?"},
    {"historique.montant_ratio_30d > 5.0", 1, "no field", "did you mean 'historique.montant_ratio_30j'?"},
    {"seuil.montant_eleve < montant", 1, "no field 'seuil.montant_eleve'", "did you mean 'seuils.montant_eleve'?"},
    {"montant > seuils.montant_elevé", 30, "'é' does not belong here", "letters without accents"},
    {"montant > seuils.nb_transaction_24h", 11, "no field", "did you mean 'seuils.nb_transactions_24h'?"},
    {"pays in pays_suspects", 9, "no field 'pays_suspects'", "did you mean 'pays_suspect'?"},
    {"pays == NG", 9, "no field 'NG'", "text stands in quotes"},
    {"terminal == 'T1'", 1, "no field 'terminal'", "list of fields"},
    {"scores > 0.9", 1, "no field 'scores'", "did you mean 'score'?"},
    {"type == 'depot'", 9, "'type' is never this text", "did you mean 'dépôt'?"},
    {"type in ['paiement', 'achat en ligne']", 22, "'type' is never this text", "did you mean 'achat_en_ligne'?"},
    {"montant = 500.0", 9, "'=' does not belong here", "write =="},
    {"montant => 500.0", 9, "'=' does not belong here", "write"},
    {"montant > 10 000", 14, "'000' does not belong here", "without groups"},
    {"montant > 10,000", 13, "',' does not belong here", "with a point"},
    {"montant > 10k", 11, "'10k' is no number", "operator"},
    {"montant > 500€", 14, "'€' does not belong here", "quote"},
    {"montant > 500.0 and has(pays)", 17, "'and' does not belong here", "write &&"},
    {"montant > 500.0 et has(pays)", 17, "'et' does not belong here", "write &&"},
    {"montant > 500.0 or score > 0.5", 17, "'or' does not belong here", "write ||"},
    {"pays not in pays_suspect", 6, "'not' does not belong here", "!(x in list)"},
    {"not has(pays)", 1, "'not' does not belong here", "as in !has(pays)"},
    {"pays == \"NG", 9, "not closed", "end it with \""},
    {"(montant > 500.0", 17, "')' is missing", "close each bracket"},
    {"montant > 500.0)", 16, "')' does not belong here", "close each bracket"},
    {"montant >", 10, "ends too soon", "write what belongs"},
    {"has(montant > 500.0)", 1, "has() takes one field", "has(pays)"},
    {"montant > '500'", 9, "between a double and a string", "without quotes"},
    {"pays > 5", 6, "between a string and an int", "quote"},
    {"pays == null", 6, "between a string and null", "has(field)"},
    {"pays in 'NG,RU'", 6, "'in' does not exist between a string and a string", "write a list"},
    {"montant in pays_suspect", 9, "'in' does not exist", "what the list holds"},
    {"montant > 5 * historique.montant_moyen_30j", 13, "between an int and a double", "as in 3.0"},
    {"historique.nouveau_pays == 1", 25, "between a bool and an int", "same"},
    {"!montant", 2, "! takes conditions", "compare it"},
    {"score", 1, "a rule is a condition, and this is of type double", "compare it"},
    {"date_transaction > '2026-01-01'", 18, "between a timestamp and a string", "timestamp('2026-01-31T00:00:00Z')"},
    {"date_transaction.getHour() < 6", 18, "no function 'getHour'", "did you mean 'getHours'?"},
    {"nuit(date_transaction, 'Europe/Pariss')", 24, "no time zone 'Europe/Pariss'", "'Europe/Paris'"},
    {"nuit(montant)", 1, "'nuit' does not take (double)", "it takes"},
    {"terminal_id.startWith('T')", 13, "no function 'startWith'", "did you mean 'startsWith'?"},
    {"terminal_id.matches('[T')", 21, "this is no pattern", "RE2"},
    {"folded(type) == 'depot'", 1, "no function 'folded'", "fold"},
    {"pays_suspect.exists(p)", 14, "takes a name and a condition", "list.exists(x, ...)"},
};

TEST(RuleRefusals, EachIsSaidAtItsPlaceInTheFileWithAHint) {
  constexpr std::size_t kWhenColumn = 11;
  std::string yaml = "rules:\n";
  for (std::size_t i = 0; i < std::size(kRefusals); ++i) {
    yaml += "  - name: r" + std::to_string(i) + "\n    text: {fr: a, en: a}\n    when: |-\n          " +
            std::string(kRefusals[i].when) + "\n    weight: 0.1\n";
  }
  const auto set = rules::Ruleset::parse(yaml, "rules.yaml", fraud_variables());
  ASSERT_FALSE(set);
  ASSERT_EQ(set.error().size(), std::size(kRefusals)) << "all in one go";
  EXPECT_GE(std::size(kRefusals), 40u);
  for (std::size_t i = 0; i < std::size(kRefusals); ++i) {
    const Refusal& expected = kRefusals[i];
    const Error& error = set.error()[i];
    EXPECT_EQ(error.place.line, 5 + 5 * i) << expected.when;
    EXPECT_EQ(error.place.column, kWhenColumn + expected.column - 1) << expected.when << ": " << error.to_string();
    EXPECT_NE(error.message.find(expected.message), std::string::npos) << expected.when << ": " << error.to_string();
    EXPECT_NE(error.remedy.find(expected.remedy), std::string::npos) << expected.when << ": " << error.to_string();
  }
}

}  // namespace
}  // namespace vigie::decision
