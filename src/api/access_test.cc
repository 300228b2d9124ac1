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
    if (route.method == http::Method::kDelete) return send("DELETE", route.path, "", fields);
    if (route.name == "session_begin")
      return post(route.path, "{\"code\": \"" + login_code(Role::kViewer) + "\"}", fields);
    if (route.name == "fraude" || route.name == "fraud") return post(route.path, fraud_body("TX1"), fields);
    if (route.name == "labels") return post(route.path, label_body("TX1"), fields);
    if (route.name == "score") return post(route.path, R"({"age":35,"revenu":50000,"historique_impaye":1})", fields);
    const std::string body = route.name == "predict_batch" ? "[" + transaction(1) + "]" : transaction(1);
    return post(route.path, body, fields);
  }
};

// Another server, with other services.
class ApiFrom : public ApiTest {
 public:
  explicit ApiFrom(Services services) : ApiTest(std::move(services)) {}
  using ApiTest::get;

 private:
  void TestBody() override {}
};

// What the product promises, written down apart from the table that keeps it: the lowest role that may.
const std::map<std::string, std::string> kPromised = {
    {"health", "anyone"},      {"health_live", "anyone"},  {"health_ready", "anyone"},   {"features", "anyone"},
    {"openapi", "anyone"},     {"jwks", "anyone"},         {"discovery", "anyone"},      {"docs", "anyone"},
    {"login", "anyone"},       {"login_script", "anyone"}, {"session_begin", "anyone"},  {"session", "anyone"},
    {"metrics", "viewer"},     {"predict", "analyst"},     {"predict_batch", "analyst"}, {"admin_status", "admin"},
    {"admin_config", "admin"}, {"keys_rotate", "admin"},   {"session_end", "anyone"},    {"fraude", "analyst"},
    {"fraud", "analyst"},      {"score", "analyst"},       {"labels", "analyst"}};

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
      const bool ends = route->name == "session_end";  // whatever token it is asked with
      const auto as = identity::parse_role(role);
      const http::RawReply reply = ask(*route, ends && as ? bearer(issue(*as).text) : fields);
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
  names.insert("login_callback");  // there where people log in at a provider
  for (const AccessRule& rule : access_rules()) EXPECT_TRUE(names.contains(rule.route)) << rule.route;
  EXPECT_EQ(access_of("something new"), Access::kNobody);
}

TEST_F(AccessTest, ARouteThatIsInNoTableIsNobodys) {
  http::Router router;
  router.add({.path = "/new", .name = "new", .summary = "", .handler = [](const http::Request&, http::Response&) {}});
  router.set_error_writer([](const http::Rejection&, std::string_view, http::Response&) {});
  router.set_gate(std::make_shared<const AccessGate>(router, AccessOptions{.authenticator = services().authenticator}));
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

// As a proxy sends the requests of many over one connection: what was known of the last token is nothing of the next.
TEST_F(AccessTest, OneConnectionsCallersAreToldApart) {
  const std::string analyst = bearer(issue(Role::kAnalyst).text);
  const std::string viewer = bearer(issue(Role::kViewer).text);
  std::string bent = analyst;
  bent[bent.size() - 8] = bent[bent.size() - 8] == 'A' ? 'B' : 'A';
  for (int i = 0; i < 3; ++i) {
    for (int again = 0; again < 3; ++again) EXPECT_EQ(post("/predict", transaction(1), analyst).status, 200);
    for (int again = 0; again < 2; ++again) EXPECT_EQ(post("/predict", transaction(1), viewer).status, 403);
    EXPECT_EQ(post("/predict", transaction(1), bent).status, 401);
    EXPECT_EQ(post("/predict", transaction(1)).status, 401);
  }
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
  const auto events = audit_events(7);
  EXPECT_EQ(std::ranges::count_if(events, [](const auto& e) { return e.at("event.action") == "address-locked-out"; }),
            1);
  EXPECT_EQ(get("/health").status, 200);
  EXPECT_THAT(get("/metrics", bearer(known) + "Accept: text/plain\r\n").body, HasSubstr("vigie_locked_out_networks 1"));
}

class LimitedTest : public LocalIssuerFixture, public ApiTest {
 protected:
  LimitedTest() : ApiTest(services({"predict analyst 1/10m burst 3", "* admin 1/10m", "* viewer 2/10m"})) {}
};

TEST_F(LimitedTest, ASubjectAsksNoMoreOftenThanItMay) {
  const std::string fields = "Authorization: Bearer " + issue(Role::kAnalyst).text + "\r\n";
  for (int i = 0; i < 3; ++i) {
    const auto good = post("/predict", transaction(1), fields);
    EXPECT_EQ(good.status, 200);
    EXPECT_EQ(good.field("RateLimit-Limit"), "3") << "good answers say what is left";
    EXPECT_EQ(good.field("RateLimit-Remaining"), std::to_string(2 - i));
    EXPECT_EQ(good.head.find("RateLimit-Limit"), good.head.rfind("RateLimit-Limit"));
  }
  const auto refused = post("/predict", transaction(1), fields);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.field("RateLimit-Limit"), "3");
  EXPECT_EQ(refused.field("RateLimit-Remaining"), "0");
  EXPECT_GT(std::stoi(refused.field("RateLimit-Reset")), 1200);
  EXPECT_GT(std::stoi(refused.field("Retry-After")), 500);
  EXPECT_EQ(get("/health").status, 200);
  EXPECT_EQ(post("/predict-batch", "[" + transaction(1) + "]", fields).status, 200) << "the rule is of /predict alone";
}

