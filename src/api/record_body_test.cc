#include "api/record_body.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schema/applicant.h"
#include "schema/transaction.h"

namespace vigie::api {
namespace {

using testing::ElementsAre;

std::vector<std::string> problems(std::string_view body, std::span<const schema::Field> fields) {
  Record record;
  const RecordReading reading = read_record(body, fields, record);
  std::vector<std::string> out;
  if (reading.fault) out.push_back("malformed: " + std::string(reading.fault->english));
  for (const Problem& problem : reading.problems) {
    out.push_back(problem.field + ": " + std::string(type_of(problem.kind)) + ": " + message_of(problem, false));
  }
  return out;
}
std::vector<std::string> transaction_problems(std::string_view body) {
  return problems(body, schema::transaction_fields());
}

constexpr std::string_view kGood =
    R"({"transaction_id": "TX12345", "montant": 2000, "type": "virement", "client_id": "C1001")";

std::string good(std::string_view more = {}) { return std::string(kGood) + std::string(more) + "}"; }

TEST(RecordBody, GivesTheValuesInTheTablesOrder) {
  Record record;
  ASSERT_TRUE(read_record(good(R"(, "pays": "FR", "historique_impaye": 2, "canal": null)"),
                          schema::transaction_fields(), record)
                  .ok());
  EXPECT_EQ(record[schema::kTransactionId].text, "TX12345");
  EXPECT_EQ(record[schema::kMontant].number, 2000);
  EXPECT_EQ(record[schema::kPays].text, "FR");
  EXPECT_EQ(record[schema::kHistoriqueImpaye].number, 2);
  EXPECT_FALSE(record[schema::kCanal].given) << "null is left out";
  EXPECT_FALSE(record[schema::kDevise].given);
}

TEST(RecordBody, AnotherBodyLeavesNothingOfTheLastOne) {
  Record record;
  ASSERT_TRUE(read_record(good(R"(, "pays": "FR")"), schema::transaction_fields(), record).ok());
  ASSERT_TRUE(read_record(good(), schema::transaction_fields(), record).ok());
  EXPECT_FALSE(record[schema::kPays].given);
  EXPECT_EQ(record[schema::kPays].text, "");
}

TEST(RecordBody, TextIsDecoded) {
  Record record;
  ASSERT_TRUE(read_record(R"({"transaction_id": "T\u0058", "montant": 1, "type": "d\u00e9p\u00f4t", "client_id": "C"})",
                          schema::transaction_fields(), record)
                  .ok());
  EXPECT_EQ(record[schema::kTransactionId].text, "TX");
  EXPECT_EQ(record[schema::kType].text, "dépôt");
}

TEST(RecordBody, SaysAllProblemsAtOnce) {
  EXPECT_THAT(
      transaction_problems(R"({"transaction_id": "a b", "montant": -5, "type": "cadeau", "pays": "fr", "devise": 3,
                               "date_transaction": "demain", "historique_impaye": 1.5, "stranger": 1})"),
      ElementsAre("transaction_id: string_pattern_mismatch: Input should be 1 to 64 letters, digits or - _ . :",
                  "montant: greater_than: Input should be greater than 0",
                  "type: string_pattern_mismatch: Input should be virement, paiement, retrait, dépôt or achat_en_ligne",
                  "pays: string_pattern_mismatch: Input should be a country in two capitals (ISO 3166), such as FR",
                  "devise: string_type: Input should be a valid string",
                  "date_transaction: string_pattern_mismatch: Input should be a date and time such as "
                  "2026-11-21T10:15:00Z, from 1970 to 2106-02-06",
                  "historique_impaye: int_from_float: Input should be a valid integer",
                  "stranger: extra_forbidden: Extra inputs are not permitted", "client_id: missing: Field required"));
}

TEST(RecordBody, NamesTheFieldThatWasMeant) {
  EXPECT_THAT(transaction_problems(good(R"(, "pay": "FR")")),
              ElementsAre("pay: extra_forbidden: Extra inputs are not permitted; did you mean pays?"));
}

TEST(RecordBody, AFlagIsTrueOrFalse) {
  for (const auto* const value : {"\"true\"", "\"oui\"", "2", "0.5", "-1", "null", "[]"}) {
    Record record;
    const auto reading =
        read_record(R"({"transaction_id": "T", "terminal_id": "T1", "date_transaction": "2026-01-01", "fraude": )" +
                        std::string(value) + "}",
                    schema::label_fields(), record);
    ASSERT_EQ(reading.problems.size(), 1) << value;
    EXPECT_EQ(message_of(reading.problems[0], false), "Input should be a valid boolean: true or false") << value;
    EXPECT_EQ(type_of(reading.problems[0].kind), "bool_type");
  }
}

TEST(RecordBody, RefusesNumbersThatAreNone) {
  const auto of = [&](const std::string& amount) {
    const auto all = transaction_problems(
        R"({"transaction_id": "T", "client_id": "C", "type": "retrait", "montant": )" + amount + "}");
    return all.size() == 1 ? all[0].substr(0, all[0].find(": I")) : std::to_string(all.size()) + " problems";
  };
  EXPECT_EQ(of("\"12\""), "montant: float_type");
  EXPECT_EQ(of("\"12 EUR\""), "montant: float_parsing");
  EXPECT_EQ(of("NaN"), "montant: finite_number");
  EXPECT_EQ(of("1e999"), "montant: finite_number");
  EXPECT_EQ(of("0"), "montant: greater_than");
  EXPECT_EQ(of("1e13"), "montant: less_than_equal");
  EXPECT_EQ(of("true"), "montant: float_type");
  EXPECT_EQ(of("null"), "montant: float_type") << "a required field is not null";
  EXPECT_EQ(of("[1]"), "montant: float_type");
}

TEST(RecordBody, AFieldMayStandOnce) {
  EXPECT_THAT(transaction_problems(good(R"(, "montant": 3)")),
              ElementsAre("montant: duplicate_key: Field given more than once"));
}

TEST(RecordBody, WhatIsNoObjectIsSaid) {
  EXPECT_THAT(transaction_problems("[]"),
              ElementsAre(": model_attributes_type: Input should be a valid dictionary or object"));
  EXPECT_THAT(transaction_problems("{"), ElementsAre("malformed: Expecting property name enclosed in double quotes"));
  EXPECT_THAT(transaction_problems(good() + "x"), ElementsAre("malformed: Extra data"));
  EXPECT_THAT(transaction_problems("\xEF\xBB\xBF{}"), ElementsAre("malformed: The body starts with a byte order mark"));
  EXPECT_THAT(transaction_problems("{\"type\": \"d\xE9p\"}"), ElementsAre("malformed: The body is not UTF-8"));
}

TEST(RecordBody, ReadsAnApplicant) {
  Record record;
  EXPECT_TRUE(
      read_record(R"({"age":35,"revenu":50000,"historique_impaye":1})", schema::applicant_fields(), record).ok());
  EXPECT_EQ(record[schema::kAge].number, 35);
  EXPECT_THAT(problems(R"({"age":17,"revenu":0,"historique_impaye":-1})", schema::applicant_fields()),
              ElementsAre("age: greater_than_equal: Input should be greater than or equal to 18",
                          "revenu: greater_than: Input should be greater than 0",
                          "historique_impaye: greater_than_equal: Input should be greater than or equal to 0"));
}

}  // namespace
}  // namespace vigie::api
