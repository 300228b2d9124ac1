// The OpenAPI document against the running routes: what it names exists, what exists it names, its examples are sent
// and what comes back is held against its schemas.
#include "api/openapi.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "api/api_fixture.h"
#include "api/json_schema_check.h"
#include "api/local_issuer_fixture.h"
#include "schema/transaction.h"

namespace vigie::api {
namespace {

namespace json = boost::json;

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char letter) { return std::tolower(letter); });
  return out;
}

// With the routes of the local issuer, and asking for no token.
class OpenApiTest : public LocalIssuerFixture, public ApiTest {
 protected:
  OpenApiTest() : ApiTest(open_to_all()), document_(json::parse(get("/openapi.json").body)), check_(document_) {}

  Services open_to_all() const {
    Services open = services();
    open.authenticator = nullptr;
    return open;
  }
  const json::value& resolved(const json::value& value) const {
    const auto* reference = value.if_object() != nullptr ? value.as_object().if_contains("$ref") : nullptr;
    return reference == nullptr ? value : document_.at_pointer(std::string_view(reference->as_string()).substr(1));
  }

  // Calls visit(path, method, operation) for each operation of the document.
  template <typename Visit>
  void each_operation(Visit visit) const {
    for (const auto& [path, item] : document_.at("paths").as_object()) {
      for (const auto& [method, operation] : item.as_object()) visit(std::string(path), std::string(method), operation);
    }
  }

  http::RawReply ask(const std::string& method, const std::string& target, const std::string& fields,
                     const std::string& body = {}) {
    std::string verb = method;
    std::ranges::transform(verb, verb.begin(), [](unsigned char letter) { return std::toupper(letter); });
    http::RawClient client(server_->port());  // some refusals end the connection
    return client.ask(verb + " " + target + " HTTP/1.1\r\nHost: here\r\n" + fields + "\r\n" + body);
  }

  // The answer's status, type and body are among those that the operation names.
  void expect_documented(const json::value& operation, const http::RawReply& reply, const std::string& what) const {
    const auto* found = operation.at("responses").as_object().if_contains(std::to_string(reply.status));
    ASSERT_NE(found, nullptr) << what << " answers " << reply.status << " " << reply.body.substr(0, 300);
    const json::object& response = resolved(*found).as_object();
    for (const auto& [name, header] : response.at("headers").as_object()) {
      EXPECT_FALSE(reply.field(name).empty()) << what << " " << reply.status << " has no " << name;
    }
    const auto* content = response.if_contains("content");
    if (content == nullptr) {
      EXPECT_TRUE(reply.body.empty()) << what;
      return;
    }
    const std::string type = reply.field("Content-Type");
    const auto* form = content->as_object().if_contains(type.substr(0, type.find(';')));
    ASSERT_NE(form, nullptr) << what << " answers " << type;
    const json::value body = type == "application/json" ? json::parse(reply.body) : json::value(reply.body);
    EXPECT_EQ(check_.fault(form->at("schema"), body), "") << what;
  }

  // "?name=value" for every value of every parameter in the query, and "" for none.
  std::vector<std::string> queries(const json::value& operation) const {
    std::vector<std::string> all = {""};
    for (const auto& each : operation.at("parameters").as_array()) {
      const json::value& parameter = resolved(each);
      if (parameter.at("in") != "query") continue;
      const std::string start = "?" + std::string(parameter.at("name").as_string()) + "=";
      const json::object& schema = parameter.at("schema").as_object();
      if (const auto* choices = schema.if_contains("enum")) {
        for (const auto& choice : choices->as_array()) all.push_back(start + std::string(choice.as_string()));
      } else if (schema.at("type") == "integer") {
        for (const char* const name : {"minimum", "default", "maximum"}) {
          all.push_back(start + std::to_string(schema.at(name).as_int64()));
        }
      } else {
        EXPECT_EQ(schema.at("type"), "boolean") << start;
        all.insert(all.end(), {start + "true", start + "false"});
      }
    }
    return all;
  }

  json::value document_;
  JsonSchemaCheck check_;
};

TEST_F(OpenApiTest, NamesEveryRouteAndNoOther) {
  std::set<std::string> served;
  std::set<std::string> names;
  const std::string page = get("/docs").body;
  for (const http::Route* route : router_.routes()) {
    if (is_part_of_docs(*route)) {
      EXPECT_THAT(page, testing::HasSubstr('"' + route->path.substr(1) + '"')) << "the page does not load it";
      continue;
    }
    served.insert(lower(http::to_string(route->method)) + " " + route->path);
    names.insert(route->name);
  }
  std::set<std::string> documented;
  each_operation([&](const std::string& path, const std::string& method, const json::value&) {
    documented.insert(method + " " + path);
  });
  EXPECT_EQ(documented, served) << "a route needs a row in openapi_operations.cc";

  std::set<std::string> rows;
  for (const Operation& operation : operations()) rows.emplace(operation.route);
  rows.erase("login_callback");  // there where people log in at a provider (sessions_test.cc)
  EXPECT_EQ(rows, names) << "openapi_operations.cc has a row without a route, or the reverse";
}

