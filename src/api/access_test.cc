// Every route and every role, with real tokens over a real socket.
#include "api/access.h"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <map>
#include <set>

#include "api/api_fixture.h"
#include "api/local_issuer_fixture.h"

namespace vigie::api {
namespace {

using identity::Role;
using testing::HasSubstr;

class AccessTest : public LocalIssuerFixture, public ApiTest {
 protected:
  AccessTest() : ApiTest(services()) {}

  static std::string bearer(const std::string& token) { return "Authorization: Bearer " + token + "\r\n"; }
  http::RawReply ask(const http::Route& route, const std::string& fields) {
    if (route.method == http::Method::kGet) return get(route.path, fields);
    const std::string body = route.name == "predict_batch" ? "[" + transaction(1) + "]" : transaction(1);
    return post(route.path, body, fields);
  }
};

// What the product promises, written down apart from the table that keeps it: the lowest role that may.
const std::map<std::string, std::string> kPromised = {
    {"health", "anyone"},  {"health_live", "anyone"}, {"health_ready", "anyone"},  {"features", "anyone"},
    {"metrics", "anyone"}, {"openapi", "anyone"},     {"jwks", "anyone"},          {"discovery", "anyone"},
    {"docs", "anyone"},    {"predict", "analyst"},    {"predict_batch", "analyst"}};

TEST_F(AccessTest, EveryRouteForEveryRole) {
  const std::vector<std::pair<std::string, std::string>> askers = {{"nobody", ""},
                                                                   {"viewer", bearer(issue(Role::kViewer).text)},
                                                                   {"analyst", bearer(issue(Role::kAnalyst).text)},
                                                                   {"admin", bearer(issue(Role::kAdmin).text)}};
  const std::vector<std::string> order = {"nobody", "viewer", "analyst", "admin"};
  const auto height = [&](const std::string& role) {
    return role == "anyone" ? 0 : std::ranges::find(order, role) - order.begin();
  };
  for (const http::Route* route : router_.routes()) {
    const bool of_docs = route->name.starts_with("docs_");  // what that page is made of
    const auto promised = kPromised.find(of_docs ? "docs" : route->name);
    ASSERT_NE(promised, kPromised.end()) << route->name << " has no row in this table";
    for (const auto& [role, fields] : askers) {
      const http::RawReply reply = ask(*route, fields);
      const std::string what = route->name + " for " + role;
      if (height(role) >= height(promised->second)) {
        EXPECT_EQ(reply.status, 200) << what;
      } else {
        EXPECT_EQ(reply.status, role == "nobody" ? 401 : 403) << what;
        EXPECT_THAT(reply.field("WWW-Authenticate"), HasSubstr("Bearer realm=\"vigie\"")) << what;
      }
    }
  }
}

TEST_F(AccessTest, TheTableAndTheRoutesAreTheSame) {
  std::set<std::string, std::less<>> names;
  for (const http::Route* route : router_.routes()) {
    names.insert(route->name);
    EXPECT_NE(access_of(route->name), Access::kNobody) << route->name << " is not in access.cc";
  }
  for (const AccessRule& rule : access_rules()) EXPECT_TRUE(names.contains(rule.route)) << rule.route;
  EXPECT_EQ(access_of("something new"), Access::kNobody);
}

TEST_F(AccessTest, ARouteThatIsInNoTableIsNobodys) {
  http::Router router;
  router.add({.path = "/new", .name = "new", .summary = "", .handler = [](const http::Request&, http::Response&) {}});
  router.set_error_writer([](const http::Rejection&, std::string_view, http::Response&) {});
  router.set_gate(std::make_shared<const AccessGate>(router, services().authenticator));
  auto server = http::Server::open({.port = 0}, router);
  ASSERT_TRUE(server);
  (*server)->start();
  http::RawClient client((*server)->port());
  EXPECT_EQ(client.ask("GET /new HTTP/1.1\r\nHost: x\r\n" + bearer(issue(Role::kAdmin).text) + "\r\n").status, 403);
}

TEST_F(AccessTest, RefusalsSayWhyInTheContractsForm) {
  const auto missing = post("/predict", transaction(1));
  EXPECT_EQ(missing.field("WWW-Authenticate"), "Bearer realm=\"vigie\"") << "no error where nothing was given";
  EXPECT_EQ(missing.body,
            R"({"detail": [{"type": "unauthorized", "loc": ["header", "Authorization"], "msg": "no token"}]})");
  const std::string good = issue(Role::kAnalyst).text;
  const auto bent = post("/predict", transaction(1), bearer(good.substr(0, good.size() - 6)));
  EXPECT_EQ(bent.status, 401);
  EXPECT_EQ(bent.field("WWW-Authenticate"),
            "Bearer realm=\"vigie\", error=\"invalid_token\", error_description=\"the token's signature is wrong\"");
  EXPECT_THAT(bent.body, HasSubstr("the token's signature is wrong"));
  EXPECT_THAT(bent.body, Not(HasSubstr(good.substr(0, 20))));
  const auto french = post("/predict", transaction(1), "Accept-Language: fr\r\n" + bearer("x.y.z"));
  EXPECT_THAT(french.body, HasSubstr("ce n'est pas un jeton signé"));
  const auto basic = post("/predict", transaction(1), "Authorization: Basic dXNlcjpwYXNz\r\n");
  EXPECT_THAT(basic.field("WWW-Authenticate"), HasSubstr("invalid_request"));
  const auto low = post("/predict", transaction(1), bearer(issue(Role::kViewer).text));
  EXPECT_EQ(low.field("WWW-Authenticate"), "Bearer realm=\"vigie\", error=\"insufficient_scope\", scope=\"analyst\"");
  EXPECT_EQ(
      low.body,
      R"({"detail": [{"type": "forbidden", "loc": ["header", "Authorization"], "msg": "the role analyst is needed"}]})");
}

TEST_F(AccessTest, ARevokedTokenEndsThoughItWasKnown) {
  const identity::IssuedToken token = issue(Role::kAnalyst);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(post("/predict", transaction(1), bearer(token.text)).status, 200);
  revoke(token.id);
  const auto reply = post("/predict", transaction(1), bearer(token.text));
  EXPECT_EQ(reply.status, 401);
  EXPECT_THAT(reply.body, HasSubstr("revoked"));
}

TEST_F(AccessTest, WhoFailsIsLockedOutAndWhoIsKnownGoesOn) {
  const std::string known = issue(Role::kAnalyst).text;
  const std::string unknown = issue(Role::kAnalyst).text;
  EXPECT_EQ(post("/predict", transaction(1), bearer(known)).status, 200);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(post("/predict", transaction(1), bearer("a.b." + std::to_string(i))).status, 401);
  const auto locked = post("/predict", transaction(1), bearer(unknown));
  EXPECT_EQ(locked.status, 429);
  EXPECT_GT(std::stoi(locked.field("Retry-After")), 50) << "and only one such field";
  EXPECT_EQ(locked.head.find("Retry-After"), locked.head.rfind("Retry-After"));
  EXPECT_EQ(post("/predict", transaction(1), bearer(known)).status, 200);
  EXPECT_EQ(get("/health").status, 200);
  EXPECT_THAT(get("/metrics", "Accept: text/plain\r\n").body, HasSubstr("vigie_locked_out_networks 1"));
}

class LimitedTest : public LocalIssuerFixture, public ApiTest {
 protected:
  LimitedTest() : ApiTest(services(identity::RateLimit{.requests = 1, .per = std::chrono::minutes(10), .burst = 3})) {}
};

TEST_F(LimitedTest, ASubjectAsksNoMoreOftenThanItMay) {
  const std::string fields = "Authorization: Bearer " + issue(Role::kAnalyst).text + "\r\n";
  for (int i = 0; i < 3; ++i) EXPECT_EQ(post("/predict", transaction(1), fields).status, 200);
  const auto refused = post("/predict", transaction(1), fields);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.field("RateLimit-Limit"), "3");
  EXPECT_EQ(refused.field("RateLimit-Remaining"), "0");
  EXPECT_GT(std::stoi(refused.field("RateLimit-Reset")), 1200);
  EXPECT_GT(std::stoi(refused.field("Retry-After")), 500);
  EXPECT_EQ(get("/health").status, 200);
}

TEST_F(AccessTest, RefusalsAreCounted) {
  post("/predict", transaction(1));
  post("/predict", transaction(1), bearer("x"));
  post("/predict", transaction(1), bearer(issue(Role::kViewer).text));
  const auto metrics = get("/metrics");
  EXPECT_THAT(metrics.body, HasSubstr(R"("auth_failures_count": 2, "forbidden_count": 1)"));
  const auto text = get("/metrics", "Accept: text/plain\r\n");
  EXPECT_THAT(text.body, HasSubstr("vigie_auth_failures_total{reason=\"missing\"} 1\n"));
  EXPECT_THAT(text.body, HasSubstr("vigie_auth_failures_total{reason=\"form\"} 1\n"));
}

TEST_F(AccessTest, TheLocalIssuerPublishesItsKeys) {
  const auto keys = get("/.well-known/jwks.json");
  EXPECT_EQ(keys.status, 200);
  EXPECT_EQ(keys.field("Cache-Control"), "max-age=300");
  const auto set = identity::KeySet::parse(keys.body);
  ASSERT_TRUE(set);
  EXPECT_EQ(set->keys().size(), 1u);
  EXPECT_THAT(keys.body, Not(HasSubstr("\"d\"")));
  EXPECT_THAT(get("/.well-known/openid-configuration").body,
              HasSubstr(R"("jwks_uri": "http://localhost:8080/.well-known/jwks.json")"));
}

TEST_F(AccessTest, TheInterfaceSaysWhichRoutesWantATokenWhereTheyDo) {
  const auto document = boost::json::parse(get("/openapi.json").body);
  const auto security = [&](const char* operation) {
    return boost::json::serialize(document.at_pointer(std::string("/paths") + operation + "/security"));
  };
  EXPECT_EQ(security("/~1predict/post"), R"([{"bearer":[]}])");
  EXPECT_EQ(security("/~1health/get"), "[]");
  EXPECT_TRUE(document.at_pointer("/paths/~1predict/post/responses").as_object().contains("403"));
  EXPECT_FALSE(document.at_pointer("/paths/~1health/get/responses").as_object().contains("401"));
}

}  // namespace
}  // namespace vigie::api
