#include "load/payloads.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "schema/card.h"

namespace vigie::load {
namespace {

boost::json::object parsed(const Payload& payload) { return boost::json::parse(payload.json).as_object(); }

TEST(Payloads, CardTransactionsHaveTheThirtyFieldsInTheirRanges) {
  PayloadSource source(Route::kPredict, {.seed = 3});
  const auto fields = schema::card_raw_fields();
  for (int i = 0; i < 500; ++i) {
    const auto object = parsed(source.next());
    ASSERT_EQ(object.size(), fields.size());
    for (const auto& field : fields) {
      EXPECT_TRUE(schema::accepts(field, object.at(field.name).to_number<double>())) << field.name;
    }
  }
}

TEST(Payloads, CreditRequestsKeepTheContract) {
  PayloadSource source(Route::kScore, {.seed = 3});
  std::size_t with_all = 0, unpaid = 0;
  for (int i = 0; i < 500; ++i) {
    const auto object = parsed(source.next());
    const auto age = object.at("age").as_int64();
    EXPECT_GE(age, 18);
    EXPECT_LE(age, 120);
    EXPECT_GT(object.at("revenu").to_number<double>(), 0);
    EXPECT_GE(object.at("historique_impaye").as_int64(), 0);
    unpaid += object.at("historique_impaye").as_int64() > 0 ? 1 : 0;
    if (const auto* credit = object.if_contains("montant_credit")) {
      EXPECT_GT(credit->to_number<double>(), 0);
      ++with_all;
    }
  }
  EXPECT_GT(with_all, 100u);
  EXPECT_LT(with_all, 500u) << "the core fields alone are a request as well";
  EXPECT_GT(unpaid, 20u);
}

TEST(Payloads, TransactionsKeepTheContractAndEachHasItsOwnIdentifier) {
  PayloadSource source(Route::kFraude, {.seed = 3, .first_serial = 41});
  const std::set<std::string> types{"virement", "paiement", "retrait", "dépôt", "achat_en_ligne"};
  std::set<std::string> seen_types, identifiers, clients;
  for (int i = 0; i < 500; ++i) {
    Payload payload = source.next();
    const auto object = parsed(payload);
    EXPECT_GT(object.at("montant").to_number<double>(), 0);
    seen_types.emplace(object.at("type").as_string());
    identifiers.emplace(object.at("transaction_id").as_string());
    clients.emplace(object.at("client_id").as_string());
    put_serial(payload.json.data() + payload.serial_at, 1234567);
    EXPECT_EQ(parsed(payload).at("transaction_id").as_string(), "TX0000000001234567");
  }
  EXPECT_EQ(seen_types, types);
  EXPECT_EQ(identifiers.size(), 500u);
  EXPECT_EQ(*identifiers.begin(), "TX0000000000000041");
  EXPECT_LT(clients.size(), 500u) << "clients come back";
}

TEST(Payloads, TheSeedDecidesAndALongerListBeginsWithTheShorterOne) {
  for (const Route route : {Route::kPredict, Route::kScore, Route::kFraude}) {
    PayloadSource one(route, {.seed = 5}), same(route, {.seed = 5}), other(route, {.seed = 6});
    bool differs = false;
    for (int i = 0; i < 40; ++i) {
      const std::string first = one.next().json;
      EXPECT_EQ(first, same.next().json);
      differs |= first != other.next().json;
    }
    EXPECT_TRUE(differs) << to_string(route);
  }
}

TEST(Payloads, CardTransactionsGoOnBeyondABlockOfTheSimulation) {
  PayloadSource source(Route::kPredict, {.seed = 5});
  std::set<std::string> distinct;
  for (int i = 0; i < 16'500; ++i) distinct.insert(source.next().json);
  EXPECT_EQ(distinct.size(), 16'500u);
}

TEST(Payloads, RoutesAreKnownByName) {
  EXPECT_EQ(find_route("fraude"), Route::kFraude);
  EXPECT_EQ(find_route("fraud"), std::nullopt);
  EXPECT_EQ(path_of(Route::kScore), "/score");
  EXPECT_FALSE(has_body(Route::kHealth));
}

}  // namespace
}  // namespace vigie::load