TEST_F(OpenApiTest, NamesEveryMediaTypeThatARouteConsumes) {
  for (const http::Route* route : router_.routes()) {
    if (is_part_of_docs(*route)) {
      EXPECT_TRUE(route->consumes.empty()) << route->path;
      continue;
    }
    const json::object& operation =
        document_.at("paths").at(route->path).at(lower(http::to_string(route->method))).as_object();
    std::vector<std::string> types;
    if (const auto* body = operation.if_contains("requestBody")) {
      for (const auto& [type, content] : body->at("content").as_object()) types.emplace_back(type);
    }
    EXPECT_EQ(types, route->consumes) << route->path;
  }
}

TEST_F(OpenApiTest, EveryRequestExampleIsAnsweredAsDocumented) {
  std::size_t sent = 0;
  each_operation([&](const std::string& path, const std::string& method, const json::value& operation) {
    for (const std::string& query : queries(operation)) {
      const auto send = [&](const std::string& fields, const std::string& body, const std::string& what) {
        const auto reply = ask(method, path + query, fields, body);
        if (query.empty()) {
          // A login code that stands in a document is nobody's.
          EXPECT_EQ(reply.status, path == "/session" && method == "post" ? 401 : 200) << what << reply.body;
        }
        expect_documented(operation, reply, what);
        ++sent;
      };
      const auto* request = operation.as_object().if_contains("requestBody");
      if (request == nullptr) {
        send("", "", path + query);
        continue;
      }
      for (const auto& [type, content] : request->at("content").as_object()) {
        ASSERT_TRUE(content.as_object().contains("examples")) << path << " " << type;
        for (const auto& [name, example] : content.at("examples").as_object()) {
          const json::value& value = example.at("value");
          const std::string what = path + query + " " + std::string(type) + " " + std::string(name);
          EXPECT_EQ(check_.fault(content.at("schema"), value), "") << what;
          const std::string body = type == "application/json" ? json::serialize(value) : std::string(value.as_string());
          send("Content-Type: " + std::string(type) + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n",
               body, what);
        }
      }
    }
  });
  EXPECT_GT(sent, 40u);
}

