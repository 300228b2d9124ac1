#include "schema/transaction.h"

#include <array>

namespace vigie::schema {
namespace {

constexpr double kNone = 0;  // a text has no range
constexpr double kMostAmount = 1e12;
constexpr std::array<std::string_view, kTransactionTypes> kTypes = {"virement", "paiement", "retrait", "dépôt",
                                                                    "achat_en_ligne"};

constexpr Field text(std::string_view name, TextForm form, bool optional, std::string_view english,
                     std::string_view french) {
  return {name, FieldType::kText, Role::kInput, kNone, kNone, "", english, french, optional, false, form};
}

constexpr std::array<Field, kTransactionFields> kFields = {{
    text("transaction_id", TextForm::kIdentifier, false,
         "names the transaction; the same one again gives the same answer",
         "nomme la transaction ; la même, renvoyée, reçoit la même réponse"),
    text("client_id", TextForm::kIdentifier, false, "whose transaction it is", "le client qui fait la transaction"),
    {"montant", FieldType::kNumber, Role::kInput, 0, kMostAmount, "", "amount of the transaction",
     "montant de la transaction", false, true},
    {"type", FieldType::kText, Role::kInput, kNone, kNone, "",
     "what kind of transaction it is; case and accents do not matter",
     "nature de la transaction ; majuscules et accents sont indifférents", false, false, TextForm::kChoice, kTypes},
    text("devise", TextForm::kCurrency, true, "currency of the amount; amounts are not converted",
         "devise du montant ; les montants ne sont pas convertis"),
    text("date_transaction", TextForm::kMoment, true,
         "when it was made, in UTC where no zone is given; now, where it is left out",
         "date de la transaction, en UTC sans fuseau indiqué ; maintenant, si elle manque"),
    text("pays", TextForm::kCountry, true, "country in which it was made", "pays où elle a été faite"),
    text("terminal_id", TextForm::kIdentifier, true, "terminal, shop or site at which it was made",
         "terminal, commerce ou site où elle a été faite"),
    {"historique_impaye", FieldType::kInteger, Role::kInput, 0, 1'000'000, "", "unpaid debts of the client until now",
     "impayés du client jusqu'ici", true},
    text("canal", TextForm::kIdentifier, true, "how it came in, such as mobile or agence",
         "voie d'entrée, telle que mobile ou agence"),
}};

constexpr Field kLabel = {
    "fraude", FieldType::kFlag, Role::kLabel, 0, 1, "", "1 for a fraud, 0 otherwise", "1 pour une fraude, 0 sinon"};

constexpr std::array<Field, kLabelFields> kLabelTable = {{
    text("transaction_id", TextForm::kIdentifier, false, "the transaction's, as it was sent to /fraude",
         "celui de la transaction, tel qu'envoyé à /fraude"),
    text("terminal_id", TextForm::kIdentifier, false, "the transaction's", "celui de la transaction"),
    text("date_transaction", TextForm::kMoment, false, "the transaction's, as it was sent or as /fraude answered it",
         "celle de la transaction, envoyée ou donnée en réponse par /fraude"),
    {"fraude", FieldType::kFlag, Role::kLabel, 0, 1, "", "whether it was a fraud; false takes an earlier true back",
     "si c'était une fraude ; false reprend un true antérieur"},
}};

}  // namespace

std::span<const Field, kTransactionFields> transaction_fields() { return kFields; }
std::span<const Field, kLabelFields> label_fields() { return kLabelTable; }
const Field& transaction_label() { return kLabel; }

}  // namespace vigie::schema
