// The settings of POST /fraude.
#include "cli/setting_forms.h"
#include "schema/transaction.h"

namespace vigie::cli {

#define VIGIE_SETTING(member) ([](auto& config) -> auto& { return config.fraud.member; })

std::vector<Setting> fraud_settings() {
  using namespace forms;
  const auto are_countries = [](const Texts& given) {
    const schema::Field& country = schema::transaction_fields()[schema::kPays];
    return std::ranges::all_of(given, [&](const std::string& text) { return schema::accepts_text(country, text); });
  };
  constexpr std::uint32_t kMostKept = 1'000'000'000;
  return {
      flag("fraud.on", "whether POST /fraude is served", VIGIE_SETTING(on)),
      live(decimal("fraud.thresholds.montant_eleve", "amounts above it are high: seuils.montant_eleve in rules", 0,
                   1e12, VIGIE_SETTING(thresholds.high_amount))),
      live(count("fraud.thresholds.nb_transactions_24h",
                 "more of a client's in a day are unusual: seuils.nb_transactions_24h in rules", 0, 1'000'000,
                 VIGIE_SETTING(thresholds.transactions_a_day))),
      live(texts_that("fraud.thresholds.pays_suspect", "countries that rules call suspicious: pays_suspect in rules",
                      "a list of countries in two capitals (ISO 3166)", are_countries,
                      VIGIE_SETTING(thresholds.suspicious_countries))),
      live(share("fraud.bands.moyen", "risks from here on are middling", VIGIE_SETTING(bands.middle))),
      live(share("fraud.bands.eleve", "risks from here on are high, and to be checked", VIGIE_SETTING(bands.high))),
      live(share("fraud.bands.refuser", "risks from here on are refused", VIGIE_SETTING(bands.refuse))),
      choice(
          "fraud.history.durability",
          "when an answer is given: always: once its transaction is on the disk; interval: at once, and it is on the "
          "disk 100 ms later; never: at once, and it is kept by checkpoints alone",
          std::to_array<std::pair<std::string_view, history::Durability>>({{"always", history::Durability::kAlways},
                                                                           {"interval", history::Durability::kInterval},
                                                                           {"never", history::Durability::kNever}}),
          VIGIE_SETTING(durability)),
      count("fraud.history.clients", "whose past is kept; beyond, who was not seen for the longest goes", 1, kMostKept,
            VIGIE_SETTING(clients)),
      count("fraud.history.terminals", "the same of terminals", 1, kMostKept, VIGIE_SETTING(terminals)),
      duration("fraud.history.checkpoint", "between two snapshots of the history", VIGIE_SETTING(checkpoint), 1'000),
      text("fraud.history.redis.host",
           "Redis or Valkey that several servers share their history in; empty: it is in this process",
           "a name or an address, or empty", VIGIE_SETTING(redis.host)),
      count("fraud.history.redis.port", "of that server", 1, 65'535, VIGIE_SETTING(redis.port)),
      text("fraud.history.redis.path", "its Unix socket, instead of host and port", "a path, or empty",
           VIGIE_SETTING(redis.path)),
      text("fraud.history.redis.user", "whom it knows us as; empty: its default user", "a name, or empty",
           VIGIE_SETTING(redis.user)),
      secret("fraud.history.redis.password", "of that user", VIGIE_SETTING(redis.password)),
      count("fraud.history.redis.database", "the database that is selected", 0, 1'000'000,
            VIGIE_SETTING(redis.database)),
      text_that(
          "fraud.history.redis.prefix", "how the names of all keys begin", "1 to 64 letters, digits and . _ - :",
          [](const std::string& given) {
            return schema::accepts_text(schema::transaction_fields()[schema::kClientId], given);
          },
          VIGIE_SETTING(redis_prefix)),
      duration("fraud.history.redis.timeout",
               "for one write or read; a decision waits twice that at most, and then is a 503",
               VIGIE_SETTING(redis.answer)),
      bytes("fraud.remembered", "of answers that the same transaction_id gets again; the oldest go first", 1 << 16,
            VIGIE_SETTING(answer_bytes)),
      live(text("fraud.rules_file", "rules of a file of their own (docs/rules.md); empty: those of fraud.rules",
                "a path, or empty", VIGIE_SETTING(rules_file))),
  };
}

#undef VIGIE_SETTING

}  // namespace vigie::cli
