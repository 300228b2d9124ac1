// The routes over a real socket, with a small model. For tests.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "api/api.h"
#include "base/number.h"
#include "decision/shipped_rules.h"
#include "history/embedded_history.h"
#include "http/raw_client.h"
#include "http/server.h"
#include "model/sample_credit_model.h"
#include "schema/card.h"

namespace vigie::api {

inline model::Tree stump(std::int32_t feature, float threshold, float low, float high) {
  model::Tree tree;
  tree.nodes = {{.left = 1, .right = 2, .feature = feature, .threshold = threshold, .cover = 256},
                {.value = low, .cover = 200},
                {.value = high, .cover = 56}};
  return tree;
}

inline std::shared_ptr<const decision::CardService> small_model() {
  model::LoadedCardModel loaded;
  loaded.info.version = "0123456789ab";
  loaded.model.boosted.forest = {.feature_count = schema::kCardInputs,
                                 .trees = {stump(0, 0.0f, -2, 2), stump(13, 1.0f, -1, 1)}};
  loaded.model.isolation.forest = {.feature_count = schema::kCardInputs,
                                   .comparison = model::Comparison::kLessEqual,
                                   .trees = {stump(28, 2.0f, 0, 0)}};
  loaded.model.combination.terms = {{std::string(model::kIsolationForest), 0.4, {}},
                                    {std::string(model::kXgboost), 0.6, {}}};
  loaded.model.threshold.value = 0.6;
  auto service = decision::CardService::make(std::move(loaded));
  EXPECT_TRUE(service) << service.error().to_string();
  return service ? *service : nullptr;
}

inline std::string transaction(double v1, std::string_view more = {}) {
  std::string body = R"({"Time": 10, "Amount": 2.5, "V1": )" + format_double(v1);
  for (int i = 2; i <= 28; ++i) body += ", \"V" + std::to_string(i) + "\": 0.5";
  return body + std::string(more) + "}";
}

inline std::shared_ptr<const decision::FraudService> fraud_service(std::shared_ptr<history::History> history,
                                                                   std::string_view rules) {
  auto set = rules::Ruleset::parse(rules, "rules.yaml", decision::fraud_variables());
  EXPECT_TRUE(set);
  return std::make_shared<const decision::FraudService>(std::move(history), history::EventKeys(KeyedHash({1, 2})),
                                                        std::make_shared<const rules::Ruleset>(*std::move(set)),
                                                        decision::FraudModel{}, decision::FraudOptions{});
}

inline std::shared_ptr<const decision::FraudService> small_fraud_service() {
  return fraud_service(history::EmbeddedHistory::make({}).value(), decision::shipped_rules());
}

inline std::shared_ptr<const decision::CreditService> small_credit_service() {
  model::LoadedCreditModel loaded;
  loaded.info.version = "ba9876543210";
  loaded.model = model::sample_credit_model();
  auto service = decision::CreditService::make(std::move(loaded));
  EXPECT_TRUE(service) << service.error().to_string();
  return service ? *service : nullptr;
}

inline std::string fraud_body(std::string_view id, std::string_view more = {}, double amount = 2000) {
  return R"({"transaction_id": ")" + std::string(id) + R"(", "montant": )" + format_double(amount) +
         R"(, "type": "virement", "client_id": "C1001")" + std::string(more) + "}";
}

inline std::string label_body(std::string_view id, std::string_view date = "2026-11-01T10:00:00Z") {
  return R"({"transaction_id": ")" + std::string(id) + R"(", "terminal_id": "T1", "date_transaction": ")" +
         std::string(date) + R"(", "fraude": true})";
}

class ApiTest : public testing::Test {
 protected:
  // `services` without a model; with whoever says who may ask, if that is to be asked.
  explicit ApiTest(Services services = {}) : service_(small_model()) {
    auto explainer = decision::CardExplainer::make(service_);
    EXPECT_TRUE(explainer);
    services.card = service_;
    services.card_explainer = *explainer;
    services.seed = 5;
    if (!services.fraud) services.fraud = small_fraud_service();
    services.credit = small_credit_service();
    services.fraud_answers = std::make_shared<AnswerMemory>(std::size_t{1} << 20);
    add_routes(router_, services);
    auto server = http::Server::open({.port = 0, .threads = 2, .metrics = services.server_metrics}, router_);
    EXPECT_TRUE(server);
    server_ = std::move(*server);
    server_->start();
    client_ = std::make_unique<http::RawClient>(server_->port());
  }

  http::RawReply get(const std::string& path, const std::string& fields = {}) {
    return client_->ask("GET " + path + " HTTP/1.1\r\nHost: here\r\n" + fields + "\r\n");
  }
  http::RawReply post(const std::string& path, const std::string& body, const std::string& fields = {},
                      const std::string& type = "application/json") {
    return client_->ask("POST " + path + " HTTP/1.1\r\nHost: here\r\nContent-Type: " + type + "\r\n" + fields +
                        "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }

  http::RawReply send(const std::string& method, const std::string& path, const std::string& body,
                      const std::string& fields = {}) {
    return client_->ask(method + " " + path + " HTTP/1.1\r\nHost: here\r\n" + fields +
                        "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }

  std::shared_ptr<const decision::CardService> service_;
  http::Router router_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<http::RawClient> client_;
};

}  // namespace vigie::api