TEST_F(LimitedTest, WhatIsForbiddenCountsToo) {
  const std::string fields = "Authorization: Bearer " + issue(Role::kViewer).text + "\r\n";
  EXPECT_EQ(post("/predict-batch", "[]", fields).field("RateLimit-Remaining"), "1");
  EXPECT_EQ(post("/predict-batch", "[]", fields).status, 403);
  EXPECT_EQ(post("/predict-batch", "[]", fields).status, 429);
}

TEST_F(LimitedTest, EachRoleHasItsOwnRule) {
  const std::string fields = "Authorization: Bearer " + issue(Role::kAdmin).text + "\r\n";
  EXPECT_EQ(post("/predict", transaction(1), fields).status, 200);
  EXPECT_EQ(get("/metrics", fields).status, 429) << "one bucket for all routes";
}

class AddressLimitedTest : public LocalIssuerFixture, public ApiTest {
 protected:
  AddressLimitedTest() : ApiTest(services({}, "2/10m")) {}
};

TEST_F(AddressLimitedTest, AnAddressAsksNoMoreOftenThanItMayWhoeverItIs) {
  EXPECT_EQ(get("/features").status, 200);
  EXPECT_EQ(post("/predict", transaction(1)).status, 401);
  const auto refused = get("/features");
  EXPECT_EQ(refused.status, 429);
  EXPECT_GT(std::stoi(refused.field("Retry-After")), 200);
  EXPECT_EQ(get("/health/ready").status, 200) << "whoever watches the server is not held back";
}

TEST_F(AccessTest, MetricsAreForTheAdminNetworkAndViewers) {
  EXPECT_EQ(get("/metrics").status, 401) << "127.0.0.1 is not in 192.0.2.0/24";
  EXPECT_EQ(get("/metrics", bearer(issue(Role::kViewer).text)).status, 200);
  Services near = services();
  near.admin_networks = *http::Networks::parse(std::vector<std::string>{"127.0.0.0/8"}, "admin_networks");
  ApiFrom network(near);
  EXPECT_EQ(network.get("/metrics").status, 200);
  EXPECT_EQ(network.get("/metrics", bearer("not a token")).status, 401) << "a bad token is told, wherever it is from";
}

TEST_F(AccessTest, EveryGrantAndRefusalIsWrittenDown) {
  const identity::IssuedToken token = issue(Role::kViewer);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(get("/metrics", bearer(token.text)).status, 200);
  EXPECT_EQ(post("/predict", transaction(1), bearer(token.text)).status, 403);
  EXPECT_EQ(post("/predict", transaction(1)).status, 401);
  EXPECT_EQ(post("/predict", transaction(1), bearer("a.b.c")).status, 401);
  const auto events = audit_events(4);
  ASSERT_EQ(events.size(), 4u);
  EXPECT_EQ(events[0].at("event.action"), "token-accepted") << "once, though it was used three times";
  EXPECT_EQ(events[0].at("user.id"), "ana");
  EXPECT_EQ(std::string(events[0].at("vigie.token.id").as_string()), token.id);
  EXPECT_EQ(events[1].at("event.action"), "access-denied");
  EXPECT_EQ(events[1].at("event.outcome"), "failure");
  EXPECT_EQ(events[1].at("user.id"), "ana");
  EXPECT_EQ(events[1].at("vigie.route"), "predict");
  EXPECT_EQ(events[2].at("event.reason"), "missing");
  EXPECT_EQ(events[3].at("event.reason"), "form");
  EXPECT_FALSE(events[3].contains("user.id"));
  std::string all;
  for (const auto& event : events) all += boost::json::serialize(event);
  EXPECT_THAT(all, Not(HasSubstr(token.text.substr(0, 30))));
  EXPECT_THAT(all, Not(HasSubstr(token.text.substr(token.text.rfind('.')))));
}

TEST_F(AccessTest, RefusalsAreCounted) {
  const std::string viewer = bearer(issue(Role::kViewer).text);
  post("/predict", transaction(1));
  post("/predict", transaction(1), bearer("x"));
  post("/predict", transaction(1), viewer);
  const auto metrics = get("/metrics", viewer);
  EXPECT_THAT(metrics.body, HasSubstr(R"("auth_failures_count": 2, "forbidden_count": 1)"));
  const auto text = get("/metrics", viewer + "Accept: text/plain\r\n");
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
  EXPECT_EQ(security("/~1predict/post"), R"([{"bearer":[]},{"session":[]}])");
  EXPECT_EQ(security("/~1health/get"), "[]");
  EXPECT_TRUE(document.at_pointer("/paths/~1predict/post/responses").as_object().contains("403"));
  EXPECT_FALSE(document.at_pointer("/paths/~1health/get/responses").as_object().contains("401"));
}

}  // namespace
}  // namespace vigie::api