TEST_F(OpenApiTest, RefusalsAreDocumented) {
  each_operation([&](const std::string& path, const std::string& method, const json::value& operation) {
    const auto refuse = [&](int status, const std::string& target, const std::string& fields,
                            const std::string& body = {}) {
      const auto reply = ask(method, target, fields, body);
      EXPECT_EQ(reply.status, status) << path << " " << fields << reply.body;
      expect_documented(operation, reply, path);
    };
    refuse(400, path, "Content-Length: 1\r\nContent-Length: 2\r\n");
    refuse(413, path, "Content-Type: application/json\r\nContent-Length: 99999999999\r\n");
    refuse(414, path + "?" + std::string(20'000, 'x'), "");
    refuse(417, path, "Expect: a-miracle\r\n");
    refuse(431, path, "X-Long: " + std::string(20'000, 'x') + "\r\n");
    refuse(501, path, "Transfer-Encoding: gzip\r\n");
    const auto* request = operation.as_object().if_contains("requestBody");
    if (request == nullptr) return;
    refuse(415, path, "Content-Type: image/png\r\nContent-Length: 1\r\n", "x");
    for (const auto& [type, content] : request->at("content").as_object()) {
      const std::string form = "Content-Type: " + std::string(type) + "\r\nContent-Length: ";
      refuse(400, path, form + "0\r\n");
      for (const std::string& query : queries(operation)) {
        if (!query.empty()) refuse(422, path + query.substr(0, query.find('=')) + "=perhaps", form + "2\r\n", "[]");
      }
    }
    refuse(422, path, "Content-Type: application/json\r\nContent-Length: 15\r\n", R"({"Time": false})");
  });
}

TEST_F(OpenApiTest, TooManyConnectionsAreRefusedAsDocumented) {
  const auto server = http::Server::open({.port = 0, .threads = 1, .limits = {.connections_per_address = 1}}, router_);
  ASSERT_TRUE(server) << server.error().to_string();
  (*server)->start();
  http::RawClient first((*server)->port());
  EXPECT_EQ(first.ask("GET /health HTTP/1.1\r\nHost: here\r\n\r\n").status, 200);
  http::RawClient second((*server)->port());
  const http::RawReply reply = second.reply();
  EXPECT_EQ(reply.status, 429);
  EXPECT_THAT(reply.body, testing::HasSubstr("\"too_many_requests\""));
  expect_documented(document_.at("paths").at("/health").at("get"), reply, "a second connection");
}

TEST_F(OpenApiTest, BadRowsAnswerAsDocumented) {
  const json::value& operation = document_.at("paths").at("/predict-batch").at("post");
  for (const std::string rows : {R"([{"Time": -1}, 7])", R"({"transactions": [{"V1": "x"}]})"}) {
    for (const std::string query : {"", "?on_error=fail"}) {
      const auto reply = post("/predict-batch" + query, rows);
      EXPECT_EQ(reply.status, query.empty() ? 200 : 422);
      expect_documented(operation, reply, rows + query);
    }
  }
}

// What the document says of a field is what the server does with it.
TEST_F(OpenApiTest, RangesAreThoseThatValidate) {
  const json::value& schema = document_.at("components").at("schemas").at("Transaction");
  const json::object& properties = schema.at("properties").as_object();
  ASSERT_EQ(properties.size(), schema::card_fields().size());
  json::object good;
  for (const auto& name : schema.at("required").as_array()) good[name.as_string()] = 1;
  EXPECT_EQ(good.size(), schema::kCardRaw);

  std::size_t refused = 0;
  for (const auto& [name, property] : properties) {
    const std::vector<json::value> values = {-1e300, -1, 0, 0.5, 1, 2, 1e300, true, false, nullptr, "1", "x"};
    for (const json::value& value : values) {
      json::object body = good;
      body[name] = value;
      const bool documented = check_.fault(schema, body).empty();
      refused += documented ? 0 : 1;
      EXPECT_EQ(post("/predict", json::serialize(body)).status, documented ? 200 : 422) << name << " " << value;
    }
    json::object without = good;
    without.erase(name);
    EXPECT_EQ(post("/predict", json::serialize(without)).status, check_.fault(schema, without).empty() ? 200 : 422);
  }
  EXPECT_GT(refused, properties.size());
  good["stranger"] = 1;
  EXPECT_NE(check_.fault(schema, good), "");
}

// The same of a request that a table of texts and numbers reads. A choice is taken in other spellings too.
TEST_F(OpenApiTest, FormsOfTextsAreThoseThatValidate) {
  const json::value& schema = document_.at("components").at("schemas").at("ClientTransaction");
  const json::object& properties = schema.at("properties").as_object();
  ASSERT_EQ(properties.size(), schema::kTransactionFields);
  const std::vector<json::value> values = {-1,
                                           0,
                                           0.5,
                                           2,
                                           1e300,
                                           true,
                                           nullptr,
                                           "1",
                                           "x y",
                                           "é",
                                           "FR",
                                           "EUR",
                                           "fr",
                                           "",
                                           "A:1",
                                           "type",
                                           "virement",
                                           "2026-11-21",
                                           "21/11/2026",
                                           json::array{},
                                           json::string(65, 'x'),
                                           json::string(64, 'x')};
  std::size_t taken = 0;
  std::size_t refused = 0;
  int number = 0;
  for (const auto& [name, property] : properties) {
    for (const json::value& value : values) {
      json::object body = {{"transaction_id", "TX" + std::to_string(++number)},
                           {"client_id", "C1"},
                           {"montant", 1},
                           {"type", "retrait"}};
      body[name] = value;
      const bool documented = check_.fault(schema, body).empty();
      (documented ? taken : refused) += 1;
      const int status = post("/fraude", json::serialize(body)).status;
      if (name == "transaction_id" && documented) {
        EXPECT_THAT(status, testing::AnyOf(200, 409)) << value;
      } else {
        EXPECT_EQ(status, documented ? 200 : 422) << name << " " << value;
      }
    }
  }
  EXPECT_GT(taken, properties.size());
  EXPECT_GT(refused, properties.size());
}

TEST_F(OpenApiTest, IsServedOnceToWhoKeepsIt) {
  const auto first = get("/openapi.json");
  const std::string etag = first.field("ETag");
  EXPECT_EQ(etag.size(), 66u);
  EXPECT_EQ(first.field("Cache-Control"), "no-cache");
  const json::value& operation = document_.at("paths").at("/openapi.json").at("get");
  for (const std::string& known : {etag, "\"other\", W/" + etag, std::string("*")}) {
    const auto again = get("/openapi.json", "If-None-Match: " + known + "\r\n");
    EXPECT_EQ(again.status, 304) << known;
    expect_documented(operation, again, known);
  }
  EXPECT_EQ(get("/openapi.json", "If-None-Match: \"other\"\r\n").status, 200);
}

}  // namespace
}  // namespace vigie::api
